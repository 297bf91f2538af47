/**
 * A plugin that runs in memory.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import type { LimitEvent } from "../context.ts";
import type { EventOrigin } from "../events.ts";
import type { FakeHost, LoggedRecord, PublishedEvent } from "./fake_host.ts";
import type { Link } from "./link.ts";
import type { PluginSide } from "./plugin_side.ts";
import type { AnswerOf, ArgumentsOf } from "./testable_module.ts";
import { isTopic } from "./topic.ts";

/** A plugin that runs in memory, as its host sees it. Made by {@linkcode startPlugin}. */
export interface StartedPlugin<Methods> extends AsyncDisposable {
  /** Its id, from the manifest. */
  readonly id: string;
  /** Its version, from the manifest. */
  readonly version: string;
  /** The events it published so far, oldest first. */
  readonly published: readonly PublishedEvent[];
  /** The records it logged so far, oldest first. */
  readonly logs: readonly LoggedRecord[];
  /**
   * Calls one of its methods. Arguments and result are copied as the real
   * channel does it, and `limits.call_timeout` holds.
   *
   * @param method Name of the method.
   * @param args Its arguments.
   * @returns What the method returned.
   * @throws {CordonError} `plugin_error` for what the method threw, with its
   * message; `method_not_found`, `deadline_exceeded`, `not_running`.
   * @throws {TypeError} If an argument cannot be carried.
   */
  call<Name extends keyof Methods & string>(
    method: Name,
    ...args: ArgumentsOf<Methods[Name]>
  ): AnswerOf<Methods[Name]>;
  /**
   * Publishes an event, as if another plugin or the host did. Without a
   * matching subscription nothing happens, as in the host.
   *
   * @param topic Its topic.
   * @param value Its value.
   * @param origin What the handlers learn about where it came from.
   * @throws {unknown} What a handler threw: `plugin_error`, or an `AggregateError` of several.
   */
  publish(topic: string, value?: unknown, origin?: PublishOrigin): Promise<void>;
  /**
   * Tells it that it is close to a limit, as the host does at four fifths.
   *
   * @param event Which limit, with its figures.
   */
  tellLimit(event: LimitEvent): void;
  /**
   * Asks how it is.
   *
   * @returns What its `health()` returned; `"ok"` if it has none.
   * @throws {CordonError} `plugin_error` for what it threw, `deadline_exceeded` after `health.timeout`.
   */
  health(): Promise<unknown>;
  /**
   * Stops it: aborts `ctx.signal`, then `deactivate()`, then what `activate()`
   * returned is disposed of, all within `reload.drain`. A second time does nothing.
   *
   * @param reason What `ctx.signal` says.
   * @throws {CordonError} `plugin_error` for what it threw, or `deadline_exceeded`.
   */
  stop(reason?: string): Promise<void>;
}

/** Where an event came from, for {@linkcode StartedPlugin.publish}. */
export interface PublishOrigin {
  /** Id of the publishing plugin. @default {"host"} */
  readonly publisher?: string;
  /** Events that its subscribers missed just before. @default {0} */
  readonly missed?: number;
}

/** The parts of a plugin that runs. */
export interface PluginParts {
  readonly manifest: Manifest;
  readonly host: FakeHost;
  readonly side: PluginSide;
  /** From the host to the plugin. */
  readonly toPlugin: Link;
  /** From the plugin to the host. */
  readonly toHost: Link;
}

/** The plugin of some parts. */
export class InMemoryPlugin {
  readonly #parts: PluginParts;
  #stopped: Promise<void> | undefined;

  /** @param parts Its parts. */
  constructor(parts: PluginParts) {
    this.#parts = parts;
  }

  get id(): string {
    return this.#parts.manifest.id;
  }

  get version(): string {
    return this.#parts.manifest.version;
  }

  get published(): readonly PublishedEvent[] {
    return this.#parts.host.published;
  }

  get logs(): readonly LoggedRecord[] {
    return this.#parts.host.logs;
  }

  async call(method: string, ...args: unknown[]): Promise<unknown> {
    this.#assertRunning(`call "${method}" of "${this.id}"`);
    const { side, manifest, toPlugin } = this.#parts;
    if (!side.methods.has(method)) {
      const hint = side.methods.size === 0 ? "It has none" : `It has ${[...side.methods].sort().join(", ")}`;
      const subject = `"${method}" of "${this.id}"`;
      throw new CordonError("method_not_found", `Cannot call ${subject}: it has no such method`, { hint });
    }
    return await toPlugin.call("invoke", [method, args], { timeoutMs: manifest.limits.callTimeoutMs });
  }

  async publish(topic: string, value?: unknown, origin: PublishOrigin = {}): Promise<void> {
    if (!isTopic(topic)) throw new TypeError(`Cannot publish: "${topic}" is no topic, as "clock.hour"`);
    this.#assertRunning(`publish to "${this.id}"`);
    const whole: EventOrigin = { topic, publisher: origin.publisher ?? "host", missed: origin.missed ?? 0 };
    const results = await this.#parts.host.publish(value, whole);
    const errors = results.flatMap((result) => result.status === "rejected" ? [result.reason] : []);
    if (errors.length > 1) {
      throw new AggregateError(errors, `${errors.length} handlers of "${topic}" failed`);
    }
    if (errors.length === 1) throw errors[0];
  }

  tellLimit(event: LimitEvent): void {
    this.#assertRunning(`tell "${this.id}" of a limit`);
    this.#parts.side.tellLimit(event);
  }

  async health(): Promise<unknown> {
    this.#assertRunning(`ask "${this.id}" for its health`);
    const { manifest, toPlugin } = this.#parts;
    return await toPlugin.call("health", [], { timeoutMs: manifest.health.timeoutMs });
  }

  stop(reason = "the test stops it"): Promise<void> {
    this.#stopped ??= this.#stop(reason);
    return this.#stopped;
  }

  async #stop(reason: string): Promise<void> {
    const { manifest, toPlugin, toHost } = this.#parts;
    try {
      await toPlugin.call("deactivate", [reason], { timeoutMs: manifest.reload.drainMs });
    } finally {
      toPlugin.close();
      toHost.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #assertRunning(action: string): void {
    if (this.#stopped === undefined) return;
    throw new CordonError("not_running", `Cannot ${action}: it is stopped`);
  }
}
