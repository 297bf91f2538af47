/**
 * Cycles of a directed graph.
 *
 * @module
 */

/** That one thing needs another. */
type Edge = { readonly from: string; readonly to: string };

/** One way round through each knot of a graph. */
export function findCycles(ids: readonly string[], edges: readonly Edge[]): string[][] {
  const targets = groupTargets(ids, edges);
  return findKnots(ids, edges).map((knot) => orderCycle(knot, targets));
}

/** Strongly connected components of more than one plugin (or of one that needs itself), after Tarjan (1972). */
export function findKnots(ids: readonly string[], edges: readonly Edge[]): string[][] {
  const targets = groupTargets(ids, edges);
  const indexes = new Map<string, { index: number; low: number; onStack: boolean }>();
  const stack: string[] = [];
  const knots: string[][] = [];
  for (const root of ids) {
    if (indexes.has(root)) continue;
    // An explicit stack of visits: a chain of 10,000 plugins must not overflow ours.
    const visits = [{ id: root, next: 0 }];
    while (visits.length > 0) {
      const visit = visits.at(-1)!;
      if (visit.next === 0) {
        indexes.set(visit.id, { index: indexes.size, low: indexes.size, onStack: true });
        stack.push(visit.id);
      }
      const mine = indexes.get(visit.id)!;
      const target = targets.get(visit.id)![visit.next++];
      if (target !== undefined) {
        const theirs = indexes.get(target);
        if (theirs === undefined) visits.push({ id: target, next: 0 });
        else if (theirs.onStack) mine.low = Math.min(mine.low, theirs.index);
        continue;
      }
      visits.pop();
      const parent = visits.at(-1);
      if (parent !== undefined) {
        const above = indexes.get(parent.id)!;
        above.low = Math.min(above.low, mine.low);
      }
      if (mine.low !== mine.index) continue;
      const component = stack.splice(stack.lastIndexOf(visit.id));
      for (const id of component) indexes.get(id)!.onStack = false;
      if (component.length > 1 || targets.get(visit.id)!.includes(visit.id)) {
        knots.push(component);
      }
    }
  }
  return knots;
}

/** One way round through a component, beginning with its first id. */
function orderCycle(component: readonly string[], targets: ReadonlyMap<string, readonly string[]>): string[] {
  const members = new Set(component);
  const start = [...component].sort()[0]!;
  const cameFrom = new Map<string, string>();
  for (const queue = [start]; queue.length > 0;) {
    const id = queue.shift()!;
    for (const target of targets.get(id)!) {
      if (target === start) {
        const cycle = [id];
        while (cycle[0] !== start) cycle.unshift(cameFrom.get(cycle[0]!)!);
        return cycle;
      }
      if (members.has(target) && !cameFrom.has(target)) {
        cameFrom.set(target, id);
        queue.push(target);
      }
    }
  }
  return [...component];
}

function groupTargets(ids: readonly string[], edges: readonly Edge[]): Map<string, string[]> {
  const targets = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const { from, to } of edges) targets.get(from)?.push(to);
  return targets;
}
