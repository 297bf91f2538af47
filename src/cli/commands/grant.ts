/**
 * `cordon grant ID` and `cordon revoke ID`: consent, and its opposite.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import { sanitizeText } from "../../internal/sanitize_text.ts";
import type { PluginInfo } from "../../lifecycle/plugin_summary.ts";
import type { GrantChoice } from "../../permissions/grant_choice.ts";
import type { Permission } from "../../permissions/permission_set.ts";
import { openControl } from "../host_access.ts";
import type { CommandContext } from "../options.ts";
import type { Output } from "../output.ts";

/** Grants a plugin what it needs, or what the options name. */
export async function grant(context: CommandContext, id = ""): Promise<number> {
  const { output, options } = context;
  const choice = readChoice(options);
  await using host = await openControl(context);
  const plugin = await host.grant(id, choice);
  report(plugin, output);
  const missing = plugin.consent?.diff.widened ?? [];
  if (missing.length > 0) {
    output.notice(`Not granted: ${formatValues(missing)}; cordon grant ${plugin.id} --all grants everything`);
  }
  return 0;
}

/** Takes back what was granted to a plugin. */
export async function revoke(context: CommandContext, id = ""): Promise<number> {
  const { output, options } = context;
  const only = options.only as string[] | undefined;
  const never = options.never === true;
  if (never && only !== undefined) {
    throw new CordonError("usage", "Cannot read --never with --only: a version is refused as a whole");
  }
  await using host = await openControl(context);
  const plugin = await host.revoke(id, { ...(only === undefined ? {} : { only }), never });
  if (plugin !== undefined) report(plugin, output);
  else {
    output.document({ id, granted: [] });
    output.line(`${sanitizeText(id)} has nothing granted, and is not there`);
  }
  return 0;
}

function readChoice({ all, required, only, supervise }: CommandContext["options"]): GrantChoice {
  if (all === true && required === true) {
    throw new CordonError("usage", "Cannot read --all with --required: give one of them");
  }
  return {
    ...(all === true ? { scope: "all" } : required === true ? { scope: "required" } : {}),
    ...(only === undefined ? {} : { only: only as string[] }),
    ...(supervise === true ? { supervise } : {}),
  };
}

function report(plugin: PluginInfo, output: Output): void {
  const { id, version, state, reason, message, hint, pid, consent, pending } = plugin;
  const granted = consent?.granted ?? [];
  output.document({
    id,
    version,
    state,
    reason,
    message,
    hint,
    granted,
    supervised: consent?.supervised ?? false,
    refused: consent?.refused,
    diff: consent?.diff,
    pending,
  });
  output.line(
    `${sanitizeText(id)} has ${
      granted.length === 0 ? "nothing granted" : `${formatValues(granted)} granted`
    } and is ${reason === undefined ? state : `${state} (${reason})`}${
      pid === undefined ? "" : ` (process ${pid})`
    }`,
  );
  // With --json all of this stands in the document.
  if (output.json || message === undefined || state === "stopped") return;
  output.notice(`${sanitizeText(message)}${hint === undefined ? "" : `\n  ${sanitizeText(hint)}`}`);
}

function formatValues(values: readonly Permission[]): string {
  return values.map(({ kind, value }) => `${kind} "${sanitizeText(value)}"`).join(", ");
}
