/**
 * A host on a disk without room for the copy of what it runs. Prints what came
 * of it as one JSON document.
 *
 * @module
 */

import { openHost } from "@cordon/cordon";
import { eventually } from "../../faults/host_process.ts";

const [plugins, data] = Deno.args as [string, string];
const notices: string[] = [];
await using host = await openHost({
  plugins: [plugins],
  data,
  onNotice: (message) => notices.push(message.replaceAll(data, "DATA")),
});
await host.start();
await eventually(() => notices.length > 0, "a notice");
await eventually(() => [...Deno.readDirSync(`${data}/work`)].length === 0, "the end of the copy");
const outcome = {
  notices,
  state: host.info("test.large").state,
  answer: await host.call("test.large", "answer"),
  kept: host.versions("test.large"),
  told: host.journal.list().filter(({ type }) => type === "version.not_kept").map(({ id }) => id),
};
// deno-lint-ignore no-console -- this is a program
console.log(JSON.stringify(outcome));
