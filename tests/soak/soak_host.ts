/**
 * A host of the plugins of the soak, one of which it kills every second. Says
 * when they pause, goes on when it is sent a byte, and at the end says what became of it.
 *
 * @module
 */

import { openHost } from "@cordon/cordon";
import { eventually } from "../faults/host_process.ts";
import { memoryInUse } from "./native_memory.ts";
import { watchPeers } from "./open_streams.ts";
import { PLUGINS } from "./plugin/world.ts";
import { countDescriptors, readRssMib } from "./process_memory.ts";
import type { Settled, SoakReport } from "./soak_report.ts";

const [plugins, data, tier, seconds] = Deno.args as [string, string, "os" | "deno", string];
const { gc } = globalThis as unknown as { gc: () => void };

/** Between two kills. */
const KILL_EVERY_MS = 1_000;

const peers = watchPeers();
const host = await openHost({ plugins: [plugins], data, grant: "requested", policy: { tier } });
const ids = host.list().map(({ id }) => id);
await host.start();
const killed: string[] = [];
const reviving = new Set<string>();
let highest = 0;

// What is opened once, by calls, kills and starts, is open after this.
await talk(Math.max(2, Math.min(15, Number(seconds) / 4)));
const before = await settle();
await talk(Number(seconds));
const after = await settle();
const states = host.list().map(({ state }) => state);
const metrics = host.metrics();
const report: SoakReport = {
  kills: killed.length,
  before,
  after,
  highest,
  states,
  calls: metrics.reduce((sum, { calls }) => sum + calls.total, 0),
  delivered: metrics.reduce((sum, { events }) => sum + events.delivered, 0),
  dropped: metrics.reduce((sum, { events }) => sum + events.dropped, 0),
  counted: host.resources().find(({ name }) => name === "soak.count")?.value ?? 0,
  journal: Object.fromEntries(
    Object.entries(Object.groupBy(host.journal.list(), ({ type }) => type))
      .map(([type, entries]) => [type, entries!.length]),
  ),
};
await host[Symbol.asyncDispose]();
say(report);

/** Lets the plugins talk, and kills one of them every second. */
async function talk(forSeconds: number): Promise<void> {
  const end = performance.now() + forSeconds * 1_000;
  await Promise.all(ids.map((id) => host.call(id, "begin")));
  const revivals: Promise<void>[] = [];
  for (let next = performance.now() + KILL_EVERY_MS; next <= end; next += KILL_EVERY_MS) {
    await pauseUntil(next);
    revivals.push(killOne());
    highest = Math.max(highest, await readRssMib(Deno.pid));
  }
  await Promise.all(revivals);
}

async function pauseUntil(time: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));
}

/** Kills a plugin, not one that was killed just before, and starts it again. */
async function killOne(): Promise<void> {
  const running = host.list().filter(({ id, pid }) => pid !== undefined && !reviving.has(id));
  const old = running.filter(({ id }) => !killed.slice(-PLUGINS / 2).includes(id));
  const { id, pid } = old[Math.floor(Math.random() * old.length)] ?? running[0]!;
  killed.push(id);
  reviving.add(id);
  Deno.kill(pid!, "SIGKILL");
  await eventually(() => host.list().every((plugin) => plugin.pid !== pid), `the end of ${id}`);
  // Another one that is being started may have had it started already.
  await host.startPlugin(id);
  await host.call(id, "begin");
  reviving.delete(id);
}

/** Has all of them pause, waits to be told that everybody has what was published, and looks at what is left. */
async function settle(): Promise<Settled> {
  await Promise.all(ids.map((id) => host.call(id, "pause", [], { timeoutMs: 60_000 })));
  say("paused");
  await Deno.stdin.read(new Uint8Array(1));
  await eventually(() => peers.openStreams() === 0, "the end of all streams");
  for (let count = 0; count < 3; count++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const plugins = await Promise.all(ids.map((id) => host.call(id, "state"))) as {
    available: number;
    openSources: number;
  }[];
  const held = host.resources();
  return {
    rssMib: await readRssMib(Deno.pid),
    descriptors: await countDescriptors(),
    ...memoryInUse(),
    available: plugins.map(({ available }) => available),
    openSources: plugins.reduce((sum, { openSources }) => sum + openSources, 0),
    openStreams: peers.openStreams(),
    peers: peers.count(),
    inFlight: host.metrics().reduce((sum, { calls }) => sum + calls.inFlight, 0),
    held: held.reduce((sum, { holders, waiters }) => sum + holders.length + waiters.length, 0),
  };
}

/** Says something to whoever started this program. */
function say(what: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(what)}\n`));
}
