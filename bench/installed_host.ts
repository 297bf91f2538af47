/**
 * A host in a process of its own, with many plugins installed of which some
 * run; tells at each line that it reads what its processor time was since the
 * last one, in milliseconds.
 *
 * @module
 */

import { openHost } from "@cordon/cordon";
import process from "node:process";
import { readLines } from "../src/internal/lines.ts";

const [plugins, data, ...running] = Deno.args as [string, string, ...string[]];
const { gc } = globalThis as unknown as { readonly gc: () => void };
const print = (figure: number) => Deno.stdout.writeSync(new TextEncoder().encode(`${figure}\n`));

await using host = await openHost({ plugins: [plugins], data, grant: "requested" });
await host.start();
for (const id of running) await host.call(id, "answer", [1]);
gc();
let before = usedMs();
print(performance.now());
await readLines(Deno.stdin.readable, () => {
  const now = usedMs();
  print(now - before);
  before = now;
});

function usedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
