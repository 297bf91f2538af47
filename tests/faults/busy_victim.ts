/**
 * A host that starts, calls and stops plugins until it is killed, and says
 * what it was told is kept: journal entries and lines of the log.
 *
 * @module
 */

import { openHost } from "@cordon/cordon";
import { followLog } from "../../src/store/log_store.ts";
import { fixture } from "../fixtures/start_host.ts";
import { say } from "./moments.ts";

const [data, tier] = Deno.args;
const host = await openHost({
  plugins: ["greeter", "polite", "crashes_on_demand"].map(fixture),
  data: data!,
  policy: { tier: tier as "os" | "deno" },
});
let logged: string | undefined;
const acknowledge = (moment: string) => say({ moment, kept: host.journal.lastSeq, logged });
(async () => {
  for await (const { time } of followLog(data!, { signal: new AbortController().signal })) logged = time;
})();
for (;;) {
  acknowledge("starting");
  await host.start();
  for (let count = 0; count < 20; count++) {
    acknowledge("calling");
    await host.call("polite", "greetTwice", ["Ada"]);
    host.journal.append("victim.called", { count });
  }
  acknowledge("stopping");
  await host.stop();
}
