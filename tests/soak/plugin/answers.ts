/**
 * Questions to other plugins, whose answers carry the checksum of what was
 * asked.
 *
 * @module
 */

import type { Capability, PluginContext } from "@cordon/cordon/sdk";
import { below, checksum, someBytes, someText } from "./checksum.ts";
import type { Notes } from "./notes.ts";
import { wrong } from "./notes.ts";
import { capabilityOf, idOf, numberOf, PLUGINS } from "./world.ts";

/** An answer. */
export interface Answer {
  readonly number: number;
  readonly sum: number;
  readonly by: string;
  readonly caller: string | undefined;
}

/** What every plugin provides. */
export interface Talker {
  ask(number: number, content: string | Uint8Array): Answer;
  relay(to: number, number: number, content: string | Uint8Array): Answer | { readonly failed: string };
  bytes(count: number, size: number): AsyncIterable<unknown>;
  items(count: number): AsyncIterable<unknown>;
  swallow(
    stream: AsyncIterable<unknown>,
    most: number,
  ): { readonly sum: number } | { readonly stopped: true };
}

/** The other plugins. */
export class Others {
  readonly #own: number;
  readonly #handles: ReadonlyMap<number, Capability<Talker>>;

  /** Takes handles on all of them. */
  static async open(ctx: PluginContext): Promise<Others> {
    const own = numberOf(ctx.id);
    const numbers = Array.from({ length: PLUGINS }, (_, number) => number).filter((one) => one !== own);
    const handles = await Promise.all(
      numbers.map(async (number) => [number, await ctx.use<Talker>(capabilityOf(number))] as const),
    );
    return new Others(own, new Map(handles));
  }

  constructor(own: number, handles: ReadonlyMap<number, Capability<Talker>>) {
    this.#own = own;
    this.#handles = handles;
  }

  /** How many are there. */
  get available(): number {
    return [...this.#handles.values()].filter(({ available }) => available).length;
  }

  /** One of them that there was a time ago, if not now. */
  pick(): { readonly number: number; readonly handle: Capability<Talker> } {
    for (;;) {
      const number = below(PLUGINS);
      const handle = this.#handles.get(number);
      // Before somebody provides it for the first time a handle has no methods.
      if (number !== this.#own && handle?.ask !== undefined) return { number, handle };
    }
  }
}

/** Answers questions, and asks others. */
export class Answers {
  readonly #ctx: PluginContext;
  readonly #others: Others;
  readonly #notes: Notes;
  #asked = 0;

  constructor(ctx: PluginContext, others: Others, notes: Notes) {
    this.#ctx = ctx;
    this.#others = others;
    this.#notes = notes;
  }

  /** Answers. */
  readonly ask: Talker["ask"] = (number, content) => {
    const { id, currentCall } = this.#ctx;
    return { number, sum: checksum(content), by: id, caller: currentCall?.caller };
  };

  /** Has another one answer. */
  async relay(to: number, number: number, content: string | Uint8Array): Promise<unknown> {
    try {
      return await this.#ctx.call(capabilityOf(to), "ask", [number, content]);
    } catch (error) {
      // Codes of errors that plugins throw are not believed: as a value it arrives.
      return { failed: (error as { code?: string }).code ?? (error as Error).name };
    }
  }

  /** Asks somebody. */
  async askOne(): Promise<void> {
    const number = this.#asked++;
    const content = below(2) === 0 ? someText(1_000) : someBytes(below(8_000));
    const { number: to, handle } = this.#others.pick();
    this.#check(await handle.ask(number, content), { number, content, by: to, caller: this.#ctx.id });
    this.#notes.write("done", "answer");
  }

  /** Asks somebody by way of somebody. */
  async askByWay(): Promise<void> {
    const number = this.#asked++;
    const content = someText(1_000);
    const [way, to] = [this.#others.pick(), this.#others.pick()];
    if (way.number === to.number) return;
    const answer = await way.handle.relay(to.number, number, content);
    if ("failed" in answer) throw Object.assign(new Error("relayed"), { code: answer.failed });
    this.#check(answer, { number, content, by: to.number, caller: idOf(way.number) });
    this.#notes.write("done", "relay");
  }

  /** Asks somebody and gives up at once, or a moment later. */
  async giveUp(): Promise<void> {
    const { number } = this.#others.pick();
    const gone = new AbortController();
    setTimeout(() => gone.abort(new Error("given up")), below(3));
    try {
      await this.#ctx.call(capabilityOf(number), "ask", [0, someBytes(30_000)], { signal: gone.signal });
    } catch (error) {
      if (error !== gone.signal.reason) throw error;
      this.#notes.write("done", "given-up");
    }
  }

  #check(
    answer: Answer,
    { number, content, by, caller }: {
      number: number;
      content: string | Uint8Array;
      by: number;
      caller: string;
    },
  ): void {
    const right: Answer = { number, sum: checksum(content), by: idOf(by), caller };
    for (const key of ["number", "sum", "by", "caller"] as const) {
      if (answer[key] !== right[key]) throw wrong("answer", { answer, right });
    }
  }
}
