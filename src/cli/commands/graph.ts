/**
 * `cordon graph`: who depends on whom.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import type { GraphDocument } from "../../control/control.ts";
import { openControl } from "../host_access.ts";
import type { CommandContext } from "../options.ts";

const FORMATS: Readonly<Record<string, (graph: GraphDocument) => string[]>> = {
  text: formatText,
  mermaid: formatMermaid,
  dot: formatDot,
  json: (graph) => [JSON.stringify(graph, null, 2)],
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
  await using host = await openControl(context, { lookOnly: true, grant: "requested" });
  const document = await host.graph();
  output.document(document);
  for (const line of FORMATS[format]!(document)) output.line(line);
  return 0;
}

function formatText({ stages, edges, problems }: GraphDocument): string[] {
  const lines = stages.flatMap(({ phase, ids }, index) => [
    `stage ${index + 1} (${phase})`,
    ...ids.flatMap((id) => [
      `  ${id}`,
      ...edges.filter(({ from }) => from === id)
        .map(({ to, optional, label }) => `    ${optional ? "may use" : "needs"} ${to} (${label})`),
    ]),
  ]);
  const blocked = Object.values(problems).flatMap((list) => list.map(({ message }) => `! ${message}`));
  return lines.length + blocked.length === 0 ? ["There are no plugins."] : [...lines, ...blocked];
}

function formatMermaid({ stages, edges }: GraphDocument): string[] {
  return [
    "flowchart LR",
    ...stages.flatMap(({ ids }) => ids.map((id) => `  ${node(id)}["${id}"]`)),
    ...edges.map(({ from, to, optional, label }) =>
      `  ${node(from)} ${optional ? "-.->" : "-->"}|"${label.replaceAll('"', "'")}"| ${node(to)}`
    ),
  ];
}

function formatDot({ stages, edges }: GraphDocument): string[] {
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
