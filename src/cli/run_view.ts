/**
 * What the plugins of a host do, below the lines that stay: drawn again when
 * something happens, and each second.
 *
 * @module
 */

import type { PluginHost } from "../host.ts";
import { LiveTable } from "./live_table.ts";
import type { Output } from "./output.ts";
import { countStates, formatLive } from "./run_rows.ts";

/** Time between two drawings, at least and at most. */
const [MIN_DRAW_MS, MAX_DRAW_MS] = [100, 1_000];
/** Lines that are left for what stays, at least. */
const SPARE_LINES = 4;

/** How much is shown: while plugins start nothing else is of interest. */
export type RunViewMode = "starting" | "serving";

/** Shows the plugins of a host on a terminal. */
export class RunView implements Disposable {
  readonly #host: Pick<PluginHost, "journal" | "list" | "metrics">;
  readonly #output: Output;
  readonly #table: LiveTable;
  readonly #following = new AbortController();
  /** What plugins did last that is no state, by id. */
  readonly #doing = new Map<string, string>();
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #mode: RunViewMode | "hidden" = "hidden";
  /** Whether the next drawing is not the usual one. */
  #isSoon = false;

  /**
   * @param host The host.
   * @param output A terminal.
   */
  constructor(host: Pick<PluginHost, "journal" | "list" | "metrics">, output: Output) {
    this.#host = host;
    this.#output = output;
    this.#table = new LiveTable(output);
    void this.#follow();
  }

  /** Shows them from now on. */
  show(mode: RunViewMode): void {
    this.#mode = mode;
    this.#draw();
  }

  /** Clears them away. */
  hide(): void {
    this.#mode = "hidden";
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    this.#table.show([]);
  }

  /** Prints lines that stay, above them. */
  print(line: string): void {
    this.#table.print([line]);
  }

  /** Clears them away for good. */
  [Symbol.dispose](): void {
    this.#following.abort();
    this.hide();
  }

  async #follow(): Promise<void> {
    for await (const { type, id, facts } of this.#host.journal.follow({ signal: this.#following.signal })) {
      if (id === undefined) continue;
      if (type === "plugin.state") this.#doing.delete(id);
      else if (typeof facts.message === "string") this.#doing.set(id, facts.message);
      if (this.#mode !== "hidden") this.#drawWithin(MIN_DRAW_MS);
    }
  }

  /** Draws soon, if that is before it would anyway. */
  #drawWithin(ms: number): void {
    if (ms === MIN_DRAW_MS && this.#isSoon) return;
    clearTimeout(this.#drawing);
    this.#isSoon = ms === MIN_DRAW_MS;
    this.#drawing = setTimeout(() => this.#draw(), ms);
  }

  #draw(): void {
    this.#isSoon = false;
    const restarts = new Map(this.#host.metrics().map((metrics) => [metrics.id, metrics.restarts]));
    const plugins = this.#host.list().map((plugin) => ({
      ...plugin,
      restarts: restarts.get(plugin.id) ?? 0,
      doing: this.#doing.get(plugin.id),
    }));
    const { height } = this.#output;
    const room = this.#mode === "starting" ? height - SPARE_LINES : Math.floor(height / 2);
    this.#table.show([
      "",
      this.#output.style("bold", countStates(plugins)),
      ...formatLive(plugins, {
        output: this.#output,
        now: Date.now(),
        maxLines: Math.max(3, room),
      }),
    ]);
    this.#drawWithin(MAX_DRAW_MS);
  }
}
