/**
 * What plugins do and use, as a table that fits the terminal.
 *
 * @module
 */

import { sanitizeText } from "../internal/sanitize_text.ts";
import type { PluginMetrics } from "../lifecycle/telemetry/plugin_metrics.ts";
import { formatBytes } from "../sandbox/limits/limit.ts";
import type { Output, Style } from "./output.ts";
import { STATE_STYLES } from "./plugin_rows.ts";
import { type Cell, formatTable } from "./table.ts";

/** By what the table can be sorted. */
export const SORT_COLUMNS = ["calls", "p99", "errors", "memory", "cpu"] as const;

/** A column to sort by. */
export type SortColumn = typeof SORT_COLUMNS[number];

/** A plugin between two looks. */
export interface PluginActivity extends PluginMetrics {
  /** Calls a second. */
  readonly callsPerSec: number;
  /** Calls that failed, a second. */
  readonly errorsPerSec: number;
  /** Events that it published or took, a second. */
  readonly eventsPerSec: number;
}

/** What happened between two looks. */
export function compareMetrics(
  before: readonly PluginMetrics[],
  now: readonly PluginMetrics[],
  tookMs: number,
): PluginActivity[] {
  const known = new Map(before.map((plugin) => [plugin.id, plugin]));
  return now.map((plugin) => {
    const old = known.get(plugin.id);
    const perSec = (count: (of: PluginMetrics) => number) =>
      // A plugin that was not there before has had no time yet.
      old === undefined ? 0 : Math.max(0, count(plugin) - count(old)) * 1_000 / tookMs;
    return {
      ...plugin,
      callsPerSec: perSec(({ calls }) => calls.total),
      errorsPerSec: perSec(({ calls }) => calls.failed),
      eventsPerSec: perSec(({ events }) => events.published + events.delivered),
    };
  });
}

const SORT_FIGURES: Readonly<Record<SortColumn, (plugin: PluginActivity) => number | undefined>> = {
  calls: ({ callsPerSec }) => callsPerSec,
  p99: ({ calls }) => calls.p99Ms,
  errors: ({ calls }) => calls.failed,
  memory: ({ memoryBytes }) => memoryBytes,
  cpu: ({ cpuShare }) => cpuShare,
};

/** Sorts by a column, the highest first; those alike by id. */
export function sortActivity(plugins: readonly PluginActivity[], by: SortColumn): PluginActivity[] {
  const figure = SORT_FIGURES[by];
  return plugins.toSorted((a, b) =>
    (figure(b) ?? -1) - (figure(a) ?? -1) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}

interface Column {
  readonly heading: string;
  readonly align?: "right";
  /** By what it is chosen with `--sort`. */
  readonly sort?: SortColumn;
  /** Columns with higher numbers go first where there is no room for all. */
  readonly spare: number;
  readonly text: (plugin: PluginActivity) => string;
  readonly style?: (plugin: PluginActivity) => Style | undefined;
}

const COLUMNS: readonly Column[] = [
  { heading: "PLUGIN", spare: 0, text: ({ id }) => sanitizeText(id) },
  {
    heading: "STATE",
    spare: 4,
    text: ({ state }) => state,
    style: ({ state }) => STATE_STYLES[state] ?? "bold",
  },
  figures("CALLS/S", 0, ({ callsPerSec }) => formatRate(callsPerSec), "calls"),
  figures("P50", 3, ({ calls }) => formatMs(calls.p50Ms)),
  figures("P99", 1, ({ calls }) => formatMs(calls.p99Ms), "p99"),
  figures("IN FLIGHT", 6, ({ calls }) => formatCount(calls.inFlight)),
  {
    ...figures("ERRORS", 2, ({ calls }) => formatCount(calls.failed), "errors"),
    style: ({ errorsPerSec }) => errorsPerSec > 0 ? "red" : undefined,
  },
  figures("EVENTS/S", 5, ({ eventsPerSec }) => formatRate(eventsPerSec)),
  figures(
    "MEMORY",
    1,
    ({ memoryBytes }) => memoryBytes === undefined ? "-" : formatBytes(memoryBytes),
    "memory",
  ),
  figures(
    "CPU",
    1,
    ({ cpuShare }) => cpuShare === undefined ? "-" : `${Math.round(cpuShare * 100)} %`,
    "cpu",
  ),
];

function figures(heading: string, spare: number, text: Column["text"], sort?: SortColumn): Column {
  return { heading, align: "right", spare, text, sort };
}

/** Renders plugins as a table, with the columns that there is room for. */
export function formatActivity(
  plugins: readonly PluginActivity[],
  { output, sort }: { output: Output; sort: SortColumn },
): string[] {
  const cells = COLUMNS.map((column): Cell[] => {
    const { heading, align } = column;
    const look = column.sort === sort ? "bold" : "dim";
    return [
      { text: heading, align, style: (text) => output.style(look, text) },
      ...plugins.map((plugin): Cell => {
        const style = column.style?.(plugin);
        return {
          text: column.text(plugin),
          align,
          ...(style === undefined ? {} : { style: (text: string) => output.style(style, text) }),
        };
      }),
    ];
  });
  const widths = cells.map((column) => Math.max(...column.map(({ text }) => text.length)));
  // The last column of a terminal wraps on some.
  const shown = chooseColumns(widths, output.width - 1);
  return formatTable(cells[0]!.map((_, row) => shown.map((column) => cells[column]![row]!)));
}

/** Leaves out what can be spared until the rest fits. */
function chooseColumns(widths: readonly number[], room: number): number[] {
  const shown = COLUMNS.map((_, index) => index);
  const needed = () => shown.reduce((sum, column) => sum + widths[column]! + 2, -2);
  while (needed() > room) {
    const spared = Math.max(...shown.map((column) => COLUMNS[column]!.spare));
    if (spared === 0) break;
    shown.splice(shown.findLastIndex((column) => COLUMNS[column]!.spare === spared), 1);
  }
  return shown;
}

/** How many of something, a second. */
export function formatRate(perSec: number): string {
  return perSec > 0 && perSec < 10 ? perSec.toFixed(1) : formatCount(Math.round(perSec));
}

function formatCount(count: number): string {
  return count.toLocaleString("en");
}

function formatMs(ms: number | undefined): string {
  if (ms === undefined) return "-";
  if (ms < 0.0995) return `${Math.round(ms * 1_000)} µs`;
  if (ms < 9.95) return `${Number(ms.toPrecision(2))} ms`;
  return ms < 9_950 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1_000)} s`;
}
