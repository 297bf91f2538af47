/**
 * `cordon exposure [ID]`: how much harm plugins could do with what they ask
 * for, and with `--max` a gate.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import { sanitizeText } from "../../internal/sanitize_text.ts";
import type { PluginInfo } from "../../lifecycle/plugin_summary.ts";
import { formatExposures } from "../exposure_rows.ts";
import { openControl } from "../host_access.ts";
import type { CommandContext } from "../options.ts";
import type { Output } from "../output.ts";

/** Shows the exposure of one plugin or all, as if everything they ask for were granted. */
export async function exposure(context: CommandContext, id?: string): Promise<number> {
  const { output } = context;
  const max = readMax(context.options.max as number | undefined);
  await using host = await openControl(context, { lookOnly: true });
  const ids = id === undefined ? (await host.list()).map((plugin) => plugin.id) : [id];
  const plugins = await Promise.all(ids.map((id) => host.info(id)));
  const verdict = max === undefined ? undefined : judge(plugins, max);
  output.document({
    plugins: plugins.map(({ id, requestedExposure }) => ({
      id,
      score: requestedExposure?.score ?? null,
      level: requestedExposure?.level ?? null,
      reasons: requestedExposure?.reasons ?? [],
    })),
    ...(verdict === undefined ? {} : { max, exceeded: verdict.exceeded }),
  });
  if (plugins.length === 0) output.line("There are no plugins.");
  else show(plugins, output);
  for (const sentence of verdict?.sentences ?? []) output.notice(sentence);
  return verdict?.code ?? 0;
}

function readMax(max: number | undefined): number | undefined {
  if (max === undefined || (max >= 0 && max <= 10)) return max;
  throw new CordonError("usage", `Cannot read --max "${max}": expected a number from 0 to 10`);
}

function show(plugins: readonly PluginInfo[], output: Output): void {
  const rows = plugins.map(({ id, requestedExposure }) => ({ id, exposure: requestedExposure }));
  for (const line of formatExposures(rows, output)) output.line(line);
  const missing = new Set(
    plugins.flatMap(({ variables }) => variables.filter(({ value }) => value === undefined))
      .map(({ name }) => name),
  );
  if (missing.size > 0) {
    output.notice(
      `Variables without a value count as an ordinary place; name the real one with ${
        [...missing].map((name) => `--var ${name}=…`).join(" ")
      }`,
    );
  }
}

/** A plugin that cannot be scored passes no gate. */
function judge(
  plugins: readonly PluginInfo[],
  max: number,
): { code: number; exceeded: string[]; sentences: string[] } {
  if (plugins.length === 0) {
    throw new CordonError("no_plugins", "Cannot judge the exposure: there are no plugins", {
      hint: "Name their folder with --dir",
    });
  }
  const above = plugins.filter(({ requestedExposure }) => (requestedExposure?.score ?? 0) > max);
  const unknown = plugins.filter(({ requestedExposure }) => requestedExposure === undefined);
  const sentences = [
    ...above.map(({ id, requestedExposure }) =>
      `error: "${sanitizeText(id)}" has an exposure of ${
        requestedExposure!.score
      }, and at most ${max} is allowed`
    ),
    ...unknown.map(({ id }) =>
      `error: "${sanitizeText(id)}" has no exposure, since its manifest cannot be used: see cordon check`
    ),
  ];
  const code = above.length > 0 ? 5 : unknown.length > 0 ? 3 : 0;
  return { code, exceeded: above.map(({ id }) => id), sentences };
}
