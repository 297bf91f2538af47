/**
 * `cordon learn ID`: run a plugin under supervision and propose the smallest manifest.
 *
 * @module
 */

import { CordonError, errorMessage } from "../../errors.ts";
import { openHost, type PluginHost } from "../../host.ts";
import { pause } from "../../internal/pause.ts";
import { sanitizeText } from "../../internal/sanitize_text.ts";
import { type Learned, Learning } from "../../lifecycle/consent/learning.ts";
import { rewriteManifest } from "../../lifecycle/consent/manifest_file.ts";
import { editPermissions } from "../../manifest/edit.ts";
import type { PermissionKind } from "../../permissions/permission_set.ts";
import type { ProposalRule } from "../../permissions/proposal.ts";
import { parseCalls, type PluginCall, tryParseDuration } from "../call_options.ts";
import { type CommandContext, toHostOptions } from "../options.ts";
import type { Output } from "../output.ts";
import { type Cell, formatTable } from "../table.ts";

/** What each rule means, for people. */
const RULES: Readonly<Record<ProposalRule, string>> = {
  declared: "declared, and used",
  unjudged: "declared; its variable has no value",
  variable: "lies beneath the variable's value",
  place: "one of the plugin's own places",
  folder: "several files of this folder",
  exact: "exactly this was used",
};

/** Learns what a plugin needs. */
export async function learn(context: CommandContext, id = ""): Promise<number> {
  const { output, options, signal } = context;
  const hostOptions = toHostOptions(context);
  const calls = parseCalls(options.call);
  const forMs = tryParseDuration(options.for, "--for 10s");
  const learning = new Learning({
    id,
    ceiling: hostOptions.policy?.ceiling,
    within: ((options.within as string[] | undefined) ?? []).map(parseWithin),
    allowUndeclared: options.allowUndeclared === true,
  });
  await using host = await openHost({ ...hostOptions, learning });
  assertConfirmed(host, context, id);
  const failures = await exercise(host, learning, { calls, forMs, signal });
  const learned = learning.propose()!;
  const written = options.write === true
    ? await write(host.info(id).dir, id, { learned, failures })
    : undefined;
  const { isExact, isCut, kept, added, unused, impossible, uses } = learned;
  output.document({ id, isExact, isCut, kept, added, unused, impossible, uses, failures, written });
  if (!output.json) print(learned, { id, failures, written, output });
  return 0;
}

/** Untrusted code is about to run, perhaps with more than it was granted: somebody has to say so. */
function assertConfirmed(host: PluginHost, { output, options }: CommandContext, id: string): void {
  const { permissions } = host.info(id);
  const reach = permissions.map(({ kind, value }) => `${kind} ${sanitizeText(value)}`).join(", ");
  output.notice(`"${id}" will run, with what it was granted: ${reach || "its own folder"}`);
  const more = options.allowUndeclared === true
    ? "everything that the ceiling allows"
    : ((options.within as string[] | undefined) ?? []).map(sanitizeText).join(", ");
  if (more !== "") output.notice(`Beyond its manifest it may use ${more}`);
  // With JSON, or in a pipe, nobody is asked.
  if (options.yes === true || (output.isTerminal && Deno.stdin.isTerminal() && confirm("Run it?"))) return;
  throw new CordonError("consent", `Cannot learn what "${id}" needs: nobody confirmed that it may run`, {
    hint: "Add --yes",
  });
}

/** Starts the plugin and makes it do what it does; what failed is told, and nothing of it is fatal. */
async function exercise(
  host: PluginHost,
  learning: Learning,
  { calls, forMs, signal }: { calls: readonly PluginCall[]; forMs: number | undefined; signal: AbortSignal },
): Promise<string[]> {
  const failures: string[] = [];
  try {
    await host.startPlugin(learning.id);
    for (const { method, args } of calls) {
      try {
        await host.call(learning.id, method, args, { signal });
      } catch (error) {
        failures.push(`${method}: ${errorMessage(error)}`);
      }
    }
    if (forMs === undefined) await learning.settle({ signal });
    else await pause(forMs, signal);
  } catch (error) {
    // Before its start there is nothing to learn from.
    if (learning.propose() === undefined) throw error;
    failures.push(errorMessage(error));
  }
  await host.stop("learning is over");
  return failures;
}

async function write(
  dir: string,
  id: string,
  { learned, failures }: { readonly learned: Learned; readonly failures: readonly string[] },
): Promise<string | undefined> {
  const { added, unused, isExact, isCut } = learned;
  if (failures.length > 0 || isCut) {
    const why = isCut ? "it used more than could be kept" : failures[0];
    throw new CordonError("learning_incomplete", `Cannot write the manifest of "${id}": ${why}`, {
      hint: "Let it do all that it has to do; --within allows what its manifest does not name yet",
      facts: { failures },
    });
  }
  if (isExact) return undefined;
  return await rewriteManifest(dir, (text, path) => editPermissions(text, path, { removed: unused, added }));
}

function print(
  learned: Learned,
  { id, failures, written, output }: {
    id: string;
    failures: readonly string[];
    written: string | undefined;
    output: Output;
  },
): void {
  const { kept, added, unused, impossible, isExact, isCut } = learned;
  const dim = (text: string): Cell => ({ text, style: (plain) => output.style("dim", plain) });
  const rows: Cell[][] = [
    ...kept.map((value) => ["keep", value.kind, value.text, `${value.checks}`, RULES[value.rule]]),
    ...added.map((value) => ["add", value.kind, value.text, `${value.checks}`, RULES[value.rule]]),
    ...unused.map((value) => ["remove", value.kind, value.text, "0", "declared, and never used"]),
    ...impossible.map(({ kind, value = "", checks, because }) => ["-", kind, value, `${checks}`, because]),
  ].map((cells) => cells.map((text) => ({ text: sanitizeText(text) })));
  const heading = ["", "KIND", "VALUE", "CHECKS", "BECAUSE"].map(dim);
  if (rows.length > 0) {
    for (const line of formatTable([heading, ...rows], output.width)) {
      output.line(line);
    }
  }
  if (rows.length > 0) output.line();
  for (const failure of failures) output.line(`${output.style("yellow", "!")} ${sanitizeText(failure)}`);
  if (isCut) output.line(`${output.style("yellow", "!")} It used more than could be kept: this is a part.`);
  if (isExact) output.line(`The manifest of ${id} asks for exactly what was used.`);
  else if (written === undefined) output.line("Change the manifest so with --write.");
  else output.line(`Wrote ${sanitizeText(written)}; say there what each new entry is for, as its reason.`);
}

function parseWithin(text: string): { kind: PermissionKind; text: string } {
  const match = /^(net|read|write|env|sys)=(.+)$/s.exec(text);
  if (match !== null) return { kind: match[1] as PermissionKind, text: match[2]! };
  throw new CordonError("usage", `Cannot read --within "${text}": expected net, read, write, env or sys`, {
    hint: "For example --within read=/srv/docs",
  });
}
