/**
 * A host that may open few files and runs out of them. Prints what came of
 * each thing it tried, as one JSON document.
 *
 * @module
 */

import { CordonError, openHost } from "@cordon/cordon";
import { connectControl } from "../../src/control/client.ts";
import type { HostControl } from "../../src/control/control.ts";
import { LocalControl } from "../../src/control/local_control.ts";
import { controlPath, ControlServer } from "../../src/control/server.ts";

// As `cordon run` does. Deno ends with a panic when it first needs its signal
// handling while no descriptor is free (ext/signals/lib.rs, Deno 2.9.6).
const onInterrupt = () => {};
Deno.addSignalListener("SIGINT", onInterrupt);
Deno.removeSignalListener("SIGINT", onInterrupt);

const [plugins, data, tier] = Deno.args as [string, string, "os" | "deno"];
const outcome: Record<string, unknown> = {};
const host = await openHost({ plugins: [plugins], data, policy: { tier } });
const server = new ControlServer(controlPath(host.dataDir), new LocalControl(host));
await host.startPlugin("test.bystander");

{
  using _files = openAll();
  outcome.call = await host.call("test.bystander", "echo", ["crowded"]);
  outcome.start = await host.startPlugin("test.subject").catch(tell);
  outcome.append = tryTo(() => host.journal.append("test.crowded", {}));
  outcome.states = host.list().map(({ state }) => state);
}
outcome.callLater = await host.call("test.subject", "echo", ["room"]);
{
  // A client that connects while no descriptor is free for the host's end of it.
  const files = openAll();
  files.release(1);
  const connecting = connect();
  setTimeout(() => files[Symbol.dispose](), 50);
  const control = (await connecting)!;
  outcome.served = (await control.list()).length;
  await control[Symbol.asyncDispose]();
}
await server[Symbol.asyncDispose]();
await host[Symbol.asyncDispose]();
// deno-lint-ignore no-console -- this is a program
console.log(JSON.stringify(outcome));

/** Connects with the one descriptor there is; the host itself needs one now and then, to look at its plugins. */
async function connect(): Promise<HostControl | undefined> {
  for (;;) {
    try {
      return await connectControl(host.dataDir);
    } catch (error) {
      if (!/too many open files/i.test(String(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** Opens files until there is no descriptor left. */
function openAll(): Disposable & { release(count: number): void } {
  const files: Deno.FsFile[] = [];
  try {
    for (;;) files.push(Deno.openSync("/dev/null"));
  } catch {
    // That was the last one.
  }
  const release = (count: number) => files.splice(0, count).forEach((file) => file.close());
  return { release, [Symbol.dispose]: () => release(files.length) };
}

function tryTo(run: () => void): unknown {
  try {
    run();
    return "done";
  } catch (error) {
    return tell(error);
  }
}

function tell(error: unknown): unknown {
  return error instanceof CordonError ? [error.code, error.message] : String(error);
}
