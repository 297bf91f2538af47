/**
 * Who waits for whom. A wait that could never end is found the moment it
 * begins: whatever it waits for is kept by somebody who waits, and so on, back
 * to itself.
 *
 * What a plugin does at once is not seen from here. Unless it says so, its
 * waits are taken to keep what it had of other resources when they began, as
 * others see it; its own other waits may count on its letting go.
 *
 * @module
 */

/** Permits that somebody holds. */
export interface Holding {
  /** Who. */
  readonly owner: Party;
  /** How many. */
  readonly permits: number;
  /** Waits of the same owner, until whose end it is kept. */
  readonly keptBy: ReadonlySet<Waiting>;
}

/** Somebody who waits. */
export interface Waiting {
  /** Who. */
  readonly owner: Party;
  /** For how many permits. */
  readonly permits: number;
  /** Where. */
  readonly queue: WaitQueue;
  /** Whether its owner said what is kept meanwhile. */
  readonly isSaid: boolean;
}

/** What is held and waited for. */
export interface WaitQueue {
  /** Its name. */
  readonly name: string;
  /** Permits that nobody holds. */
  readonly free: number;
  /** Those that are held. */
  readonly leases: ReadonlySet<Holding>;
  /** Those who wait, in the order in which they are served. */
  readonly waits: ReadonlySet<Waiting>;
}

/** Somebody who holds and waits, told from others by identity. */
export interface Party {
  /** Plugin id. */
  readonly id: string;
}

/** One link of a cycle. */
export interface DeadlockStep {
  /** Id of who waits. */
  readonly waiter: string;
  /** What for. */
  readonly resource: string;
  /** Id of who holds it, or is served before. */
  readonly blocker: string;
  /** Whether that one has it, or waits for it too. */
  readonly isHeld: boolean;
}

/**
 * The cycle that a wait, the last of its queue, closes.
 *
 * @returns Undefined where it can end.
 */
export function findDeadlock(wait: Waiting): DeadlockStep[] | undefined {
  const able = findAble(wait.queue);
  return able.has(wait) ? undefined : findCycle(wait, able);
}

/** A cycle in words: `"a" waits for "x", held by "b", which waits for "y", held by "a"`. */
export function formatDeadlock(steps: readonly DeadlockStep[]): string {
  return steps.map(({ waiter, resource, blocker, isHeld }, index) =>
    `${index === 0 ? `"${waiter}"` : "which"} waits for "${resource}", ${
      isHeld ? "held" : "waited for before"
    } by "${blocker}"`
  ).join(", ");
}

/** Those waits that can end, of all that a queue depends on: what is free serves some, whose ends serve others. */
function findAble(queue: WaitQueue): Set<Waiting> {
  const queues = new Set([queue]);
  // A set grows while it is walked, and the walk takes in what was added.
  for (const { leases } of queues) {
    for (const { keptBy } of leases) for (const wait of keptBy) queues.add(wait.queue);
  }
  const able = new Set<Waiting>();
  for (let before = -1; before < able.size;) {
    before = able.size;
    for (const { waits } of queues) {
      for (const wait of waits) {
        // Those behind it are not served before it.
        if (!able.has(wait) && !canBeServed(wait, able)) break;
        able.add(wait);
      }
    }
  }
  return able;
}

function canBeServed(wait: Waiting, able: ReadonlySet<Waiting>): boolean {
  let permits = wait.queue.free;
  for (const lease of wait.queue.leases) {
    if (permits >= wait.permits) return true;
    if (blockersOf(lease, wait, able).next().done) permits += lease.permits;
  }
  return permits >= wait.permits;
}

/** The waits without an end that keep a lease from somebody who waits for it. */
function* blockersOf(lease: Holding, wait: Waiting, able: ReadonlySet<Waiting>): Generator<Waiting> {
  for (const keeper of lease.keptBy) {
    if (!able.has(keeper) && (lease.owner !== wait.owner || keeper.isSaid)) yield keeper;
  }
}

/** The shortest way from a wait back to itself. */
function findCycle(start: Waiting, able: ReadonlySet<Waiting>): DeadlockStep[] | undefined {
  const ways = new Map<Waiting, DeadlockStep[]>([[start, []]]);
  for (const [wait, way] of ways) {
    for (const { next, blocker, isHeld } of linksOf(wait, able)) {
      const step = { waiter: wait.owner.id, resource: wait.queue.name, blocker: blocker.id, isHeld };
      if (next === start) return [...way, step];
      if (!ways.has(next)) ways.set(next, [...way, step]);
    }
  }
  return undefined;
}

function* linksOf(
  wait: Waiting,
  able: ReadonlySet<Waiting>,
): Generator<{ next: Waiting; blocker: Party; isHeld: boolean }> {
  const { leases, waits } = wait.queue;
  for (const lease of leases) {
    for (const next of blockersOf(lease, wait, able)) yield { next, blocker: lease.owner, isHeld: true };
  }
  for (const next of waits) {
    if (next === wait) return;
    if (!able.has(next)) yield { next, blocker: next.owner, isHeld: false };
  }
}
