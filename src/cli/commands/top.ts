/**
 * `cordon top [ID...]`: what the plugins of the running host do and use, live
 * on a terminal, as one table in a pipe.
 *
 * @module
 */

import type { HostControl } from "../../control/control.ts";
import { CordonError, errorMessage } from "../../errors.ts";
import { pause } from "../../internal/pause.ts";
import { parseDuration } from "../../internal/units.ts";
import type { PluginMetrics } from "../../lifecycle/telemetry/plugin_metrics.ts";
import { isServing } from "../../lifecycle/state.ts";
import { requireRunning } from "../host_access.ts";
import { listenForKeys } from "../keys.ts";
import { LiveScreen } from "../live_screen.ts";
import { type CommandContext, dataDir } from "../options.ts";
import type { Output } from "../output.ts";
import { listenForTermination } from "../termination.ts";
import {
  compareMetrics,
  formatActivity,
  formatRate,
  type PluginActivity,
  SORT_COLUMNS,
  sortActivity,
  type SortColumn,
} from "../top_rows.ts";

const DEFAULT_INTERVAL_MS = 1_000;
/** Looking more often would show the looking. */
const MIN_INTERVAL_MS = 100;

/** What was seen between two looks. */
interface Look {
  readonly time: Date;
  readonly intervalMs: number;
  readonly plugins: readonly PluginActivity[];
}

/** Watches what plugins do and use. */
export async function top(context: CommandContext, ...ids: string[]): Promise<number> {
  const { output, options } = context;
  const intervalMs = parseInterval(options.interval as string | undefined);
  const sort = parseSort(options.sort as string | undefined);
  await using host = await requireRunning(context);
  using termination = listenForTermination();
  const signal = AbortSignal.any([context.signal, termination.signal]);
  try {
    const isLive = options.once !== true && output.isTerminal;
    const looks = watch(host, { ids, intervalMs, signal, isLive });
    if (isLive) {
      await showLive(looks, { output, sort });
    } else {
      for await (const look of looks) {
        print(look, output, sort);
        if (options.once === true || !output.json) break;
      }
    }
  } catch (error) {
    if (!(error instanceof CordonError) || error.code !== "channel_closed") throw error;
    const hint = "See what happened: cordon journal";
    throw new CordonError("not_running", `The host on "${dataDir(context)}" has stopped`, {
      hint,
      cause: error,
    });
  }
  context.signal.throwIfAborted();
  return 0;
}

/** Prints one table, or one document. */
function print({ time, intervalMs, plugins }: Look, output: Output, sort: SortColumn): void {
  const sorted = sortActivity(plugins, sort);
  output.document({ time: time.toISOString(), intervalMs: Math.round(intervalMs), plugins: sorted });
  for (const line of formatActivity(sorted, { output, sort })) output.line(line);
}

/** Draws until the last look, or until somebody has seen enough. */
async function showLive(
  looks: AsyncGenerator<Look>,
  { output, sort }: { output: Output; sort: SortColumn },
): Promise<void> {
  let last: Look | undefined;
  let table: string[] = [];
  const screen = new LiveScreen(output);
  const draw = () => {
    if (last === undefined) return;
    table = formatActivity(sortActivity(last.plugins, sort), { output, sort });
    screen.show([...summarize(last, output, sort), ...table]);
  };
  const enough = Promise.withResolvers<undefined>();
  const onKey = (key: string) => {
    if (key === "q") enough.resolve(undefined);
    if (key !== "s") return;
    sort = SORT_COLUMNS[(SORT_COLUMNS.indexOf(sort) + 1) % SORT_COLUMNS.length]!;
    draw();
  };
  // Windows tells nobody; the next look draws for the new size there.
  const tellsSize = Deno.build.os !== "windows";
  try {
    using _keys = listenForKeys(onKey);
    if (tellsSize) Deno.addSignalListener("SIGWINCH", draw);
    for (;;) {
      const next = await Promise.race([looks.next(), enough.promise]);
      if (next === undefined || next.done) break;
      last = next.value;
      draw();
    }
  } finally {
    if (tellsSize) Deno.removeSignalListener("SIGWINCH", draw);
    screen[Symbol.dispose]();
    // What was seen last stays to be read.
    for (const line of table) output.line(line);
  }
}

/** What is above the table: a line, and what can be pressed. */
function summarize({ time, plugins }: Look, output: Output, sort: SortColumn): string[] {
  const running = plugins.filter(({ state }) => isServing(state)).length;
  const callsPerSec = plugins.reduce((sum, plugin) => sum + plugin.callsPerSec, 0);
  const facts = [
    time.toTimeString().slice(0, 8),
    `${running} of ${plugins.length} plugins run`,
    `${formatRate(callsPerSec)} calls/s`,
    `by ${sort}`,
  ].join(" · ");
  const keys = "q quits, s sorts by another column";
  const isRoom = facts.length + keys.length + 3 < output.width;
  return [output.style("bold", facts) + (isRoom ? output.style("dim", ` · ${keys}`) : ""), ""];
}

/** Looks, with an interval between each two; a live one begins with what is there. */
async function* watch(
  host: HostControl,
  { ids, intervalMs, signal, isLive }: {
    ids: readonly string[];
    intervalMs: number;
    signal: AbortSignal;
    isLive: boolean;
  },
): AsyncGenerator<Look> {
  let before = await readMetrics(host, ids);
  let lookedAt = performance.now();
  if (isLive) yield { time: new Date(), intervalMs, plugins: compareMetrics(before, before, intervalMs) };
  for (;;) {
    await pause(intervalMs, signal);
    if (signal.aborted) return;
    const now = await readMetrics(host, ids);
    const at = performance.now();
    const tookMs = at - lookedAt;
    yield { time: new Date(), intervalMs: tookMs, plugins: compareMetrics(before, now, tookMs) };
    before = now;
    lookedAt = at;
  }
}

async function readMetrics(host: HostControl, ids: readonly string[]): Promise<readonly PluginMetrics[]> {
  const plugins = await host.metrics();
  const missing = ids.find((id) => plugins.every((plugin) => plugin.id !== id));
  if (missing !== undefined) {
    throw new CordonError("not_found", `Cannot find the plugin "${missing}"`, {
      hint: `There are ${plugins.map(({ id }) => id).join(", ")}`,
    });
  }
  return ids.length === 0 ? plugins : plugins.filter(({ id }) => ids.includes(id));
}

function parseInterval(text: string | undefined): number {
  if (text === undefined) return DEFAULT_INTERVAL_MS;
  const hint = "For example --interval 500ms";
  try {
    const ms = parseDuration(text);
    if (ms >= MIN_INTERVAL_MS) return ms;
  } catch (cause) {
    throw new CordonError("usage", errorMessage(cause), { hint, cause });
  }
  throw new CordonError("usage", `Cannot look every ${text}: at least ${MIN_INTERVAL_MS} ms`, { hint });
}

function parseSort(text: string | undefined): SortColumn {
  const column = SORT_COLUMNS.find((known) => known === (text ?? SORT_COLUMNS[0]));
  if (column !== undefined) return column;
  throw new CordonError("usage", `Cannot sort by "${text}"`, {
    hint: `Columns are ${SORT_COLUMNS.join(", ")}`,
  });
}
