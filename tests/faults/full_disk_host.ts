/**
 * A host whose data folder runs full, on a disk of its own that nobody else
 * sees. Prints what came of each thing it tried, as one JSON document.
 *
 * @module
 */

import { CordonError, openHost } from "@cordon/cordon";
import { readLog } from "../../src/store/log_store.ts";
import { assertKept, readStates } from "./database_left.ts";
import { eventually } from "./host_process.ts";

const [plugins, data] = Deno.args as [string, string];
const filler = `${data}/filler`;
const notices: string[] = [];
const outcome: Record<string, unknown> = {};
const host = await openHost({ plugins: [plugins], data, onNotice: (message) => notices.push(message) });
await host.start();
const kept = host.journal.lastSeq;

fillDisk();
outcome.append = tryTo(() => host.journal.append("test.full", {}));
outcome.keptAfterFailure = host.journal.lastSeq - kept;
outcome.call = await host.call("test.subject", "echo", ["on a full disk"]);
Deno.kill(pidOf("test.bystander"), "SIGKILL");
await eventually(() => stateOf("test.bystander") === "failed", "the end of the killed plugin");
await host.stopPlugin("test.subject");
outcome.states = host.list().map(({ state }) => state);
outcome.start = await host.startPlugin("test.subject").catch(tell);
outcome.open = await openHost({ plugins: [plugins], data: `${data}/other` }).catch(tell);
outcome.notices = notices.splice(0).map((notice) => notice.replaceAll(data, "DATA"));

Deno.removeSync(filler);
outcome.callLater = await host.call("test.subject", "echo", ["room"]);
outcome.noticesLater = notices.splice(0);
outcome.journal = host.journal.list({ from: kept + 1 }).map(({ type, id, facts }) =>
  [type, id, facts.to].filter((part) => part !== undefined).join(" ")
);
const last = host.journal.lastSeq;
await host[Symbol.asyncDispose]();
assertKept(data, last);
outcome.registry = readStates(data);
outcome.lastLine = (await Array.fromAsync(readLog(data))).at(-1)?.message;
// deno-lint-ignore no-console -- this is a program
console.log(JSON.stringify(outcome));

function fillDisk(): void {
  using file = Deno.openSync(filler, { write: true, create: true });
  for (let size = 1 << 20; size > 0;) {
    try {
      file.writeSync(new Uint8Array(size));
    } catch {
      // Full for so many bytes: fewer may fit.
      size >>= 1;
    }
  }
}

function pidOf(id: string): number {
  return host.list().find((plugin) => plugin.id === id)!.pid!;
}

function stateOf(id: string): string {
  return host.list().find((plugin) => plugin.id === id)!.state;
}

function tryTo(run: () => void): unknown {
  try {
    return run() ?? "done";
  } catch (error) {
    return tell(error);
  }
}

function tell(error: unknown): unknown {
  return error instanceof CordonError ? [error.code, error.message.replaceAll(data, "DATA")] : String(error);
}
