/**
 * What the plugins of a soak wrote down, and what of it does not fit together.
 *
 * @module
 */

import type { Kind } from "./plugin/notes.ts";
import { hears, idOf, PLUGINS } from "./plugin/world.ts";

/** What they did. */
export interface Ledger {
  /** Events whose publisher was told that they are kept. */
  readonly published: number;
  /** Events that were taken, each by each listener once. */
  readonly taken: number;
  /** Events that were taken again. */
  readonly duplicates: number;
  /** Acknowledged events that a listener did not take. */
  readonly undelivered: readonly string[];
  /** Events that came for the first time behind a later one of the same publisher, or were missed. */
  readonly misplaced: readonly string[];
  /** How often each thing was done. */
  readonly done: Readonly<Record<string, number>>;
  /** Bytes of the streams that were read to their end. */
  readonly streamed: number;
  /** What failed, by what was done and the code. */
  readonly errors: Readonly<Record<string, number>>;
  /** A message of each. */
  readonly messages: Readonly<Record<string, string>>;
}

/** Reads what they wrote. */
export async function readLedger(data: string): Promise<Ledger> {
  const numbers = Array.from({ length: PLUGINS }, (_, number) => number);
  const read = (number: number, kind: Kind) => readLines(`${data}/plugins/${idOf(number)}/data/${kind}`);
  const acked = await Promise.all(numbers.map((number) => read(number, "acked")));
  const taken = await Promise.all(numbers.map((number) => read(number, "taken")));
  const done = (await Promise.all(numbers.map((number) => read(number, "done")))).flat();
  const errors = (await Promise.all(numbers.map((number) => read(number, "errors")))).flat()
    .map((line) => JSON.parse(line) as [string, string, string]);
  const heard = taken.map((lines) => sortOut(lines));
  const byCode = errors.map(([action, code]) => `${action}: ${code}`);
  return {
    published: acked.flat().length,
    taken: heard.reduce((sum, { first }) => sum + first.size, 0),
    duplicates: heard.reduce((sum, { duplicates }) => sum + duplicates, 0),
    undelivered: heard.flatMap(({ first }, listener) =>
      numbers.filter((publisher) => hears(listener, publisher)).flatMap((publisher) =>
        acked[publisher]!.filter((line) => !first.has(`${publisher} ${line}`))
          .map((line) => `${publisher} ${line} to ${listener}`)
      )
    ),
    misplaced: heard.flatMap(({ misplaced }, listener) => misplaced.map((line) => `${line} at ${listener}`)),
    done: count(done.map((line) => line.split(" ")[0]!)),
    streamed: done.reduce((sum, line) => sum + Number(line.split(" ")[1] ?? 0), 0),
    errors: count(byCode),
    messages: Object.fromEntries(errors.map(([, , message], index) => [byCode[index]!, message])),
  };
}

/** Tells events that came for the first time from those that came again. */
function sortOut(lines: readonly string[]) {
  const first = new Set<string>();
  const misplaced: string[] = [];
  const last = new Map<string, { life: number; seq: number; position: number }>();
  let duplicates = 0;
  for (const line of lines) {
    const [by, life, seq, position, , missed] = line.split(" ").map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const key = `${by} ${life} ${seq}`;
    if (first.has(key)) {
      duplicates++;
      continue;
    }
    first.add(key);
    const before = last.get(`${by}`) ?? { life: 0, seq: 0, position: 0 };
    last.set(`${by}`, { life, seq, position });
    const isNext = position > before.position &&
      (life === before.life ? seq === before.seq + 1 : life > before.life && seq === 1);
    if (!isNext || missed > 0) misplaced.push(line);
  }
  return { first, misplaced, duplicates };
}

function count(words: readonly string[]): Record<string, number> {
  const counts = Object.entries(Object.groupBy(words, (word) => word));
  return Object.fromEntries(counts.map(([word, all]) => [word, all!.length]).toSorted());
}

async function readLines(path: string): Promise<string[]> {
  try {
    return (await Deno.readTextFile(path)).split("\n").filter((line) => line !== "");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
