/**
 * A host that starts, calls and stops plugins until it is killed. Each line it
 * prints is the position of a journal entry that it was told is kept.
 *
 * @module
 */

import { openHost } from "@cordon/cordon";
import { fixture } from "../fixtures/start_host.ts";

const [data] = Deno.args;
const host = await openHost({
  plugins: ["greeter", "polite", "crashes_on_demand"].map(fixture),
  data: data!,
});
const acknowledge = () => Deno.stdout.writeSync(new TextEncoder().encode(`${host.journal.lastSeq}\n`));
acknowledge();
for (;;) {
  await host.start();
  acknowledge();
  for (let count = 0; count < 20; count++) {
    await host.call("polite", "greetTwice", ["Ada"]);
    host.journal.append("victim.called", { count });
    acknowledge();
  }
  await host.stop();
  acknowledge();
}
