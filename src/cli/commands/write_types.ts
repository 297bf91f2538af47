/**
 * `cordon types ID`: the types of the capabilities that a plugin uses, written for its code to import.
 *
 * @module
 */

import { basename, dirname, resolve } from "node:path";
import { CordonError } from "../../errors.ts";
import { sanitizeText } from "../../internal/sanitize_text.ts";
import { type CapabilityTypes, saveTypes } from "../../lifecycle/capabilities/capability_types.ts";
import { rewriteManifest } from "../../lifecycle/consent/manifest_file.ts";
import type { PluginInfo } from "../../lifecycle/plugin_summary.ts";
import { editUsedContract, formatUse } from "../../manifest/edit_uses.ts";
import { openForLooking } from "../host_access.ts";
import { type CommandContext, toHostOptions } from "../options.ts";
import type { Output } from "../output.ts";

/** Types that were found, and what came of them. */
interface Written extends CapabilityTypes {
  /** The file that holds them; undefined where there are none, or they were only shown. */
  readonly path: string | undefined;
  /** Whether the file changed. */
  readonly changed: boolean;
  /** The line that the manifest should have, where it does not name the file. */
  readonly line: string | undefined;
}

/** Writes the types of what a plugin uses. */
export async function writeTypes(context: CommandContext, id = ""): Promise<number> {
  const { output, options } = context;
  await using opened = await openForLooking(toHostOptions(context));
  const { host } = opened;
  const isProvided = options.provided === true;
  const all = host.types(id, { provided: isProvided });
  const chosen = choose(all, { id, options, verb: isProvided ? "provides" : "uses" });
  const written: Written[] = [];
  for (const one of chosen) {
    written.push(await write(one, { context, plugin: host.info(id), isProvided }));
  }
  output.document({ id, types: written });
  for (const one of written) print(one, output);
  if (written.length === 0) output.line(`${id} uses no capability.`);
  return 0;
}

/** What is asked for; to name one capability is to insist on it. */
function choose(
  all: readonly CapabilityTypes[],
  { id, options, verb }: { id: string; options: CommandContext["options"]; verb: string },
): readonly CapabilityTypes[] {
  const name = options.capability as string | undefined;
  const chosen = name === undefined ? all : all.filter(({ capability }) => capability === name);
  if (name !== undefined && chosen.length === 0) {
    throw new CordonError(
      "not_found",
      `Cannot write types of "${name}": "${id}" ${verb} no such capability`,
      {
        hint: all.length === 0
          ? "It has none"
          : `It ${verb} ${all.map(({ capability }) => capability).join(", ")}`,
      },
    );
  }
  const [only] = chosen;
  if (name !== undefined && only!.text === undefined) {
    throw new CordonError("no_contract", `Cannot write types of "${name}": ${only!.reason}`);
  }
  if (options.out !== undefined && chosen.length !== 1) {
    throw new CordonError("usage", `Cannot write types of ${chosen.length} capabilities into one file`, {
      hint: "Name one with --capability",
    });
  }
  return chosen;
}

async function write(
  found: CapabilityTypes,
  { context: { options }, plugin, isProvided }: {
    readonly context: CommandContext;
    readonly plugin: PluginInfo;
    readonly isProvided: boolean;
  },
): Promise<Written> {
  const { text, capability, file, isNamed } = found;
  const out = options.out as string | undefined;
  if (text === undefined || (isProvided && out === undefined)) {
    return { ...found, path: undefined, changed: false, line: undefined };
  }
  const path = resolve(out ?? `${plugin.dir}/${file}`);
  const place = out === undefined ? { dir: plugin.dir, file } : { dir: dirname(path), file: basename(path) };
  const changed = await saveTypes(place.dir, { file: place.file, text, force: options.force === true });
  if (isNamed || out !== undefined) return { ...found, path, changed, line: undefined };
  const edit = { capability, contract: file };
  if (options.write !== true) {
    return { ...found, path, changed, line: formatUse(plugin.manifest!, edit) };
  }
  await rewriteManifest(plugin.dir, (manifest, name) => editUsedContract(manifest, name, edit));
  return { ...found, path, changed, isNamed: true, line: undefined };
}

function print(
  { capability, provider, version, text, reason, path, changed, line }: Written,
  output: Output,
): void {
  if (text === undefined) {
    return output.line(`${output.style("yellow", "!")} No types of ${capability}: ${sanitizeText(reason!)}`);
  }
  if (path === undefined) {
    for (const one of text.split("\n")) output.line(sanitizeText(one));
    return;
  }
  const origin = `${capability} ${version}, as ${provider} provides it`;
  output.line(`${changed ? "Wrote" : "Unchanged:"} ${sanitizeText(path)} (${origin})`);
  if (line !== undefined) {
    output.line("  Name it under [uses] in the manifest, or let --write do so:");
    output.line(`  ${line}`);
  }
}
