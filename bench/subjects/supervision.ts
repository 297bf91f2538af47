/**
 * What a permission check costs a supervised plugin: a thousand files looked at.
 *
 * @module
 */

import { openHost } from "@cordon/cordon";
import { time } from "../measure.ts";
import type { Subject } from "../subject.ts";

const ID = "bench.checks";
const MANIFEST = `schema = 1\n[plugin]\nid = "${ID}"\nversion = "1.0.0"\nmain = "main.js"\n`;
const MAIN = `export const activate = () => ({
  look(count) { while (count-- > 0) Deno.statSync(import.meta.filename); },
});\n`;
const CHECKS = 1_000;

/** The floor is the same plugin under flags. */
export async function openSupervision(): Promise<Subject> {
  const dir = await Deno.makeTempDir({ prefix: "cordon-bench-" });
  await Deno.mkdir(`${dir}/plugin`);
  await Deno.writeTextFile(`${dir}/plugin/plugin.toml`, MANIFEST);
  await Deno.writeTextFile(`${dir}/plugin/main.js`, MAIN);
  const plugins = [`${dir}/plugin`];
  const supervised = await openHost({ plugins, data: `${dir}/a`, policy: { supervise: [ID] } });
  const plain = await openHost({ plugins, data: `${dir}/b` });
  const look = (host: typeof plain) => async () =>
    1_000 * await time(() => host.call(ID, "look", [CHECKS])) / CHECKS;
  return {
    name: "supervised check",
    unit: "µs",
    better: "lower",
    target: 25,
    rounds: 15,
    contenders: { cordon: look(supervised), floor: look(plain) },
    async [Symbol.asyncDispose]() {
      await supervised[Symbol.asyncDispose]();
      await plain[Symbol.asyncDispose]();
      await Deno.remove(dir, { recursive: true });
    },
  };
}
