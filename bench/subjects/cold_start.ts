/**
 * From nothing to the first answer of a plugin: spawn, connect, import, call.
 *
 * @module
 */

import { JsonFloor } from "../floors/json_host.ts";
import { time } from "../measure.ts";
import type { Subject } from "../subject.ts";
import { ECHO, openWorkspace } from "../workspace.ts";

/** Both sides keep their compiled code from earlier rounds. */
export async function openColdStart(): Promise<Subject> {
  const { host, dir, ...workspace } = await openWorkspace();
  const cached = `${dir}/floor-cache`;
  return {
    name: "cold start",
    unit: "ms",
    better: "lower",
    target: 1.25,
    rounds: 15,
    contenders: {
      cordon: async () => {
        const figure = await time(() => host.call("bench.echo", "answer", [1]));
        await host.stop();
        return figure;
      },
      floor: async () => {
        let floor: JsonFloor | undefined;
        const figure = await time(async () => {
          floor = await JsonFloor.open({ main: `${ECHO}/main.ts`, cacheDir: cached });
          await floor.call(1);
        });
        await floor?.[Symbol.asyncDispose]();
        return figure;
      },
    },
    [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose](),
  };
}
