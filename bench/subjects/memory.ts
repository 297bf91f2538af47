/**
 * Memory of one idle plugin among ten, as the kernel counts it.
 *
 * @module
 */

import { JsonFloor } from "../floors/json_host.ts";
import { median } from "../measure.ts";
import type { Subject } from "../subject.ts";
import { ECHO, openWorkspace, writePlugins } from "../workspace.ts";

const COUNT = 10;

/** Proportional set size: pages shared by several processes count once among them. */
export async function openMemory(): Promise<Subject> {
  const dir = await Deno.makeTempDir({ prefix: "cordon-bench-plugins-" });
  await writePlugins(dir, COUNT);
  const { host, ...workspace } = await openWorkspace([dir]);
  await host.start();
  const floors: JsonFloor[] = [];
  for (let index = 0; index < COUNT; index++) {
    const floor = await JsonFloor.open({ main: `${ECHO}/main.ts`, cacheDir: `${dir}/cache` });
    await floor.call(1);
    floors.push(floor);
  }
  return {
    name: "memory per plugin (PSS)",
    unit: "MiB",
    better: "lower",
    target: 1.25,
    rounds: 3,
    contenders: {
      cordon: async () => median(await Promise.all(host.list().map(({ pid }) => readPss(pid!)))),
      floor: async () => median(await Promise.all(floors.map(({ pid }) => readPss(pid)))),
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(floors.map((floor) => floor[Symbol.asyncDispose]()));
      await workspace[Symbol.asyncDispose]();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

/** Memory of a process in MiB, with its share of pages that others have too. */
export async function readPss(pid: number): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/smaps_rollup`);
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)![1]) / 1024;
}
