/**
 * A host in a process of its own, for tests that kill it: it prints the process
 * ids of its plugins and waits.
 *
 * @module
 */

import { openHost } from "@cordon/cordon";

const [plugins, data, port] = Deno.args;
await using host = await openHost({
  plugins: [plugins!],
  data: data!,
  grant: "requested",
  vars: { port: port! },
  policy: { supervise: ["test.checking"] },
});
const pids = (await host.start()).map(({ pid }) => pid);
// Its answer never comes.
for (const { id } of host.list()) if (id !== "test.idle") host.call(id, "hang").catch(() => {});
// deno-lint-ignore no-console -- this is a program
console.log(JSON.stringify(pids));
await new Promise(() => setInterval(() => {}, 60_000));
