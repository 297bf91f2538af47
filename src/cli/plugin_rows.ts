/**
 * Plugins as rows of a table, and what to do about those that do not run.
 *
 * @module
 */

import { sanitizeText } from "../internal/sanitize_text.ts";
import type { PluginSummary } from "../lifecycle/plugin_summary.ts";
import type { PluginState } from "../lifecycle/state.ts";
import { exposureCell } from "./exposure_rows.ts";
import type { Output, Style } from "./output.ts";
import { type Cell, formatTable } from "./table.ts";

const MIN_WIDTH_FOR_EXPOSURE = 100;

/** How states look. */
export const STATE_STYLES: Readonly<Partial<Record<PluginState, Style>>> = {
  running: "green",
  ready: "cyan",
  starting: "yellow",
  degraded: "yellow",
  backoff: "yellow",
  blocked: "yellow",
  failed: "red",
  invalid: "red",
  stopped: "dim",
};

/** Renders plugins as a table. */
export function formatPlugins(plugins: readonly PluginSummary[], output: Output): string[] {
  // What a plugin may reach says more than a figure, so that is left out where both do not fit.
  const isWide = output.width >= MIN_WIDTH_FOR_EXPOSURE;
  const heading = ["PLUGIN", "VERSION", "STATE", "TIER", ...isWide ? ["EXPOSURE"] : [], "MAY REACH"]
    .map((text): Cell => ({ text, style: (plain) => output.style("dim", plain) }));
  const rows = plugins.map((plugin): Cell[] => [
    { text: sanitizeText(plugin.id) },
    { text: plugin.version ?? "-" },
    {
      text: plugin.reason === undefined ? plugin.state : `${plugin.state} (${plugin.reason})`,
      style: (text) => output.style(STATE_STYLES[plugin.state] ?? "bold", text),
    },
    { text: plugin.tier ?? "-" },
    ...isWide ? [exposureCell(plugin.exposure, output)] : [],
    { text: describeReach(plugin) },
  ]);
  return formatTable([heading, ...rows], output.width);
}

/** What to do about each plugin that does not run, and each version that waits. */
export function hintsOf(plugins: readonly PluginSummary[], output: Output): string[] {
  const waiting = plugins.flatMap(({ pending }) => pending === undefined ? [] : [pending]);
  const idle = plugins.filter(({ message, state }) => message !== undefined && state !== "stopped");
  return [...idle, ...waiting].flatMap((plugin) => [
    `${output.style("yellow", "!")} ${sanitizeText(plugin.message!)}`,
    ...(plugin.hint === undefined ? [] : [`    ${sanitizeText(plugin.hint)}`]),
  ]);
}

/** What a plugin may reach, in a few words. */
function describeReach({ permissions, state, reason }: PluginSummary): string {
  if (permissions.length > 0) {
    return permissions.map(({ kind, value }) => `${kind} ${sanitizeText(value)}`).join(", ");
  }
  return state === "invalid" || reason !== undefined ? "-" : "its own folder";
}
