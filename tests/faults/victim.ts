/**
 * A host that starts its plugins, calls one and stops, over and over, until it
 * is killed at the moment it was told.
 *
 * @module
 */

import { openHost } from "@cordon/cordon";
import { watchMoments } from "./moments.ts";

const [plugins, data, tier, wanted] = Deno.args;
const step = JSON.parse(wanted!);
watchMoments(step);
const host = await openHost({
  plugins: [plugins!],
  data: data!,
  grant: "requested",
  policy: { tier: tier as "os" | "deno" },
});
await host.start();
await host.call("test.subject", "work");
if (step.next !== undefined) {
  await Deno.writeTextFile(`${plugins}/subject/main.ts`, step.next);
  await host.reload("test.subject");
}
await host.stop();
