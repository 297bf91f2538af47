/**
 * Calls and streams from plugin to plugin, through the host.
 *
 * @module
 */

import { JsonFloor } from "../floors/json_host.ts";
import { time } from "../measure.ts";
import type { Subject } from "../subject.ts";
import { ECHO, openWorkspace } from "../workspace.ts";

const CALLER = new URL("../plugins/caller", import.meta.url).pathname;
const CALLS = 1_000;
const ARGUMENT = { name: "x", n: 1, list: [1, 2, 3] };
const CHUNK_BYTES = 256 * 1024;
const CHUNKS = 256;

/**
 * Microseconds of a call from plugin to plugin, beside one from the host to a
 * plugin; and what two hops cost without Cordon, beside one.
 */
export async function openPluginCall(): Promise<Subject> {
  const { host, ...workspace } = await openWorkspace([ECHO, CALLER], { grant: "requested" });
  await host.start();
  const [near, far] = [await JsonFloor.open({}), await JsonFloor.open({})];
  const microseconds = async (run: () => Promise<unknown>) => await time(run) * 1_000 / CALLS;
  return {
    name: "plugin to plugin (beside host to plugin)",
    unit: "us",
    better: "lower",
    target: 2.2,
    rounds: 9,
    contenders: {
      cordon: () => microseconds(() => host.call("bench.caller", "call", [CALLS, ARGUMENT])),
      floor: () =>
        microseconds(async () => {
          for (let left = CALLS; left > 0; left--) await host.call("bench.echo", "answer", [ARGUMENT]);
        }),
      "relay floor": () => microseconds(() => near.callThrough(far, CALLS, ARGUMENT)),
      "one hop of it": () =>
        microseconds(async () => {
          for (let left = CALLS; left > 0; left--) await far.call(ARGUMENT);
        }),
    },
    async [Symbol.asyncDispose]() {
      for (const floor of [near, far]) await floor[Symbol.asyncDispose]();
      await workspace[Symbol.asyncDispose]();
    },
  };
}

/** Mebibytes a second of a stream from plugin to plugin, beside bytes echoed by the floor: as many hops. */
export async function openPluginStream(): Promise<Subject> {
  const { host, ...workspace } = await openWorkspace([ECHO, CALLER], { grant: "requested" });
  await host.start();
  const floor = await JsonFloor.open({});
  const bytes = new Uint8Array(1 << 20);
  const mebibytes = CHUNK_BYTES * CHUNKS / 2 ** 20;
  return {
    name: "stream between plugins",
    unit: "MiB/s",
    better: "higher",
    target: 0.5,
    rounds: 7,
    contenders: {
      cordon: async () =>
        mebibytes * 1_000 / await time(() => host.call("bench.caller", "pump", [CHUNKS, CHUNK_BYTES])),
      floor: async () =>
        mebibytes * 1_000 / await time(async () => {
          for (let left = mebibytes; left > 0; left--) await floor.echoBytes(bytes);
        }),
    },
    async [Symbol.asyncDispose]() {
      await floor[Symbol.asyncDispose]();
      await workspace[Symbol.asyncDispose]();
    },
  };
}
