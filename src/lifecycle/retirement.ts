/**
 * Incarnations that serve no more and still have something to end: calls that
 * last longer than a takeover waits for, streams that are read.
 *
 * @module
 */

import { settlesWithin } from "../internal/settles_within.ts";
import type { Incarnation } from "./incarnation.ts";
import type { PluginEntry } from "./plugin_table.ts";

/** Of one plugin at most; then the oldest is ended. */
const MAX_RETIRED = 3;
/** Time between two looks at one with streams. */
const LOOK_MS = 50;

/** Ends incarnations when they have nothing to do any more. */
export class Retirement {
  readonly #retired = new Map<PluginEntry, Incarnation[]>();

  /** Takes one that serves no more; it ends by itself, whatever it still does by its manifest's choice. */
  add(entry: PluginEntry, incarnation: Incarnation): void {
    const retired = this.#retired.get(entry) ?? [];
    this.#retired.set(entry, [...retired, incarnation]);
    for (const oldest of retired.slice(0, retired.length + 1 - MAX_RETIRED)) {
      void end(oldest, "replaced again");
    }
    void this.#finish(entry, incarnation);
  }

  /** Ends those of a plugin. */
  async end(entry: PluginEntry, reason: string): Promise<void> {
    await Promise.all((this.#retired.get(entry) ?? []).map((incarnation) => end(incarnation, reason)));
  }

  async #finish(entry: PluginEntry, incarnation: Incarnation): Promise<void> {
    const { instance, plan } = incarnation;
    const { unfinished, drainMs } = plan.found.manifest!.reload;
    const hasEnded = new AbortController();
    const exited = incarnation.exited.then(() => hasEnded.abort());
    // What was in flight when another took over ends here, and nothing begins any more.
    const mayFinish = () => unfinished === "finish" && !hasEnded.signal.aborted;
    await instance.drain(drainMs);
    while (mayFinish() && (instance.inFlight.calls > 0 || instance.inFlight.streams > 0)) {
      await settlesWithin(exited, LOOK_MS);
    }
    await end(incarnation, "a new version has taken over");
    const retired = this.#retired.get(entry)!.filter((other) => other !== incarnation);
    if (retired.length > 0) this.#retired.set(entry, retired);
    else this.#retired.delete(entry);
  }
}

async function end(incarnation: Incarnation, reason: string): Promise<void> {
  await incarnation.stop({ graceMs: incarnation.plan.found.manifest!.reload.drainMs, reason });
}
