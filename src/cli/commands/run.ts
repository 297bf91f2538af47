/**
 * `cordon run`: start, show, serve.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import { openHost, type PluginHost } from "../../host.ts";
import type { PluginSummary } from "../../lifecycle/plugin_summary.ts";
import type { JournalEvent } from "../../store/journal.ts";
import { LiveTable } from "../live_table.ts";
import { type CommandContext, toHostOptions } from "../options.ts";
import type { Output } from "../output.ts";
import { formatPlugins, hintsOf } from "../plugin_rows.ts";

/** Starts the plugins and serves until a signal, or until the report with `--once`. */
export async function run(context: CommandContext, ...dirs: string[]): Promise<number> {
  const { output, options, signal } = context;
  const hostOptions = toHostOptions(context, dirs);
  await using host = await openHost(hostOptions);
  assertSome(host, hostOptions.plugins);
  const startedAt = performance.now();
  await showWhileStarting(host, output);
  const plugins = host.list();
  reportStart(plugins, { output, tookMs: performance.now() - startedAt, isOnce: options.once === true });
  if (options.once === true) return exitCodeOfStart(plugins);
  if (plugins.every(({ state }) => state !== "running" && state !== "ready")) return exitCodeOfStart(plugins);
  return await serve(host, output, signal);
}

/** The exit code of a start: that of the gravest thing that kept a plugin from starting. */
export function exitCodeOfStart(plugins: readonly PluginSummary[]): number {
  const has = (test: (plugin: PluginSummary) => boolean) => plugins.some(test);
  if (has(({ state, reason }) => state === "invalid" || reason === "variable")) return 3;
  if (has(({ state }) => state === "failed")) return 1;
  if (has(({ reason }) => reason === "dependency" || reason === "conflict")) return 4;
  return has(({ reason }) => reason === "consent" || reason === "policy") ? 5 : 0;
}

/** Fails when there is nothing to run. */
export function assertSome(host: PluginHost, dirs: readonly string[]): void {
  if (host.list().length > 0) return;
  const shown = dirs.map((dir) => `"${dir}"`).join(", ");
  throw new CordonError("no_plugins", `Cannot find a plugin in ${shown}: no folder there has a plugin.toml`, {
    hint: "Name a folder of plugins, as in: cordon run ./plugins",
  });
}

async function showWhileStarting(host: PluginHost, output: Output): Promise<void> {
  if (!output.isTerminal) return void await host.start();
  const table = new LiveTable(output);
  const stopping = new AbortController();
  const follow = (async () => {
    table.show(formatPlugins(host.list(), output));
    for await (const event of host.journal.follow({ signal: stopping.signal })) {
      if (event.type === "plugin.state") table.show(formatPlugins(host.list(), output));
    }
  })();
  try {
    await host.start();
  } finally {
    stopping.abort();
    await follow;
    table.show(formatPlugins(host.list(), output));
  }
}

function reportStart(
  plugins: readonly PluginSummary[],
  { output, tookMs, isOnce }: { output: Output; tookMs: number; isOnce: boolean },
): void {
  const running = plugins.filter(({ state }) => state === "running").length;
  const report = { running, total: plugins.length, startMs: Math.round(tookMs), plugins };
  if (output.json) return output.value(isOnce ? report : { type: "start", ...report });
  if (!output.isTerminal) { for (const line of formatPlugins(plugins, output)) output.line(line); }
  output.line();
  output.line(`${running} of ${plugins.length} plugins run, ${Math.round(tookMs)} ms`);
  for (const line of hintsOf(plugins, output)) output.line(line);
}

async function serve(host: PluginHost, output: Output, signal: AbortSignal): Promise<number> {
  const ending = new AbortController();
  const onTerminate = () => ending.abort();
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", onTerminate);
  output.line(output.style("dim", "Serving; Ctrl-C stops."));
  try {
    for await (const event of host.journal.follow({ signal: AbortSignal.any([signal, ending.signal]) })) {
      output.document(event);
      output.line(formatEvent(event));
    }
  } finally {
    if (Deno.build.os !== "windows") Deno.removeSignalListener("SIGTERM", onTerminate);
  }
  signal.throwIfAborted();
  return 0;
}

function formatEvent({ time, id, type, facts }: JournalEvent): string {
  const what = type === "plugin.state" ? String(facts.to) : type;
  const why = facts.message === undefined ? "" : `: ${facts.message}`;
  return `${time.slice(11, 19)}  ${id ?? "host"}  ${what}${why}`;
}
