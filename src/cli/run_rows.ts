/**
 * The plugins of a host as they stand, for a screen that is drawn again and
 * again: as many rows as there is room for, those that need attention first.
 *
 * @module
 */

import { sanitizeText } from "../internal/sanitize_text.ts";
import { formatUptime } from "../lifecycle/crashes/crash_words.ts";
import type { PluginSummary } from "../lifecycle/plugin_summary.ts";
import type { PluginState } from "../lifecycle/state.ts";
import type { Output } from "./output.ts";
import { STATE_STYLES } from "./plugin_rows.ts";
import { type Cell, formatTable } from "./table.ts";

/** States that change soon, then those that something is wrong with; the rest after them. */
const ATTENTION: readonly (readonly PluginState[])[] = [
  ["starting", "stopping", "reloading", "backoff"],
  ["failed", "degraded", "invalid", "blocked"],
];

/** A plugin and what is known of it besides. */
export interface LivePlugin extends PluginSummary {
  /** How often it was started again. */
  readonly restarts: number;
  /** What it was doing last, where it is not its state that tells. */
  readonly doing?: string | undefined;
}

/** Renders plugins as a table of at most so many lines, heading and last line included. */
export function formatLive(
  plugins: readonly LivePlugin[],
  { output, now, maxLines }: {
    readonly output: Pick<Output, "style" | "width">;
    readonly now: number;
    readonly maxLines: number;
  },
): string[] {
  const isRoom = plugins.length + 1 <= maxLines;
  const shown = isRoom ? plugins : byAttention(plugins).slice(0, Math.max(1, maxLines - 2));
  const heading = ["PLUGIN", "VERSION", "STATE", "SINCE", "RESTARTS", "LAST"].map((text): Cell => ({
    text,
    style: (plain) => output.style("dim", plain),
    ...(text === "SINCE" || text === "RESTARTS" ? { align: "right" as const } : {}),
  }));
  const rows = shown.map((plugin): Cell[] => [
    { text: sanitizeText(plugin.id) },
    { text: plugin.version ?? "-" },
    { text: plugin.state, style: (text) => output.style(STATE_STYLES[plugin.state] ?? "bold", text) },
    { text: formatAge(now - Date.parse(plugin.since)), align: "right" },
    { text: `${plugin.restarts}`, align: "right" },
    { text: lastOf(plugin) },
  ]);
  // The last column of a terminal wraps on some.
  const lines = formatTable([heading, ...rows], output.width - 1);
  return isRoom ? lines : [...lines, output.style("dim", `… ${plugins.length - shown.length} more`)];
}

/** How many of them run, and what the others are. */
export function countStates(plugins: readonly PluginSummary[]): string {
  const serving = plugins.filter(({ state }) => state === "running" || state === "degraded");
  const others = Map.groupBy(
    plugins.filter((plugin) => !serving.includes(plugin)),
    ({ state }) => state,
  );
  return [
    `${serving.length} of ${plugins.length} plugins run`,
    ...[...others].map(([state, { length }]) => `${length} ${state}`),
  ].join(", ");
}

function byAttention(plugins: readonly LivePlugin[]): LivePlugin[] {
  const rank = ({ state }: LivePlugin) => {
    const at = ATTENTION.findIndex((states) => states.includes(state));
    return at < 0 ? ATTENTION.length : at;
  };
  return plugins.toSorted((a, b) => rank(a) - rank(b));
}

/** Whole seconds: tenths of them would be all that moves. */
function formatAge(ms: number): string {
  return ms < 60_000 ? `${Math.max(0, Math.floor(ms / 1_000))} s` : formatUptime(ms);
}

function lastOf({ message, doing }: LivePlugin): string {
  return sanitizeText(message ?? doing ?? "").replaceAll(/\s+/g, " ");
}
