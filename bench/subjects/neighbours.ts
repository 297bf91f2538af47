/**
 * Calls to a healthy plugin beside plugins that use too much: its p99 while
 * they run, against its p99 in quiet.
 *
 * @module
 */

import { openHost, type PluginHost } from "@cordon/cordon";
import type { Subject } from "../subject.ts";
import { ECHO } from "../workspace.ts";

/** Long enough for each of them to be at work. */
const MEASURED_MS = 2_000;

/** What each of them does when it is let loose. */
const CULPRITS: Readonly<Record<string, string>> = {
  memory: "const kept = []; setInterval(() => kept.push(new Uint8Array(2 ** 22).fill(1)), 5);",
  loop: "for (;;);",
  logs: 'setInterval(() => { for (let n = 0; n < 500; n++) ctx.log.info("x"); }, 1);',
  prints: 'setInterval(() => { for (let n = 0; n < 500; n++) console.log("x"); }, 1);',
  descriptors: "const kept = []; for (;;) kept.push(Deno.openSync(ctx.data));",
};

/** Microseconds that one of a hundred calls exceeds. */
export async function openNeighbours(): Promise<Subject> {
  const dir = await Deno.makeTempDir({ prefix: "cordon-bench-" });
  for (const [name, code] of Object.entries(CULPRITS)) await writeCulprit(`${dir}/${name}`, name, code);
  const host = await openHost({ plugins: [ECHO, dir], data: `${dir}/data`, grant: "requested" });
  await host.start();
  const figure = async () => {
    const times: number[] = [];
    const endsAt = performance.now() + MEASURED_MS;
    for (let startedAt = 0; startedAt < endsAt;) {
      startedAt = performance.now();
      await host.call("bench.echo", "answer", [1]);
      times.push((performance.now() - startedAt) * 1_000);
    }
    return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)]!;
  };
  return {
    name: "p99 beside culprits",
    unit: "us",
    better: "lower",
    target: 2,
    rounds: 7,
    contenders: {
      cordon: async () => {
        const names = Object.keys(CULPRITS);
        for (const name of names) await host.startPlugin(`bench.${name}`);
        const loose = names.map((name) => host.call(`bench.${name}`, "misbehave").catch(() => {}));
        const result = await figure();
        await Promise.all(loose.map((ending, at) => endCulprit(host, `bench.${names[at]}`, ending)));
        return result;
      },
      floor: figure,
    },
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

/** Stops one that was not stopped for its limits in that time; waits for one that is about to be. */
async function endCulprit(host: PluginHost, id: string, ending: Promise<unknown>): Promise<void> {
  if (host.info(id).state === "running") await host.stopPlugin(id);
  await ending;
  while (host.info(id).state === "stopping") await new Promise((resolve) => setTimeout(resolve, 10));
}

async function writeCulprit(dir: string, name: string, code: string): Promise<void> {
  await Deno.mkdir(dir);
  await Deno.writeTextFile(
    `${dir}/plugin.toml`,
    `schema = 1
[plugin]
id = "bench.${name}"
version = "1.0.0"
main = "main.js"
[[permissions.read]]
paths = ["$DATA"]
[limits]
memory = "128MiB"
[reload]
drain = "100ms"
`,
  );
  await Deno.writeTextFile(
    `${dir}/main.js`,
    `export const activate = (ctx) => ({ misbehave() { ${code} return new Promise(() => {}); } });\n`,
  );
}
