/**
 * `cordon run`: start, show, serve.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import { openHost, type PluginHost } from "../../host.ts";
import type { PluginSummary } from "../../lifecycle/plugin_summary.ts";
import { isServing } from "../../lifecycle/state.ts";
import { LocalControl } from "../../control/local_control.ts";
import { controlPath, ControlServer } from "../../control/server.ts";
import { formatEvent } from "../journal_rows.ts";
import { waitVisibly } from "../progress.ts";
import { RunView } from "../run_view.ts";
import { readAnswers } from "../answers.ts";
import { askConsents } from "../consent_prompt.ts";
import { sanitizeText } from "../../internal/sanitize_text.ts";
import { type CommandContext, toHostOptions } from "../options.ts";
import type { Output } from "../output.ts";
import { formatPlugins, hintsOf } from "../plugin_rows.ts";
import { listenForTermination } from "../termination.ts";

/** Starts the plugins and serves until a signal, or until the report with `--once`. */
export async function run(context: CommandContext, ...dirs: string[]): Promise<number> {
  const { output, options, signal } = context;
  const isOnce = options.once === true;
  const hostOptions = { ...toHostOptions(context, dirs), watch: !isOnce && options.watch !== false };
  using termination = listenForTermination();
  let view: RunView | undefined = undefined;
  const onNotice = (message: string) => view === undefined ? output.notice(message) : view.print(message);
  await using host = await waitVisibly(openHost({ ...hostOptions, onNotice }), {
    output,
    text: "Reading the plugins",
  });
  assertSome(host, hostOptions.plugins);
  await using _server = new ControlServer(controlPath(host.dataDir), new LocalControl(host));
  await askOrTell(host, { output, signal });
  const startedAt = performance.now();
  using live = output.isTerminal ? new RunView(host, output) : undefined;
  view = live;
  live?.show("starting");
  await host.start();
  live?.hide();
  const plugins = host.list();
  reportStart(plugins, { output, tookMs: performance.now() - startedAt, isOnce });
  if (isOnce || !plugins.some(({ state }) => isServing(state) || state === "ready" || state === "backoff")) {
    return exitCodeOfStart(plugins);
  }
  await serve(host, { output, view: live, signal: AbortSignal.any([signal, termination.signal]) });
  signal.throwIfAborted();
  return 0;
}

/** The exit code of a start: that of the gravest thing that kept a plugin from starting. */
export function exitCodeOfStart(plugins: readonly PluginSummary[]): number {
  const has = (test: (plugin: PluginSummary) => boolean) => plugins.some(test);
  if (has(({ state, reason }) => state === "invalid" || reason === "variable")) return 3;
  if (has(({ state }) => state === "failed" || state === "backoff")) return 1;
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

/** Asks for consent on a terminal; elsewhere says how it is given. */
async function askOrTell(
  host: PluginHost,
  { output, signal }: { output: Output; signal: AbortSignal },
): Promise<void> {
  const waiting = host.list().filter(({ reason }) => reason === "consent").map(({ id }) => host.info(id));
  if (waiting.length === 0) return;
  if (output.isTerminal && Deno.stdin.isTerminal()) {
    await using answers = readAnswers(output, signal);
    return await askConsents(waiting, { consents: host.consents, output, ask: answers.ask });
  }
  const ids = waiting.map(({ id }) => `cordon grant ${sanitizeText(id)}`).join(", ");
  output.notice(
    `${waiting.length} ${waiting.length === 1 ? "plugin waits" : "plugins wait"} for consent. ` +
      `Look with cordon permissions ID, then: ${ids}; while developing: --grant requested`,
  );
}

function reportStart(
  plugins: readonly PluginSummary[],
  { output, tookMs, isOnce }: { output: Output; tookMs: number; isOnce: boolean },
): void {
  const running = plugins.filter(({ state }) => isServing(state)).length;
  const report = { running, total: plugins.length, startMs: Math.round(tookMs), plugins };
  if (output.json) return output.value(isOnce ? report : { type: "start", ...report });
  for (const line of formatPlugins(plugins, output)) output.line(line);
  output.line();
  output.line(`${running} of ${plugins.length} plugins run, ${Math.round(tookMs)} ms`);
  for (const line of hintsOf(plugins, output)) output.line(line);
}

async function serve(
  host: PluginHost,
  { output, view, signal }: { output: Output; view: RunView | undefined; signal: AbortSignal },
): Promise<void> {
  output.line(output.style("dim", "Serving; Ctrl-C stops."));
  view?.show("serving");
  for await (const event of host.journal.follow({ signal })) {
    output.document(event);
    const line = formatEvent(event);
    if (view === undefined) output.line(line);
    else view.print(line);
  }
  view?.hide();
}
