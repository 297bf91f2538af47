/**
 * `cordon info ID`: everything about one plugin.
 *
 * @module
 */

import { formatProblem } from "../../errors.ts";
import { describeLimits, describeRolledBack } from "../../lifecycle/explain.ts";
import type { PluginInfo } from "../../lifecycle/plugin_summary.ts";
import { sanitizeText } from "../../internal/sanitize_text.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { describeResource } from "../../manifest/shared_resource.ts";
import { openControl } from "../host_access.ts";
import type { CommandContext } from "../options.ts";
import { describeContract } from "../contract_words.ts";
import { describeHealth } from "../health_words.ts";
import type { Output } from "../output.ts";

/** Shows one plugin. */
export async function info(context: CommandContext, id = ""): Promise<number> {
  await using host = await openControl(context);
  const plugin = await host.info(id);
  context.output.document(plugin);
  if (!context.output.json) print(plugin, context.output);
  return 0;
}

function print(plugin: PluginInfo, output: Output): void {
  const { manifest } = plugin;
  const field = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== "") {
      output.line(`${output.style("dim", name.padEnd(12))}${sanitizeText(value)}`);
    }
  };
  output.line(output.style("bold", `${plugin.id} ${plugin.version ?? ""}`.trim()));
  field("name", manifest?.name);
  field("about", manifest?.description);
  field("license", manifest?.license);
  field("folder", plugin.dir);
  field("state", plugin.reason === undefined ? plugin.state : `${plugin.state} (${plugin.reason})`);
  field("tier", plugin.tier);
  field("supervised", plugin.supervised ? `yes, ${plugin.denials} checks denied` : undefined);
  field("exposure", plugin.exposure?.toFixed(1));
  field("because", plugin.message);
  field("what to do", plugin.hint);
  field("rolled back", plugin.rolledBack && describeRolledBack(plugin.rolledBack));
  field("phase", manifest?.run.phase);
  for (const problem of plugin.problems) field("problem", formatProblem(problem));
  if (manifest !== undefined) printManifest(manifest, plugin.bindings, field);
  for (const { capability, role, file } of plugin.contracts) {
    field("contract", `of ${capability}, which it ${role}: ${file}`);
  }
  for (const note of plugin.contracts.flatMap((contract) => describeContract(contract, plugin.message))) {
    field("note", note);
  }
  for (const line of describeLimits(plugin)) field("limit", line);
  for (const line of describeHealth(plugin.health)) field("health", line);
  for (const { kind, value } of plugin.permissions) field("may reach", `${kind} ${value}`);
  for (const note of plugin.notes) field("note", note);
  field("granted to", plugin.consent?.grantedVersion);
  field("waits", plugin.pending && `${plugin.pending.version ?? ""} ${plugin.pending.message}`.trim());
  for (const { kind, value } of plugin.withheld) field("withheld", `${kind} ${value}`);
}

function printManifest(
  manifest: Manifest,
  bindings: PluginInfo["bindings"],
  field: (name: string, value: string) => void,
): void {
  for (const { kind, values, reason, optional } of manifest.permissions) {
    field(
      "asks for",
      `${kind} ${values.join(", ")}${optional ? " (optional)" : ""}${reason ? `: ${reason}` : ""}`,
    );
  }
  for (const [name, { version, methods }] of Object.entries(manifest.provides)) {
    field("provides", `${name} ${version}: ${methods.join(", ")}`);
  }
  for (const [name, { version, optional }] of Object.entries(manifest.uses)) {
    const by = Object.hasOwn(bindings, name) ? `, of ${bindings[name]}` : "";
    field("uses", `${name} ${version}${optional ? " (optional)" : ""}${by}`);
  }
  for (const [id, range] of Object.entries(manifest.requires)) field("requires", `${id} ${range}`);
  for (const [id, range] of Object.entries(manifest.optional)) field("goes with", `${id} ${range}`);
  for (const [id, range] of Object.entries(manifest.conflicts)) field("conflicts", `${id} ${range}`);
  for (const [name, resource] of Object.entries(manifest.resources)) {
    const isReader = "access" in resource && resource.access === "read";
    field("shares", `${name}, ${describeResource(resource)}${isReader ? " (reads)" : ""}`);
  }
  if (manifest.events.publishes.length > 0) field("publishes", manifest.events.publishes.join(", "));
  if (manifest.events.subscribes.length > 0) field("listens to", manifest.events.subscribes.join(", "));
}
