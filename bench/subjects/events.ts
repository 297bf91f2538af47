/**
 * Events: from one plugin to many, and what it costs that others listen to
 * something else.
 *
 * @module
 */

import { EventBus } from "../../src/bus/event_bus.ts";
import { EventsFloor } from "../floors/events_host.ts";
import { time } from "../measure.ts";
import type { Subject } from "../subject.ts";
import { openWorkspace } from "../workspace.ts";

const SOURCE = new URL("../plugins/events_source", import.meta.url).pathname;
const SINK = new URL("../plugins/events_sink", import.meta.url).pathname;
const VALUE = { name: "x", list: [1, 2, 3] };
/** Deliveries of one round. */
const DELIVERIES = 100_000;
/** Publishes in flight at once, on both sides. */
const BURST = 64;
const MAX_PUBLISHES = 30_000;
/** Publishes of a round without subscribers that match. */
const PUBLISHES = 20_000;

/** Thousands of deliveries a second from one plugin to others, each of them a process; the goal is 50 k/s. */
export async function openFanOut(subscribers: number): Promise<Subject> {
  const dir = await Deno.makeTempDir({ prefix: "cordon-bench-plugins-" });
  await writeSinks(dir, subscribers);
  const { host, ...workspace } = await openWorkspace([SOURCE, dir], { grant: "requested" });
  await host.start();
  const floor = await EventsFloor.open(subscribers);
  const count = Math.min(MAX_PUBLISHES, Math.ceil(DELIVERIES / subscribers));
  const names = Array.from({ length: subscribers }, (_, index) => `bench.sink-${index}`);
  const figure = (ms: number) => subscribers * count / ms;
  return {
    name: `event fan-out to ${subscribers}`,
    unit: "k/s",
    better: "higher",
    target: 0.2,
    goal: 50,
    rounds: 7,
    contenders: {
      cordon: async () =>
        figure(
          await time(async () => {
            const sinks = names.map((name) => host.call(name, "count", [count]));
            await host.call("bench.source", "publish", [count, BURST, VALUE]);
            const missed = await Promise.all(sinks) as number[];
            if (missed.some((events) => events > 0)) throw new Error(`Events were missed: ${missed}`);
          }),
        ),
      floor: async () => figure(await time(() => floor.publish(count, VALUE, BURST))),
    },
    async [Symbol.asyncDispose]() {
      await floor[Symbol.asyncDispose]();
      await workspace[Symbol.asyncDispose]();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

/** Nanoseconds of a publish beside subscriptions that do not match, half of them with wildcards; the floor has none. */
export function openUnrelated(subscriptions: number): Promise<Subject> {
  const figure = async (bus: EventBus) => {
    const ms = await time(() => {
      for (let count = 0; count < PUBLISHES; count++) bus.publish("bench.tick.now", VALUE, "bench.source");
      return Promise.resolve();
    });
    return ms * 1e6 / PUBLISHES;
  };
  const [alone, crowded] = [createBus(0), createBus(subscriptions)];
  return Promise.resolve({
    name: `publish beside ${subscriptions} others`,
    unit: "ns",
    better: "lower",
    target: 1.25,
    rounds: 15,
    contenders: { cordon: () => figure(crowded), floor: () => figure(alone) },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

function createBus(subscriptions: number): EventBus {
  const bus = new EventBus();
  const subscriber = {
    take: () => Promise.resolve(),
    takeKept: () => Promise.resolve({ taken: 0 }),
  };
  bus.subscribe("bench.tick.now", subscriber);
  for (let index = 0; index < subscriptions; index++) {
    const patterns = [
      `other${index}.tick.now`,
      `*.tick.x${index}`,
      `bench.tick.y${index}`,
      `bench.z${index}.**`,
    ];
    bus.subscribe(patterns[index % patterns.length]!, subscriber);
  }
  return bus;
}

async function writeSinks(dir: string, count: number): Promise<void> {
  const manifest = await Deno.readTextFile(`${SINK}/plugin.toml`);
  for (let index = 0; index < count; index++) {
    await Deno.mkdir(`${dir}/s${index}`, { recursive: true });
    await Deno.writeTextFile(
      `${dir}/s${index}/plugin.toml`,
      manifest.replace("bench.sink", `bench.sink-${index}`),
    );
    await Deno.copyFile(`${SINK}/main.ts`, `${dir}/s${index}/main.ts`);
  }
}
