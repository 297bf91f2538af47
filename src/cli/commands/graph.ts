/**
 * `cordon graph`: who depends on whom.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import { openHost } from "../../host.ts";
import { PHASES } from "../../manifest/manifest.ts";
import type { DependencyGraph } from "../../solver/graph.ts";
import { type CommandContext, toHostOptions } from "../options.ts";

const FORMATS: Readonly<Record<string, (graph: DependencyGraph) => string[]>> = {
  text: formatText,
  mermaid: formatMermaid,
  dot: formatDot,
  json: (graph) => [JSON.stringify(toDocument(graph), null, 2)],
};

/** Shows the graph. */
export async function graph(context: CommandContext): Promise<number> {
  const { output, options } = context;
  const format = (options.format as string | undefined) ?? "text";
  if (!Object.hasOwn(FORMATS, format)) {
    throw new CordonError("usage", `Cannot show the graph as "${format}"`, {
      hint: `Formats are ${Object.keys(FORMATS).join(", ")}`,
    });
  }
  await using host = await openHost({ ...toHostOptions(context), assumeVariables: true, grant: "requested" });
  output.document(toDocument(host.graph));
  for (const line of FORMATS[format]!(host.graph)) output.line(line);
  return 0;
}

function toDocument({ stages, edges, problems, providers }: DependencyGraph): unknown {
  return {
    stages: stages.map(({ phase, ids }) => ({ phase: PHASES[phase], ids })),
    edges,
    problems: Object.fromEntries(problems),
    providers: Object.fromEntries(providers),
  };
}

function formatText({ stages, edges, problems }: DependencyGraph): string[] {
  const lines = stages.flatMap(({ phase, ids }, index) => [
    `stage ${index + 1} (${PHASES[phase]})`,
    ...ids.flatMap((id) => [
      `  ${id}`,
      ...edges.filter(({ from }) => from === id)
        .map(({ to, optional, label }) => `    ${optional ? "may use" : "needs"} ${to} (${label})`),
    ]),
  ]);
  const blocked = [...problems.values()].flatMap((list) => list.map(({ message }) => `! ${message}`));
  return lines.length + blocked.length === 0 ? ["There are no plugins."] : [...lines, ...blocked];
}

function formatMermaid({ stages, edges }: DependencyGraph): string[] {
  return [
    "flowchart LR",
    ...stages.flatMap(({ ids }) => ids.map((id) => `  ${node(id)}["${id}"]`)),
    ...edges.map(({ from, to, optional, label }) =>
      `  ${node(from)} ${optional ? "-.->" : "-->"}|"${label.replaceAll('"', "'")}"| ${node(to)}`
    ),
  ];
}

function formatDot({ stages, edges }: DependencyGraph): string[] {
  return [
    "digraph plugins {",
    "  rankdir=LR;",
    ...stages.flatMap(({ ids }) => ids.map((id) => `  ${JSON.stringify(id)};`)),
    ...edges.map(({ from, to, optional, label }) =>
      `  ${JSON.stringify(from)} -> ${JSON.stringify(to)} [label=${JSON.stringify(label)}${
        optional ? ", style=dashed" : ""
      }];`
    ),
    "}",
  ];
}

function node(id: string): string {
  return id.replaceAll(/[^a-z0-9]/g, "_");
}
