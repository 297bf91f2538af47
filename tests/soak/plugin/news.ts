/**
 * Events: those that must arrive, each written down before it counts, and
 * those that need not.
 *
 * @module
 */

import type { EventOrigin, PluginContext } from "@cordon/cordon/sdk";
import { below, checksum, someText } from "./checksum.ts";
import { type Notes, wrong } from "./notes.ts";
import { keptTopicOf, liveTopicOf, numberOf, patternsOf } from "./world.ts";

/** Most events published at once. */
const BURST = 8;

interface News {
  readonly by: number;
  readonly life: number;
  readonly seq: number;
  readonly text: string;
  readonly sum: number;
}

/** Publishes, and listens to others. */
export class NewsDesk {
  readonly #ctx: PluginContext;
  readonly #notes: Notes;
  readonly #own: number;
  readonly #last = new Map<number, News>();
  #keptSeq = 0;
  #liveSeq = 0;
  /** Live events that did not come, and those that the host said it left out. */
  #lost = 0;
  #missed = 0;

  constructor(ctx: PluginContext, notes: Notes) {
    this.#ctx = ctx;
    this.#notes = notes;
    this.#own = numberOf(ctx.id);
    const { kept, live } = patternsOf(this.#own);
    const onEnd = (error: Error) => notes.fail("subscribe", error);
    ctx.events.on(kept, (value, origin) => this.#takeKept(value as News, origin), { onEnd });
    ctx.events.on(live, (value, origin) => this.#takeLive(value as News, origin), { onEnd });
  }

  /** Publishes events that must arrive; none waits for the one before it. */
  async publishKept(): Promise<void> {
    const publishOne = async () => {
      const seq = ++this.#keptSeq;
      await this.#ctx.events.publish(keptTopicOf(this.#own), this.#write(seq));
      this.#notes.write("acked", `${this.#notes.life} ${seq}`);
    };
    await Promise.all(Array.from({ length: 1 + below(BURST) }, publishOne));
  }

  /** Publishes events that need not arrive. */
  async publishLive(): Promise<void> {
    const publishOne = () => this.#ctx.events.publish(liveTopicOf(this.#own), this.#write(++this.#liveSeq));
    await Promise.all(Array.from({ length: 1 + below(BURST) }, publishOne));
  }

  #write(seq: number): News {
    const text = someText(400);
    return { by: this.#own, life: this.#notes.life, seq, text, sum: checksum(text) };
  }

  #takeKept(news: News, origin: EventOrigin): void | Promise<void> {
    this.#check(news, origin);
    const { by, life, seq } = news;
    const line = `${by} ${life} ${seq} ${origin.position} ${origin.attempt} ${origin.missed}`;
    if (seq % 2 === 0) return this.#notes.write("taken", line);
    // What is taken later is killed midway more often.
    return new Promise((resolve) => setTimeout(resolve)).then(() => this.#notes.write("taken", line));
  }

  #takeLive(news: News, origin: EventOrigin): void {
    this.#check(news, origin);
    const { by, life, seq } = news;
    const last = this.#last.get(by);
    this.#last.set(by, news);
    this.#missed += origin.missed;
    this.#notes.write("done", "live");
    if (last === undefined || life > last.life) return;
    if (life < last.life || seq <= last.seq) this.#notes.fail("live", wrong("order", { news, last }));
    this.#lost += seq - last.seq - 1;
    if (this.#lost > this.#missed) {
      this.#notes.fail("live", wrong("count", { lost: this.#lost, missed: this.#missed, news, last }));
    }
  }

  #check({ by, text, sum }: News, { publisher }: EventOrigin): void {
    if (numberOf(publisher) === by && checksum(text) === sum) return;
    this.#notes.fail("event", wrong("event", { by, publisher, text, sum }));
  }
}
