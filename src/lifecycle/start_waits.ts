/**
 * Which plugins that are starting wait for the start of which others, since
 * they called them: a wait that would never end is refused.
 *
 * @module
 */

import { CordonError } from "../errors.ts";

/** The waits there are. */
export class StartWaits {
  readonly #needsOf: (id: string) => Iterable<string>;
  readonly #waits = new Map<string, string[]>();

  /** @param needsOf The plugins that have to run before a plugin does, itself included. */
  constructor(needsOf: (id: string) => Iterable<string>) {
    this.#needsOf = needsOf;
  }

  /**
   * Has a plugin that is starting wait for the start of another.
   *
   * @returns Ends the wait when it is disposed of.
   * @throws {CordonError} `deadlock` where that one waits for it.
   */
  enter(waiter: string, target: string): Disposable {
    const way = this.#findWay(target, waiter);
    if (way !== undefined) throw describeDeadlock(waiter, way);
    const targets = this.#waits.get(waiter) ?? [];
    this.#waits.set(waiter, targets);
    targets.push(target);
    return {
      [Symbol.dispose]: () => {
        targets.splice(targets.indexOf(target), 1);
        if (targets.length === 0) this.#waits.delete(waiter);
      },
    };
  }

  /** From one plugin to another, each waiting for the next. */
  #findWay(from: string, to: string): string[] | undefined {
    const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
    // A map grows while it is walked, and the walk takes in what was added.
    for (const id of cameFrom.keys()) {
      for (const next of [...this.#needsOf(id), ...this.#waits.get(id) ?? []]) {
        if (!cameFrom.has(next)) cameFrom.set(next, id);
      }
    }
    if (!cameFrom.has(to)) return undefined;
    const way: string[] = [];
    for (let id: string | undefined = to; id !== undefined; id = cameFrom.get(id)) way.unshift(id);
    return way;
  }
}

function describeDeadlock(waiter: string, way: readonly string[]): CordonError {
  const shown = way.map((id) => `"${id}"`).join(" waits for ");
  return new CordonError(
    "deadlock",
    `Cannot wait for "${way[0]}" while "${waiter}" starts: ${shown}`,
    { hint: `Call it once "${waiter}" runs, and not in activate()` },
  );
}
