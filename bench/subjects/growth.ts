/**
 * Calls while other plugins run: what a call costs must not grow with them.
 *
 * @module
 */

import { time } from "../measure.ts";
import type { Subject } from "../subject.ts";
import { openWorkspace, type Workspace, writePlugins } from "../workspace.ts";

const CALLS = 1_000;

/** Microseconds of a call among 200 running plugins, beside 10 and 50. */
export async function openGrowth(): Promise<Subject> {
  const spaces: Workspace[] = [];
  const call = async (count: number) => {
    const dir = await Deno.makeTempDir({ prefix: "cordon-bench-" });
    await writePlugins(dir, count);
    const space = await openWorkspace([dir], { grant: "requested" });
    spaces.push(space, { ...space, [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }) });
    await space.host.start();
    return async () => {
      const ms = await time(async () => {
        for (let left = CALLS; left > 0; left--) await space.host.call("bench.echo-7", "answer", [left]);
      });
      return ms * 1_000 / CALLS;
    };
  };
  return {
    name: "call among 200 plugins (beside 10)",
    unit: "us",
    better: "lower",
    target: 1.1,
    rounds: 9,
    contenders: { cordon: await call(200), floor: await call(10), "among 50": await call(50) },
    async [Symbol.asyncDispose]() {
      for (const space of spaces) await space[Symbol.asyncDispose]();
    },
  };
}
