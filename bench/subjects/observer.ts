/**
 * What it costs a call to be watched: counted, timed and given a trace. The
 * sandbox answers at once, so that nothing but the host's own work is left.
 *
 * @module
 */

import type { CallObserver } from "../../src/lifecycle/telemetry/call_observer.ts";
import { Activity } from "../../src/lifecycle/idle/activity.ts";
import { PluginInstance } from "../../src/lifecycle/instance.ts";
import { Telemetry } from "../../src/lifecycle/telemetry/telemetry.ts";
import { parseManifest } from "../../src/manifest/parse.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { time } from "../measure.ts";
import type { Subject } from "../subject.ts";

const ID = "bench.echo";
const MANIFEST = `schema = 1\n[plugin]\nid = "${ID}"\nversion = "1.0.0"\nmain = "main.ts"\n`;
const CALLS = 200_000;
/** So many are under way at once. */
const BATCH = 64;
/** What watching may cost. */
const BOUND_NS = 1_000;
const BLIND = { trace: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", beganAt: 0, end() {} };

/** In the place of a floor stands the bound: a watched call is to stay below it. */
export function openObserver(): Promise<Subject> {
  const telemetry = new Telemetry({ table: { list: () => [] }, limits: { usageOf: () => undefined } });
  return Promise.resolve({
    name: "watched call, answered at once",
    unit: "ns",
    better: "lower",
    target: 1,
    rounds: 15,
    contenders: {
      cordon: callsOf(telemetry),
      floor: () => Promise.resolve(BOUND_NS),
      "not watched": callsOf({ begin: () => BLIND }),
      "watching alone": () => nanoseconds(() => Promise.resolve(watch(telemetry))),
    },
    [Symbol.asyncDispose]: () => Promise.resolve(telemetry[Symbol.dispose]()),
  });
}

function callsOf(observer: CallObserver): () => Promise<number> {
  const manifest = parseManifest(MANIFEST, "plugin.toml");
  const answer = Promise.resolve();
  const sandbox = { peer: { call: () => answer } } as unknown as Sandbox;
  const instance = new PluginInstance({ manifest, observer, activity: new Activity(() => false) }, sandbox, {
    methods: new Set(["answer"]),
    hasHealth: false,
  });
  return () =>
    nanoseconds(async () => {
      for (let count = 0; count < CALLS; count += BATCH) {
        for (let one = 0; one < BATCH; one++) void instance.invoke("answer", []);
        await answer;
      }
    });
}

function watch(observer: CallObserver): void {
  for (let count = 0; count < CALLS; count++) {
    observer.begin({ callee: ID, caller: "host", method: "answer", trace: undefined }).end();
  }
}

/** Nanoseconds of one call. */
async function nanoseconds(run: () => Promise<unknown>): Promise<number> {
  return await time(run) * 1e6 / CALLS;
}
