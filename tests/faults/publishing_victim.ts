/**
 * A host whose plugin publishes events that are kept, until it is killed; says
 * the number of each that its publisher was told is kept.
 *
 * @module
 */

import { openHost } from "@cordon/cordon";
import { say } from "./moments.ts";

const [plugins, data, tier, first] = Deno.args;
const host = await openHost({
  plugins: [plugins!],
  data: data!,
  grant: "requested",
  policy: { tier: tier as "os" | "deno" },
});
await host.start();
for (let number = Number(first);; number++) {
  await host.call("test.publisher", "publish", [number]);
  say({ moment: `${number}`, kept: host.journal.lastSeq });
}
