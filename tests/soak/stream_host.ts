/**
 * A host on whose plugins one streams bytes to the other. Says which processes
 * those are and what arrived; after each it waits until it is sent a byte.
 *
 * @module
 */

import { openHost } from "@cordon/cordon";

/** Bytes of a chunk. */
const CHUNK = 256 * 1024;

const [plugins, data, tier, mib] = Deno.args as [string, string, "os" | "deno", string];
const host = await openHost({ plugins: [plugins], data, grant: "requested", policy: { tier } });
await host.start();
// The buffers of the way are there after this.
await host.call("test.sink", "read", [64, CHUNK], { timeoutMs: 60_000 });
say(host.list().map(({ id, pid }) => [id, pid]));
await Deno.stdin.read(new Uint8Array(1));
const began = performance.now();
const read = await host.call("test.sink", "read", [Number(mib) * 2 ** 20 / CHUNK, CHUNK], {
  timeoutMs: 600_000,
});
const seconds = (performance.now() - began) / 1_000;
say({ read, seconds });
await Deno.stdin.read(new Uint8Array(1));
await host[Symbol.asyncDispose]();

/** Says something to whoever started this program. */
function say(what: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(what)}\n`));
}
