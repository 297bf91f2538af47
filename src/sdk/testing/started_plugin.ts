/**
 * A plugin that runs in memory.
 *
 * @module
 */

import type { Provider } from "../../bus/provider.ts";
import { isTopic } from "../../bus/topic.ts";
import { CordonError } from "../../errors.ts";
import type { LimitEvent } from "../context.ts";
import { PROVIDER } from "./fake_capabilities.ts";
import { showOrigin } from "./show_origin.ts";
import type { PublishedEvent, PublishOrigin } from "./test_bus.ts";
import type { LoggedRecord, TestHost } from "./test_host.ts";
import type { AnswerOf, ArgumentsOf } from "./testable_module.ts";

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
   * Tells it that it is close to a limit, as the host does at four fifths;
   * settles when its handlers were told.
   *
   * @param event Which limit, with its figures.
   */
  tellLimit(event: LimitEvent): Promise<void>;
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

/** The plugin of a host in memory. */
export class InMemoryPlugin {
  readonly #host: TestHost;
  #stopped: Promise<void> | undefined;

  /** @param host Its host. */
  constructor(host: TestHost) {
    this.#host = host;
  }

  get id(): string {
    return this.#host.manifest.id;
  }

  get version(): string {
    return this.#host.manifest.version;
  }

  get published(): readonly PublishedEvent[] {
    return this.#host.bus.published;
  }

  get logs(): readonly LoggedRecord[] {
    return this.#host.logs;
  }

  async call(method: string, ...args: unknown[]): Promise<unknown> {
    this.#assertRunning(`call "${method}" of "${this.id}"`);
    return await showOrigin(this.#host.instance.invoke(method, args));
  }

  async publish(topic: string, value?: unknown, origin: PublishOrigin = {}): Promise<void> {
    if (!isTopic(topic)) throw new TypeError(`Cannot publish: "${topic}" is no topic, as "clock.hour"`);
    this.#assertRunning(`publish to "${this.id}"`);
    await showOrigin(this.#host.bus.publishForTest(topic, value, origin));
  }

  async tellLimit(event: LimitEvent): Promise<void> {
    this.#assertRunning(`tell "${this.id}" of a limit`);
    await this.#host.tell("limit", [event]);
  }

  async health(): Promise<unknown> {
    this.#assertRunning(`ask "${this.id}" for its health`);
    return await showOrigin(this.#host.health());
  }

  stop(reason = "the test stops it"): Promise<void> {
    this.#stopped ??= showOrigin(this.#host.stop(reason));
    return this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** What other plugins of the test may use of it. */
  [PROVIDER](capability: string): Provider | undefined {
    return this.#stopped === undefined ? this.#host.createProvider(capability) : undefined;
  }

  #assertRunning(action: string): void {
    if (this.#stopped === undefined) return;
    throw new CordonError("not_running", `Cannot ${action}: it is stopped`);
  }
}
