/**
 * `cordon check [DIR...]`: everything that can be known without running plugin code.
 *
 * @module
 */

import { formatProblem, type Problem } from "../../errors.ts";
import type { PluginHost } from "../../host.ts";
import type { PluginSummary } from "../../lifecycle/plugin_summary.ts";
import { sanitizeText } from "../../internal/sanitize_text.ts";
import { listVariables } from "../../permissions/parse.ts";
import { openForLooking } from "../host_access.ts";
import { type CommandContext, toHostOptions } from "../options.ts";
import { describeContract } from "../contract_words.ts";
import type { Output } from "../output.ts";
import { assertSome, exitCodeOfStart } from "./run.ts";

/** One plugin, checked. */
interface Checked {
  readonly id: string;
  readonly version: string | undefined;
  readonly dir: string;
  readonly ok: boolean;
  readonly exposure: number | undefined;
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
  readonly requests: readonly {
    kind: string;
    values: readonly string[];
    reason: string | undefined;
    optional: boolean;
  }[];
  readonly variables: readonly { name: string; default: string | undefined; value: string | undefined }[];
}

/** Checks plugins as if everything they ask for were granted and every variable had a value. */
export async function check(context: CommandContext, ...dirs: string[]): Promise<number> {
  const { output } = context;
  const hostOptions = toHostOptions(context, dirs);
  await using opened = await openForLooking(hostOptions);
  const { host } = opened;
  assertSome(host, hostOptions.plugins);
  const plugins = host.list();
  const checked = plugins.map((plugin) => toChecked(plugin, host, hostOptions.vars ?? {}));
  output.document({
    ok: checked.every(({ ok }) => ok),
    plugins: checked,
    stages: host.graph.stages.map(({ ids }) => ids),
    bindings: Object.fromEntries(plugins.map(({ id }) => [id, host.info(id).bindings])),
  });
  for (const plugin of checked) print(plugin, output);
  return exitCodeOfStart(plugins);
}

function toChecked(plugin: PluginSummary, host: PluginHost, vars: Readonly<Record<string, string>>): Checked {
  const { manifest, problems, requestedExposure, contracts } = host.info(plugin.id);
  const named = new Map(
    (manifest?.permissions ?? []).flatMap(({ values }) => values.flatMap(listVariables))
      .map(({ name, fallback }) => [name, fallback]),
  );
  return {
    id: plugin.id,
    version: plugin.version,
    dir: plugin.dir,
    ok: plugin.state === "ready",
    exposure: requestedExposure?.score,
    problems: problems.length > 0 || plugin.message === undefined ? problems : [{ message: plugin.message }],
    notes: contracts.flatMap((contract) => describeContract(contract, plugin.message)),
    requests: manifest?.permissions ?? [],
    variables: [...named].map(([name, fallback]) => ({ name, default: fallback, value: vars[name] })),
  };
}

function print(
  { id, version, ok, problems, notes, requests, variables, dir }: Checked,
  output: Output,
): void {
  const mark = ok ? output.style("green", "ok") : output.style("red", "no");
  output.line(`${mark}  ${sanitizeText(id)} ${version ?? ""}`.trimEnd());
  if (!ok) output.line(`    in ${sanitizeText(dir)}`);
  for (const problem of problems) output.line(`    ${sanitizeText(formatProblem(problem))}`);
  for (const note of notes) output.line(output.style("dim", `    note: ${sanitizeText(note)}`));
  for (const { kind, values, optional, reason } of requests) {
    const why = reason === undefined ? "" : output.style("dim", `  ${sanitizeText(reason)}`);
    output.line(
      `    asks for ${kind} ${sanitizeText(values.join(", "))}${optional ? " (optional)" : ""}${why}`,
    );
  }
  for (const variable of variables) {
    if (variable.value === undefined && variable.default === undefined) {
      output.line(output.style("dim", `    wants --var ${variable.name}=…`));
    }
  }
}
