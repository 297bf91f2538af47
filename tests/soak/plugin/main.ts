/**
 * One of the plugins of the soak: it asks, publishes, streams and shares, all
 * at once, until it is told to pause or killed.
 *
 * @module
 */

import type { PluginContext, PluginMethods } from "@cordon/cordon/sdk";
import { Answers, Others } from "./answers.ts";
import { below } from "./checksum.ts";
import { NewsDesk } from "./news.ts";
import { Notes } from "./notes.ts";
import { Shares } from "./shares.ts";
import { Streams } from "./streams.ts";

/** An action, and the pause behind it in milliseconds. */
type Activity = readonly [name: string, run: () => Promise<void>, pauseMs: number];

export async function activate(ctx: PluginContext): Promise<PluginMethods> {
  const notes = new Notes(ctx.data);
  const others = await Others.open(ctx);
  const answers = new Answers(ctx, others, notes);
  const streams = new Streams(others, notes);
  const news = new NewsDesk(ctx, notes);
  const shares = new Shares(ctx, notes);
  const activities: readonly Activity[] = [
    ["ask", () => answers.askOne(), 20],
    ["ask", () => answers.askOne(), 20],
    ["relay", () => answers.askByWay(), 50],
    ["give up", () => answers.giveUp(), 200],
    ["publish", () => news.publishKept(), 100],
    ["publish", () => news.publishLive(), 300],
    ["read", () => streams.readOne(), 100],
    ["read", () => streams.readOne(), 100],
    ["give", () => streams.giveOne(), 100],
    ["lock", () => shares.holdLock(), 500],
    ["count", () => shares.count(), 100],
  ];
  let running: AbortController | undefined;
  let done: Promise<unknown> = Promise.resolve();

  async function repeat([name, run, pauseMs]: Activity, { signal }: AbortController): Promise<void> {
    while (!signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, below(2 * pauseMs)));
      await run().catch((error) => notes.fail(name, error));
    }
  }

  return {
    ask: answers.ask,
    relay: (to, number, content) => answers.relay(to, number, content),
    bytes: (count, size) => streams.bytes(count, size),
    items: (count) => streams.items(count),
    swallow: (stream, most) => streams.swallow(stream, most),
    begin() {
      const own = running = new AbortController();
      done = Promise.all(activities.map((activity) => repeat(activity, own)));
    },
    async pause() {
      running?.abort();
      await done;
    },
    state: () => ({ available: others.available, openSources: streams.open }),
  };
}
