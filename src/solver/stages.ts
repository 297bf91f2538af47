/**
 * The order in which the plugins of a graph start.
 *
 * @module
 */

/** For how many others a plugin still waits. */
interface Waits {
  required: number;
  optional: number;
}

/** Levels by phase, then by distance from what needs nothing (Kahn 1962); an optional edge may be cut to break a cycle. */
export function orderStages(
  nodes: readonly { readonly id: string; readonly phase: number }[],
  edges: readonly { readonly from: string; readonly to: string; readonly optional: boolean }[],
): { phase: number; ids: string[] }[] {
  const present = new Set(nodes.map(({ id }) => id));
  const within = edges.filter(({ from, to }) => present.has(from) && present.has(to) && from !== to);
  const dependents = Map.groupBy(within, ({ to }) => to);
  const stages: { phase: number; ids: string[] }[] = [];
  const placed = new Set<string>();
  for (const phase of [...new Set(nodes.map((node) => node.phase))].sort((a, b) => a - b)) {
    const left = new Map<string, Waits>();
    for (const { id } of nodes.filter((node) => node.phase === phase)) {
      left.set(id, { required: 0, optional: 0 });
    }
    for (const { from, to, optional } of within) {
      const waits = left.get(from);
      if (waits !== undefined && !placed.has(to)) waits[optional ? "optional" : "required"]++;
    }
    let free = [...left].filter(([, waits]) => waits.required + waits.optional === 0).map(([id]) => id);
    while (left.size > 0) {
      const ids = free.length > 0 ? free.sort() : [chooseCut(left)];
      stages.push({ phase, ids });
      for (const id of ids) {
        left.delete(id);
        placed.add(id);
      }
      free = [];
      for (const { from, optional } of ids.flatMap((id) => dependents.get(id) ?? [])) {
        const waits = left.get(from);
        if (waits === undefined) continue;
        waits[optional ? "optional" : "required"]--;
        if (waits.required + waits.optional === 0) free.push(from);
      }
    }
  }
  return stages;
}

/** The first plugin that waits only for what it can do without: in a cycle left over there always is one. */
function chooseCut(left: ReadonlyMap<string, Waits>): string {
  return [...left].filter(([, { required }]) => required === 0).map(([id]) => id).sort()[0]!;
}
