/**
 * `cordon permissions ID`: what a plugin asks for, and what came of that.
 *
 * @module
 */

import { sanitizeText } from "../../internal/sanitize_text.ts";
import type { PluginInfo } from "../../lifecycle/plugin_summary.ts";
import type { RequestVerdict } from "../../permissions/request_verdict.ts";
import { formatConsent } from "../consent_rows.ts";
import { exposureCell } from "../exposure_rows.ts";
import { openControl } from "../host_access.ts";
import type { CommandContext } from "../options.ts";
import type { Output } from "../output.ts";
import { type Cell, formatTable } from "../table.ts";

/** A value that a plugin asks for and does not have. */
interface Withheld extends Pick<RequestVerdict, "kind" | "text" | "value" | "optional" | "outcome"> {
  readonly because: string;
}

/** Shows what a plugin asks for and has. */
export async function permissions(context: CommandContext, id = ""): Promise<number> {
  const { output } = context;
  await using host = await openControl(context);
  const plugin = await host.info(id);
  const withheld = plugin.requests.flatMap((request) => toWithheld(request, plugin));
  output.document({
    id: plugin.id,
    version: plugin.version,
    state: plugin.state,
    reason: plugin.reason,
    message: plugin.message,
    hint: plugin.hint,
    requests: plugin.requests,
    granted: plugin.requests.flatMap(({ kind, allowed }) => allowed.map((value) => ({ kind, value }))),
    effective: plugin.permissions,
    withheld,
    consent: plugin.consent,
    diff: plugin.consent?.diff,
    pending: plugin.pending,
    supervised: plugin.supervised,
    denials: plugin.denials,
    variables: plugin.variables,
    exposure: { effective: plugin.exposure ?? null, requested: plugin.requestedExposure?.score ?? null },
  });
  if (!output.json) print(plugin, withheld, output);
  return 0;
}

/** Why a value is not in force; nothing for one that is. */
function toWithheld(request: RequestVerdict, plugin: PluginInfo): Withheld[] {
  const { kind, text, value, optional, outcome, because } = request;
  const fields = { kind, text, value, optional, outcome };
  if (because !== undefined) return [{ ...fields, because }];
  // Allowed by itself, and still not in force: the plugin may not start at all.
  const isHeldBack = plugin.exposure === undefined;
  return isHeldBack ? [{ ...fields, because: `the plugin is ${describeState(plugin)}` }] : [];
}

function print(plugin: PluginInfo, withheld: readonly Withheld[], output: Output): void {
  const title = `${sanitizeText(plugin.id)} ${plugin.version ?? ""}`.trim();
  output.line(`${output.style("bold", title)} is ${describeState(plugin)}`);
  if (plugin.message !== undefined) output.line(`  ${sanitizeText(plugin.message)}`);
  if (plugin.hint !== undefined) output.line(`  ${sanitizeText(plugin.hint)}`);
  output.line();
  if (plugin.requests.length === 0) output.line("It asks for nothing and reads its own folder.");
  else for (const line of formatRequests(plugin, withheld, output)) output.line(line);
  for (const line of formatConsent(plugin, output)) output.line(line);
  if (plugin.variables.length > 0) output.line();
  for (const { name, value, default: fallback } of plugin.variables) {
    const shown = value === undefined ? `no value: add --var ${name}=…` : JSON.stringify(value);
    const origin = value !== undefined && value === fallback ? " (its default)" : "";
    output.line(`variable ${name}: ${sanitizeText(shown)}${origin}`);
  }
  if (plugin.supervised) {
    output.line();
    output.line(
      `It is supervised: ${plugin.denials} checks denied since it started (see cordon journal ${plugin.id}).`,
    );
  }
  if (plugin.requestedExposure === undefined) return;
  const cell = (score: number | undefined) => {
    const { text, style = (plain) => plain } = exposureCell(score, output);
    return style(text);
  };
  output.line();
  output.line(
    `exposure: ${plugin.exposure === undefined ? "none, it may not start" : cell(plugin.exposure)}; ` +
      `with everything granted ${cell(plugin.requestedExposure.score)} (see cordon exposure ${plugin.id})`,
  );
}

function formatRequests(plugin: PluginInfo, withheld: readonly Withheld[], output: Output): string[] {
  const heading = ["ASKS FOR", "", "STANDS FOR", "IN FORCE", "IN ORDER TO"]
    .map((text): Cell => ({ text, style: (plain) => output.style("dim", plain) }));
  const rows = plugin.requests.map(({ kind, text, value, allowed, optional, reason }): Cell[] => {
    const held = withheld.find((other) => other.kind === kind && other.text === text);
    return [
      { text: `${kind} ${sanitizeText(text)}` },
      { text: optional ? "optional" : "" },
      { text: value === undefined || value === text ? "" : sanitizeText(value) },
      held === undefined ? { text: "yes", style: (plain) => output.style("green", plain) } : {
        text: `${describeRest(allowed, plugin)}: ${sanitizeText(held.because)}`,
        style: (plain) => output.style("yellow", plain),
      },
      { text: sanitizeText(reason ?? "-") },
    ];
  });
  return formatTable([heading, ...rows], output.width);
}

function describeState({ state, reason }: PluginInfo): string {
  return reason === undefined ? state : `${state} (${reason})`;
}

/** What is in force of a value that is not. */
function describeRest(allowed: readonly string[], { exposure }: PluginInfo): string {
  return allowed.length === 0 || exposure === undefined ? "no" : `only ${sanitizeText(allowed.join(", "))}`;
}
