/**
 * Starting many plugins, from a host that has checked them to the last one running.
 *
 * @module
 */

import { JsonFloor } from "../floors/json_host.ts";
import { time } from "../measure.ts";
import type { Subject } from "../subject.ts";
import { openWorkspace, writePlugins } from "../workspace.ts";

/** Starts `count` plugins that need nothing. */
export async function openStagedStart(count: number): Promise<Subject> {
  const dir = await Deno.makeTempDir({ prefix: "cordon-bench-plugins-" });
  await writePlugins(dir, count);
  const { host, ...workspace } = await openWorkspace([dir]);
  return {
    name: `staged start of ${count}`,
    unit: "ms",
    better: "lower",
    target: 1.15,
    rounds: 3,
    contenders: {
      cordon: async () => {
        const figure = await time(() => host.start());
        if (host.list().some(({ state }) => state !== "running")) throw new Error("Not every plugin runs");
        await host.stop();
        return figure;
      },
      floor: () => startFloors(dir, count),
    },
    async [Symbol.asyncDispose]() {
      await workspace[Symbol.asyncDispose]();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

/** As many children, as many at a time as the host starts. */
async function startFloors(dir: string, count: number): Promise<number> {
  const floors: JsonFloor[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) {
      const floor = await JsonFloor.open({
        main: `${dir}/p${index}/main.ts`,
        cacheDir: `${dir}/cache-${index}`,
      });
      await floor.call(1);
      floors.push(floor);
    }
  };
  const figure = await time(() =>
    Promise.all(Array.from({ length: 2 * navigator.hardwareConcurrency }, worker))
  );
  await Promise.all(floors.map((floor) => floor[Symbol.asyncDispose]()));
  return figure;
}
