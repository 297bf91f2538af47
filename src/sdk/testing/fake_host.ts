/**
 * The host as one plugin sees it, in memory: it checks every request against
 * the manifest and refuses in the host's words. `tests/sdk/testing_test.ts`
 * runs one plugin under both and compares.
 *
 * @module
 */

import { CordonError, errorMessage } from "../../errors.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import type { PluginMethods } from "../context.ts";
import type { EventOrigin } from "../events.ts";
import { carryError, carryMessage } from "./carry.ts";
import type { LinkHandler } from "./link.ts";
import { listMethods } from "./methods.ts";
import { matchesTopic } from "./topic.ts";

/** Fakes of the capabilities that a plugin uses, by name. */
export type FakeCapabilities = Readonly<Record<string, PluginMethods | object>>;

/** An event that the plugin published. */
export interface PublishedEvent {
  /** Its topic. */
  readonly topic: string;
  /** Its value, as a subscriber would get it. */
  readonly value: unknown;
}

/** A record that the plugin logged. */
export interface LoggedRecord {
  /** Its weight. */
  readonly level: "debug" | "info" | "warn" | "error";
  /** What it says. */
  readonly message: string;
  /** What the plugin gave along with it; missing when there was nothing. */
  readonly facts?: Record<string, unknown>;
}

/** Hands the plugin an event; settles when its handler is done. */
export type DeliverEvent = (subscription: number, value: unknown, origin: EventOrigin) => Promise<unknown>;

/** Answers what a plugin asks of its host. */
export class FakeHost {
  readonly #manifest: Manifest;
  readonly #capabilities: FakeCapabilities;
  readonly #deliver: DeliverEvent;
  readonly #subscriptions = new Map<number, string>();
  /** Events it published, oldest first. */
  readonly published: PublishedEvent[] = [];
  /** Records it logged, oldest first. */
  readonly logs: LoggedRecord[] = [];
  /** What it can ask, by name. */
  readonly handlers: ReadonlyMap<string, LinkHandler>;

  /**
   * @param manifest What the plugin declares.
   * @param capabilities What there is to use; looked up at each call.
   * @param deliver Hands it an event.
   */
  constructor(manifest: Manifest, capabilities: FakeCapabilities, deliver: DeliverEvent) {
    this.#manifest = manifest;
    this.#capabilities = capabilities;
    this.#deliver = deliver;
    this.handlers = new Map<string, LinkHandler>([
      ["use", ([name]) => ({ methods: [...this.#require(asText(name)).keys()] })],
      ["call", (params) => this.#call(params)],
      ["publish", ([topic, value]) => this.#publish(asText(topic), value)],
      ["subscribe", ([id, pattern]) => void this.#subscriptions.set(id as number, pattern as string)],
      ["unsubscribe", ([id]) => void this.#subscriptions.delete(id as number)],
      ["log", (params) => this.#log(params)],
    ]);
  }

  /** Hands an event to every subscription that matches; settles when their handlers are done. */
  async publish(value: unknown, origin: EventOrigin): Promise<PromiseSettledResult<unknown>[]> {
    const matching = [...this.#subscriptions].filter(([, pattern]) => matchesTopic(pattern, origin.topic));
    return await Promise.allSettled(matching.map(([id]) => this.#deliver(id, value, origin)));
  }

  #publish(topic: string, value: unknown): null {
    if (!this.#manifest.events.publishes.includes(topic)) {
      throw new CordonError(
        "not_declared",
        `Cannot publish "${topic}": the manifest does not name it under events.publishes`,
      );
    }
    this.published.push({ topic, value });
    void this.#publishBack(topic, value);
    return null;
  }

  /** A plugin may listen to itself; nobody waits for it, so a failure is logged as the host logs it. */
  async #publishBack(topic: string, value: unknown): Promise<void> {
    const results = await this.publish(value, { topic, publisher: this.#manifest.id, missed: 0 });
    for (const result of results) {
      if (result.status !== "rejected") continue;
      const message = `[cordon] event "${topic}" failed: ${errorMessage(result.reason)}`;
      this.logs.push({ level: "warn", message });
    }
  }

  async #call([name, method, args]: readonly unknown[]): Promise<unknown> {
    if (!Array.isArray(args)) {
      throw new CordonError("invalid_input", "Cannot call: the arguments are no list");
    }
    const found = this.#require(asText(name)).get(asText(method));
    if (found === undefined) {
      throw new CordonError(
        "method_not_found",
        `Cannot call "${method}" of "${name}": it has no such method`,
      );
    }
    try {
      return carryMessage({ type: "result", id: 0, value: await found(...args) }).value;
    } catch (error) {
      // What a provider throws crosses two borders; its code is not believed at the first.
      throw carryError(error, { sendStacks: true, trustCodes: false });
    }
  }

  #require(name: string): Map<string, (...args: unknown[]) => unknown> {
    if (!Object.hasOwn(this.#manifest.uses, name)) {
      throw new CordonError(
        "not_declared",
        `Cannot use "${name}": "${this.#manifest.id}" does not name it under [uses] in its manifest`,
      );
    }
    if (!Object.hasOwn(this.#capabilities, name)) {
      throw new CordonError("capability_unavailable", `Cannot use "${name}": nothing that runs provides it`);
    }
    return listMethods(this.#capabilities[name]);
  }

  #log([level, message, facts]: readonly unknown[]): void {
    this.logs.push({
      level: level as LoggedRecord["level"],
      message: message as string,
      ...(facts === null ? {} : { facts: facts as Record<string, unknown> }),
    });
  }
}

function asText(value: unknown): string {
  if (typeof value === "string" && value.length <= 256) return value;
  throw new CordonError("invalid_input", "Cannot do that: a name is no text or longer than 256 characters");
}
