/**
 * Contenders that take turns, so that what the machine does meanwhile hits
 * them alike; only ratios within a round are claimed.
 *
 * @module
 */

/** One way of doing the job; returns the figure of one round. */
export type Contender = () => Promise<number>;

/** Figures of every round, by contender. */
export type Rounds = ReadonlyMap<string, readonly number[]>;

/** Lets the contenders take turns, after one round that does not count. */
export async function takeTurns(
  contenders: Readonly<Record<string, Contender>>,
  rounds: number,
): Promise<Rounds> {
  const figures = new Map<string, number[]>(Object.keys(contenders).map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      const figure = await run();
      if (round >= 0) figures.get(name)!.push(figure);
    }
  }
  return figures;
}

/** The middle figure. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The middle of the ratios round by round. */
export function medianRatio(figures: readonly number[], base: readonly number[]): number {
  return median(figures.map((figure, round) => figure / base[round]!));
}

/** Milliseconds that something takes. */
export async function time(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}
