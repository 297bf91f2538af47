/**
 * From nothing to the first answer of a plugin: spawn, connect, import, call.
 *
 * @module
 */

import { JsonFloor } from "../floors/json_host.ts";
import { time } from "../measure.ts";
import type { Subject } from "../subject.ts";
import { ECHO, openWorkspace, type Workspace } from "../workspace.ts";

/** Quiet before each start, in which a host makes its next launcher ready. */
const QUIET_MS = 250;

/** Every side keeps its compiled code from earlier rounds. */
export async function openColdStart(): Promise<Subject> {
  await using stack = new AsyncDisposableStack();
  const best = stack.use(await openWorkspace());
  const unconfined = stack.use(await openWorkspace([ECHO], { policy: { tier: "deno" } }));
  const cached = `${best.dir}/floor-cache`;
  const startAndCall = async ({ host }: Workspace) => {
    await settle();
    const figure = await time(() => host.call("bench.echo", "answer", [1]));
    await host.stop();
    return figure;
  };
  const parts = stack.move();
  return {
    name: "cold start",
    unit: "ms",
    better: "lower",
    target: 1.5,
    rounds: 15,
    contenders: {
      cordon: () => startAndCall(best),
      "tier deno": () => startAndCall(unconfined),
      floor: async () => {
        await settle();
        let floor: JsonFloor | undefined;
        const figure = await time(async () => {
          floor = await JsonFloor.open({ main: `${ECHO}/main.ts`, cacheDir: cached });
          await floor.call(1);
        });
        await floor?.[Symbol.asyncDispose]();
        return figure;
      },
    },
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  };
}

function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, QUIET_MS));
}
