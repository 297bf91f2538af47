/**
 * What was decided about a plugin, as lines: the grant, the ceiling, and how
 * what it asks for differs.
 *
 * @module
 */

import { sanitizeText } from "../internal/sanitize_text.ts";
import type { PluginInfo } from "../lifecycle/plugin_summary.ts";
import type { Permission, PermissionDiff } from "../permissions/permission_set.ts";
import type { Output, Style } from "./output.ts";

/** Renders the decisions about a plugin; nothing where there is none to tell. */
export function formatConsent({ consent, pending }: PluginInfo, output: Output): string[] {
  if (consent === undefined) return [];
  const { grantedVersion, grantedAt, refused, supervised, ceiling, diff } = consent;
  const lines: string[] = [];
  if (grantedVersion !== undefined) {
    const how = supervised ? ", under supervision" : "";
    lines.push(
      `granted to ${grantedVersion} on ${grantedAt!.slice(0, 10)}${how}:`,
      ...formatDiff(diff, output),
    );
  }
  if (refused !== undefined) lines.push(`refused on ${refused.slice(0, 10)}`);
  if (ceiling !== undefined) {
    lines.push(
      `the policy of this site allows ${ceiling.length === 0 ? "nothing" : formatValues(ceiling)} at most`,
    );
  }
  if (pending !== undefined) {
    lines.push(
      `version ${sanitizeText(pending.version ?? "unknown")} waits: ${sanitizeText(pending.message)}`,
      ...formatDiff(pending.diff, output),
      `  ${sanitizeText(pending.hint)}`,
    );
  }
  return lines.length === 0 ? [] : ["", ...lines];
}

/** Renders a difference: what is new, what is no longer asked for, what stays. */
export function formatDiff({ widened, narrowed, unchanged }: PermissionDiff, output: Output): string[] {
  const mark = (sign: string, style: Style, values: readonly Permission[], more = "") =>
    values.map((value) => `  ${output.style(style, `${sign} ${formatValues([value])}`)}${more}`);
  return [
    ...mark("+", "yellow", widened, "  not granted"),
    ...mark("-", "dim", narrowed, "  no longer asked for"),
    ...mark("=", "green", unchanged),
  ];
}

function formatValues(values: readonly Permission[]): string {
  return values.map(({ kind, value }) => `${kind} ${sanitizeText(value)}`).join(", ");
}
