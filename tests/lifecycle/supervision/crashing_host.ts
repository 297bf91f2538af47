/**
 * A host whose plugins crash at random while they are called, for some
 * seconds; says what came of the calls and how much of a processor it took.
 *
 * @module
 */

import process from "node:process";
import { CordonError, openHost } from "@cordon/cordon";

/** Time between two calls of each plugin. */
const CALL_EVERY_MS = 20;

/** What the program says. */
export interface CrashReport {
  /** Calls by what came of them: `answered`, or the code of the failure. */
  readonly calls: Readonly<Record<string, number>>;
  /** Share of one processor that the host used, without its plugins. */
  readonly cpuShare: number;
  /** The same while the same calls are made and nothing crashes. */
  readonly calmShare: number;
}

const [plugins, data, seconds] = Deno.args;

await using host = await openHost({ plugins: [plugins!], data: data!, grant: "requested" });
await host.start();
const ids = host.list().map(({ id }) => id);
const calls: Record<string, number> = {};
const count = (what: string) => calls[what] = (calls[what] ?? 0) + 1;

const calmShare = await measure(Number(seconds) / 4, () => ids.forEach((id) => void call(id, "calm")));
void resetFailed();
const cpuShare = await measure(Number(seconds), () => ids.forEach((id) => void call(id, "work")));
// deno-lint-ignore no-console -- this is a program
console.log(JSON.stringify({ calls, cpuShare, calmShare } satisfies CrashReport));

/** What an administrator does about plugins that were given up, who is quick and no machine. */
async function resetFailed(): Promise<void> {
  for await (const { id, facts } of host.journal.follow()) {
    if (facts.to !== "failed") continue;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    void host.startPlugin(id!).catch(() => count("start_failed"));
  }
}

async function call(id: string, method: string): Promise<void> {
  try {
    await host.call(id, method);
    count("answered");
  } catch (error) {
    if (!(error instanceof CordonError)) throw error;
    count(error.code);
  }
}

/** Does something again and again; returns the share of a processor that this took. */
async function measure(forSeconds: number, act: () => void): Promise<number> {
  const before = process.cpuUsage();
  const beganAt = performance.now();
  for (let next = beganAt; next < beganAt + forSeconds * 1_000; next += CALL_EVERY_MS) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
    act();
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / (performance.now() - beganAt);
}
