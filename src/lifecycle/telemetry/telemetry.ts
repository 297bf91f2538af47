/**
 * Looks at every call, event and start of a host's plugins: counts them, hands
 * on the trace that they belong to and, where OpenTelemetry is on, makes spans
 * and metrics of them.
 *
 * @module
 */

import { formatTraceparent, normalizeTraceparent, TraceSource } from "../../internal/trace_context.ts";
import { CallMetrics } from "./call_metrics.ts";
import type {
  CallBeginning,
  CallObserver,
  DeliveryBeginning,
  EventBeginning,
  EventObserver,
  ObservedCall,
  ObservedDelivery,
} from "./call_observer.ts";
import type { LimitWatch } from "../limits/limit_watch.ts";
import { findMeter, findTracing, type Span } from "./open_telemetry.ts";
import { PluginMeters } from "./plugin_meters.ts";
import { describeMetrics, type PluginMetrics } from "./plugin_metrics.ts";
import { endSpan, PluginSpans } from "./plugin_spans.ts";
import type { PluginTable } from "../plugin_table.ts";

/** What it looks at besides. */
export interface TelemetryContext {
  /** The plugins. */
  readonly table: Pick<PluginTable, "list">;
  /** What they use. */
  readonly limits: Pick<LimitWatch, "usageOf">;
}

/** Looks at a host's plugins. */
export class Telemetry implements CallObserver, EventObserver, Disposable {
  readonly #context: TelemetryContext;
  readonly #counts = new Map<string, CallMetrics>();
  readonly #traces = new TraceSource();
  readonly #spans: PluginSpans | undefined;
  readonly #meters: PluginMeters | undefined;

  /** @param context What it looks at besides. */
  constructor(context: TelemetryContext) {
    this.#context = context;
    const tracing = findTracing();
    this.#spans = tracing && new PluginSpans(tracing);
    const meter = findMeter();
    this.#meters = meter && new PluginMeters(meter, () => this.list());
  }

  /** What each plugin does and uses, by id. */
  list(): PluginMetrics[] {
    const now = performance.now();
    return this.#context.table.list().map(({ id, state }) => {
      const usage = this.#context.limits.usageOf(id);
      return describeMetrics({ id, state, counts: this.#counts.get(id), usage }, now);
    });
  }

  /** Calls into a plugin that ended, over all its runs. */
  countCalls(id: string): Readonly<Pick<CallMetrics, "calls" | "failed">> {
    return this.#countsOf(id);
  }

  /** A call into a plugin begins. */
  begin(call: CallBeginning): ObservedCall {
    const counts = this.#countsOf(call.callee);
    counts.inFlight++;
    const span = this.#spans?.beginCall(call);
    return new Call(call.callee, { counts, span, meters: this.#meters }, this.#traceOf(span, call.trace));
  }

  /** An event is published. */
  publish(event: EventBeginning): string {
    if (event.publisher !== "host") this.#countsOf(event.publisher).published++;
    return this.#traceOf(this.#spans?.publish(event), event.trace);
  }

  /** An event is handed to a plugin. */
  deliver(delivery: DeliveryBeginning): ObservedDelivery {
    const counts = this.#countsOf(delivery.subscriber);
    counts.dropped += delivery.missed;
    const span = this.#spans?.beginDelivery(delivery);
    return new HandedEvent(counts, span, this.#traceOf(span, delivery.trace));
  }

  /** Starts a plugin, under observation. */
  async start(id: string, run: () => Promise<void>): Promise<void> {
    this.#countsOf(id).starts++;
    const span = this.#spans?.beginStart(id);
    let failure: unknown;
    try {
      return await run();
    } catch (error) {
      failure = error ?? "unknown";
      throw error;
    } finally {
      if (span !== undefined) endSpan(span, failure);
    }
  }

  /** Looks at nothing any more. */
  [Symbol.dispose](): void {
    this.#meters?.[Symbol.dispose]();
  }

  #countsOf(id: string): CallMetrics {
    let counts = this.#counts.get(id);
    if (counts === undefined) this.#counts.set(id, counts = new CallMetrics());
    return counts;
  }

  /** The span's place in its trace; where nothing is recorded the caller's own, or a new trace. */
  #traceOf(span: Span | undefined, trace: string | undefined): string {
    if (span !== undefined) return formatTraceparent(span.spanContext());
    return (trace === undefined ? undefined : normalizeTraceparent(trace)) ?? this.#traces.begin();
  }
}

/** A call that is under way: one object and no closure, since there is one for each call. */
class Call implements ObservedCall {
  readonly trace: string;
  readonly beganAt: number = performance.now();
  readonly #callee: string;
  readonly #counts: CallMetrics;
  readonly #span: Span | undefined;
  readonly #meters: PluginMeters | undefined;

  constructor(
    callee: string,
    { counts, span, meters }: {
      counts: CallMetrics;
      span: Span | undefined;
      meters: PluginMeters | undefined;
    },
    trace: string,
  ) {
    this.trace = trace;
    this.#callee = callee;
    this.#counts = counts;
    this.#span = span;
    this.#meters = meters;
  }

  end(error?: unknown): void {
    const counts = this.#counts;
    const now = performance.now();
    const tookMs = now - this.beganAt;
    counts.inFlight--;
    counts.calls++;
    if (error !== undefined) counts.failed++;
    counts.tookMs.record(tookMs, now);
    if (this.#span !== undefined) endSpan(this.#span, error);
    this.#meters?.recordCall(this.#callee, tookMs);
  }
}

/** An event that a plugin is being handed. */
class HandedEvent implements ObservedDelivery {
  readonly trace: string;
  readonly #counts: CallMetrics;
  readonly #span: Span | undefined;

  constructor(counts: CallMetrics, span: Span | undefined, trace: string) {
    this.trace = trace;
    this.#counts = counts;
    this.#span = span;
  }

  end(error?: unknown): void {
    this.#counts.delivered++;
    if (this.#span !== undefined) endSpan(this.#span, error);
  }
}
