/**
 * Calls to a plugin that runs: one after the other, 64 at a time, and with a
 * megabyte each way.
 *
 * @module
 */

import { JsonFloor } from "../floors/json_host.ts";
import { time } from "../measure.ts";
import { ComlinkPeer } from "../peers/comlink.ts";
import type { Subject } from "../subject.ts";
import { openWorkspace } from "../workspace.ts";

const ARGUMENT = { name: "x", n: 1, list: [1, 2, 3] };
const ROUND_TRIPS = 1_000;
const PIPELINED = 30_000;
const IN_FLIGHT = 64;
const ECHOES = 60;

type Call = () => Promise<unknown>;

/** Microseconds of one call, one after the other. */
export function openRoundTrip(): Promise<Subject> {
  const figure = async (call: Call) => {
    const ms = await time(async () => {
      for (let count = 0; count < ROUND_TRIPS; count++) await call();
    });
    return ms * 1_000 / ROUND_TRIPS;
  };
  return openCalls({ name: "round trip", unit: "us", better: "lower", target: 1.25, figure });
}

/** Thousands of calls a second, 64 in flight. */
export function openPipelined(): Promise<Subject> {
  const figure = async (call: Call) => {
    let left = PIPELINED;
    const worker = async () => {
      while (left-- > 0) await call();
    };
    return PIPELINED / await time(() => Promise.all(Array.from({ length: IN_FLIGHT }, worker)));
  };
  return openCalls({ name: "pipelined calls", unit: "k/s", better: "higher", target: 0.8, figure });
}

/** Mebibytes a second, echoed. */
export function openBulk(): Promise<Subject> {
  const figure = async (call: Call) => {
    const ms = await time(async () => {
      for (let count = 0; count < ECHOES; count++) await call();
    });
    return ECHOES * 1_000 / ms;
  };
  return openCalls({
    name: "1 MiB echo",
    unit: "MiB/s",
    better: "higher",
    target: 0.66,
    figure,
    isBulk: true,
  });
}

async function openCalls(
  { figure, isBulk = false, ...about }:
    & Pick<Subject, "name" | "unit" | "better" | "target">
    & { figure: (call: Call) => Promise<number>; isBulk?: boolean },
): Promise<Subject> {
  const { host, ...workspace } = await openWorkspace();
  const floor = await JsonFloor.open({});
  await host.start();
  const bytes = new Uint8Array(1 << 20).fill(1);
  const comlink = new ComlinkPeer();
  return {
    ...about,
    rounds: 9,
    contenders: {
      cordon: () => figure(() => host.call("bench.echo", "answer", [isBulk ? bytes : ARGUMENT])),
      floor: () => figure(() => isBulk ? floor.echoBytes(bytes) : floor.call(ARGUMENT)),
      "comlink (Worker)": () => figure(() => comlink.call(isBulk ? bytes : ARGUMENT)),
    },
    async [Symbol.asyncDispose]() {
      comlink[Symbol.dispose]();
      await floor[Symbol.asyncDispose]();
      await workspace[Symbol.asyncDispose]();
    },
  };
}
