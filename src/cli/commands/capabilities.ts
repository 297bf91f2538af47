/**
 * `cordon capabilities [NAME]` and `cordon prefer CAPABILITY [ID]`: who
 * provides what to whom, and which provider is to be taken.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import { sanitizeText } from "../../internal/sanitize_text.ts";
import type {
  CapabilityConsumer,
  CapabilityInfo,
  PreferenceReason,
} from "../../lifecycle/capabilities/capability_info.ts";
import { isServing } from "../../lifecycle/state.ts";
import { openControl } from "../host_access.ts";
import type { CommandContext } from "../options.ts";
import type { Output } from "../output.ts";
import { type Cell, formatTable } from "../table.ts";

const REASONS: Readonly<Record<PreferenceReason, string>> = {
  site: "named in cordon.toml",
  administrator: "the administrator's choice",
  only: "the only one that can start",
  version: "the highest version",
  id: "the first by id of the highest version",
};

/** Lists capabilities, or shows one. */
export async function capabilities(context: CommandContext, name?: string): Promise<number> {
  const { output } = context;
  await using host = await openControl(context);
  const all = await host.capabilities();
  const shown = name === undefined ? all : all.filter((capability) => capability.name === name);
  if (name !== undefined && shown.length === 0) {
    throw new CordonError("not_found", `Cannot find the capability "${name}"`, {
      hint: all.length === 0
        ? "No plugin provides or uses any"
        : `There are ${all.map((one) => one.name).join(", ")}`,
    });
  }
  output.document(name === undefined ? { capabilities: shown } : shown[0]);
  if (shown.length === 0) output.line("No plugin provides or uses a capability.");
  for (const capability of shown) print(capability, output);
  return 0;
}

/** Chooses the provider of a capability, or takes the choice back. */
export async function prefer(context: CommandContext, capability = "", id?: string): Promise<number> {
  const { output, options } = context;
  const clear = options.clear === true;
  if (clear === (id !== undefined)) {
    throw new CordonError(
      "usage",
      clear
        ? "Cannot read --clear with the id of a plugin: give one of them"
        : `Cannot tell who is to provide "${capability}"`,
      { hint: `cordon prefer ${capability} ID, or cordon prefer ${capability} --clear` },
    );
  }
  await using host = await openControl(context);
  const info = await host.prefer(capability, id);
  output.document(info);
  if (!output.json) print(info, output);
  if (info.because === "site") {
    output.notice(`cordon.toml still names "${info.preferred}" for "${capability}"`);
  }
  return 0;
}

function print(capability: CapabilityInfo, output: Output): void {
  const { name, providers, consumers, preferred, because } = capability;
  output.line(output.style("bold", sanitizeText(name)));
  const isAbsent = preferred !== undefined && !providers.some(({ id }) => id === preferred);
  const rows = [
    ...providers.map(({ id, version, state }): string[] => [
      "provided by",
      id,
      version,
      state,
      id === preferred && because !== undefined ? `preferred: ${REASONS[because]}` : "",
    ]),
    ...isAbsent ? [["provided by", preferred, "-", "not there", `preferred: ${REASONS[because!]}`]] : [],
    ...consumers.map((consumer): string[] => [
      "used by",
      consumer.id,
      `${consumer.range}${consumer.optional ? " (optional)" : ""}`,
      consumer.state,
      describeService(consumer),
    ]),
  ];
  const cells = rows.map((row) => row.map((text): Cell => ({ text: sanitizeText(text) })));
  // Not cut to the terminal: who serves whom is in the last column.
  if (cells.length > 0) { for (const line of formatTable(cells)) output.line(`  ${line}`); }
}

function describeService({ bound, served, state }: CapabilityConsumer): string {
  if (served !== undefined && served !== bound) {
    return bound === undefined ? `served by ${served}` : `served by ${served} while ${bound} does not run`;
  }
  if (bound === undefined) return "served by nobody";
  return served === undefined && isServing(state)
    ? `served by nobody: ${bound} does not run`
    : `served by ${bound}`;
}
