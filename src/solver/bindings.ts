/**
 * Which provider each plugin gets for each capability it uses, such that
 * whatever can start does. Pure.
 *
 * What can start is the least fixed point: a plugin can when what it needs can,
 * and for each capability it cannot do without some candidate can. Each use
 * then gets its best candidate of those; where that closes a cycle the plugin
 * that could start before the rest of the cycle takes its next candidate
 * outside of it. It always has one: the one by which it could start.
 *
 * @module
 */

import { findKnots } from "./cycles.ts";

/** A use of a capability, and who could serve it. */
export interface Use {
  /** The plugin that uses it. */
  readonly consumer: string;
  /** The capability. */
  readonly name: string;
  /** Whether the plugin starts without. */
  readonly optional: boolean;
  /** Plugins that could serve it, the best first. */
  readonly candidates: readonly string[];
}

/** What is to be bound. */
export interface BindingQuestion {
  /** Plugins that nothing of their own keeps from starting. */
  readonly ids: readonly string[];
  /** Plugins that others cannot start without. */
  readonly needs: readonly { readonly from: string; readonly to: string }[];
  /** Their uses of capabilities. */
  readonly uses: readonly Use[];
}

/** What came of it. */
export interface Bindings {
  /** The plugins that can start. */
  readonly startable: ReadonlySet<string>;
  /** Who serves each plugin, by its id and the capability. */
  readonly bindings: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** Chooses the provider of each use. */
export function bindUses({ ids, needs, uses }: BindingQuestion): Bindings {
  const ranks = rankStartable({ ids, needs, uses });
  const open = uses.filter(({ consumer }) => ranks.has(consumer))
    .map((use) => ({ ...use, candidates: use.candidates.filter((id) => ranks.has(id)) }));
  const firm = needs.filter(({ from }) => ranks.has(from));
  const required = breakKnots(open.filter(({ optional }) => !optional), { ranks, firm });
  const bindings = new Map<string, Map<string, string>>();
  for (
    const { consumer, name, candidates: [provider] } of [
      ...required,
      ...open.filter((use) => use.optional),
    ]
  ) {
    if (provider === undefined) continue;
    const own = bindings.get(consumer) ?? new Map<string, string>();
    bindings.set(consumer, own.set(name, provider));
  }
  return { startable: new Set(ranks.keys()), bindings };
}

/** The plugins that can start, each with how many steps come before it. */
function rankStartable({ ids, needs, uses }: BindingQuestion): Map<string, number> {
  const unmet = new Map(ids.map((id) => [id, 0]));
  const waiting = new Map<string, { readonly consumer: string; isMet: boolean }[]>();
  const wait = (consumer: string, candidates: readonly string[]) => {
    const premise = { consumer, isMet: false };
    if (unmet.has(consumer)) unmet.set(consumer, unmet.get(consumer)! + 1);
    for (const id of candidates) {
      const premises = waiting.get(id) ?? [];
      premises.push(premise);
      waiting.set(id, premises);
    }
  };
  for (const { from, to } of needs) wait(from, [to]);
  for (const { consumer, candidates, optional } of uses) if (!optional) wait(consumer, candidates);

  const ranks = new Map<string, number>();
  let layer = ids.filter((id) => unmet.get(id) === 0);
  for (let rank = 0; layer.length > 0; rank++) {
    for (const id of layer) ranks.set(id, rank);
    const next: string[] = [];
    for (const premise of layer.flatMap((id) => waiting.get(id) ?? [])) {
      const left = unmet.get(premise.consumer);
      if (premise.isMet || left === undefined) continue;
      premise.isMet = true;
      unmet.set(premise.consumer, left - 1);
      if (left === 1) next.push(premise.consumer);
    }
    layer = next;
  }
  return ranks;
}

/** The same uses, without the candidates that would close a cycle. */
function breakKnots(
  uses: readonly Use[],
  { ranks, firm }: { ranks: ReadonlyMap<string, number>; firm: BindingQuestion["needs"] },
): Use[] {
  let left = [...uses];
  for (;;) {
    const knots = findKnots([...ranks.keys()], [
      ...firm,
      ...left.map(({ consumer, candidates }) => ({ from: consumer, to: candidates[0]! })),
    ]);
    if (knots.length === 0) return left;
    const inside = new Map(knots.map((knot) => [findFirst(knot, ranks), new Set(knot)]));
    left = left.map((use) => {
      const knot = inside.get(use.consumer);
      if (knot === undefined || !knot.has(use.candidates[0]!)) return use;
      // Each of them is on a way back to the plugin; what it could start by is none of them.
      return { ...use, candidates: use.candidates.filter((id) => !knot.has(id)) };
    });
  }
}

/** The plugin of a knot that can start before the others. */
function findFirst(knot: readonly string[], ranks: ReadonlyMap<string, number>): string {
  return knot.reduce((first, id) => {
    const difference = ranks.get(id)! - ranks.get(first)!;
    return difference < 0 || (difference === 0 && id < first) ? id : first;
  });
}
