/**
 * What plugins do and use as OpenTelemetry's metrics. Only how long calls take
 * is handed over call by call; everything else is counted anyway, and asked
 * for when it is sent.
 *
 * @module
 */

import type { Meter, Observable, ObservableResult } from "./open_telemetry.ts";
import type { PluginMetrics } from "./plugin_metrics.ts";

/** Bounds of the buckets for durations, in seconds: from a call in memory to one that is waited for. */
const DURATION_BOUNDS = [
  0.0001,
  0.00025,
  0.0005,
  0.001,
  0.0025,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
];
const PLUGIN = "cordon.plugin.id";

/** Hands the figures of plugins over. */
export class PluginMeters implements Disposable {
  readonly #meter: Meter;
  readonly #duration: ReturnType<Meter["createHistogram"]>;
  readonly #figures: Readonly<Record<"calls" | "events" | "memory" | "cpu" | "restarts", Observable>>;
  readonly #observe: (result: ObservableResult) => void;

  /**
   * @param meter Where they go.
   * @param list Every plugin as it is now.
   */
  constructor(meter: Meter, list: () => readonly PluginMetrics[]) {
    this.#meter = meter;
    this.#duration = meter.createHistogram("cordon.call.duration", {
      unit: "s",
      description: "How long calls into plugins take",
      advice: { explicitBucketBoundaries: DURATION_BOUNDS },
    });
    const counter = (name: string, unit: string, description: string) =>
      meter.createObservableCounter(name, { unit, description });
    this.#figures = {
      calls: counter("cordon.calls", "{call}", "Calls into plugins that ended"),
      events: counter("cordon.events", "{event}", "Events that plugins published, took or missed"),
      restarts: counter("cordon.plugin.restarts", "{restart}", "Starts of plugins after their first"),
      cpu: counter("cordon.plugin.cpu", "s", "Processor time of a plugin's process"),
      memory: meter.createObservableGauge("cordon.plugin.memory", {
        unit: "By",
        description: "Memory that is a plugin's own",
      }),
    };
    this.#observe = (result) => {
      for (const plugin of list()) this.#observePlugin(result, plugin);
    };
    meter.addBatchObservableCallback(this.#observe, Object.values(this.#figures));
  }

  /** Takes how long a call took. */
  recordCall(id: string, tookMs: number): void {
    this.#duration.record(tookMs / 1_000, { [PLUGIN]: id });
  }

  /** Hands nothing over any more. */
  [Symbol.dispose](): void {
    this.#meter.removeBatchObservableCallback(this.#observe, Object.values(this.#figures));
  }

  #observePlugin(
    result: ObservableResult,
    { id, calls, events, restarts, memoryBytes, cpuSec }: PluginMetrics,
  ): void {
    const about = { [PLUGIN]: id };
    const figures = this.#figures;
    result.observe(figures.calls, calls.total - calls.failed, { ...about, "cordon.outcome": "done" });
    result.observe(figures.calls, calls.failed, { ...about, "cordon.outcome": "failed" });
    for (const [what, count] of Object.entries(events)) {
      result.observe(figures.events, count, { ...about, "cordon.event": what });
    }
    result.observe(figures.restarts, restarts, about);
    if (memoryBytes !== undefined) result.observe(figures.memory, memoryBytes, about);
    if (cpuSec !== undefined) result.observe(figures.cpu, cpuSec, about);
  }
}
