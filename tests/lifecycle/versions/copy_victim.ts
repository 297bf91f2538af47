/**
 * Copies a version of many files; its test kills it in the middle.
 *
 * @module
 */

import { NEVER, openStore } from "./open_store.ts";

await using site = await openStore({ base: Deno.args[0]! });
const files = Object.fromEntries(
  Array.from({ length: 2_000 }, (_, index) => [`assets/${index}.txt`, `${index}\n`.repeat(50)]),
);
const source = await site.put("1.0.0", files);
Deno.stdout.writeSync(new TextEncoder().encode("copying\n"));
await site.store.keep(source, NEVER);
Deno.stdout.writeSync(new TextEncoder().encode("kept\n"));
