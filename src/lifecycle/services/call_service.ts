/**
 * Capabilities that a plugin uses, as its manifest declares.
 *
 * @module
 */

import type { Capabilities } from "../../bus/capabilities.ts";
import { CordonError } from "../../errors.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import type { CallContext } from "../../rpc/incoming_call.ts";
import type { UseReply } from "../../rpc/protocol.ts";
import { asName, type Refusals, type Service } from "./service.ts";

/** What is the caller's fault: its manifest does not name it, or the contract does not allow it. */
const REFUSALS: ReadonlySet<string> = new Set(["not_declared", "invalid_argument"]);

/** What it reaches. */
export interface CallServiceContext {
  /** The plugin's manifest. */
  readonly manifest: Manifest;
  /** Who provides what. */
  readonly capabilities: Capabilities;
  /** Notes what it does not get. */
  readonly refusals: Refusals;
}

/** The calls of one plugin. */
export class CallService implements Service {
  readonly #context: CallServiceContext;

  readonly handlers: Service["handlers"] = {
    use: ([name]) => this.#use(name),
    call: (params, call) => this.#call(params, call),
  };

  /** @param context What it reaches. */
  constructor(context: CallServiceContext) {
    this.#context = context;
  }

  /** Holds nothing. */
  [Symbol.dispose](): void {}

  #use(name: unknown): UseReply {
    const { capabilities, manifest } = this.#context;
    try {
      return { methods: [...capabilities.require(manifest, asName(name)).methods] };
    } catch (error) {
      throw this.#noteRefusal(error);
    }
  }

  async #call(
    [name, method, args]: readonly unknown[],
    { signal, timeoutMs }: CallContext,
  ): Promise<unknown> {
    if (!Array.isArray(args)) {
      throw new CordonError("invalid_input", "Cannot call: the arguments are no list");
    }
    const { capabilities, manifest } = this.#context;
    const call = {
      method: asName(method),
      args,
      options: { signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    };
    try {
      return await capabilities.call(manifest, asName(name), call);
    } catch (error) {
      throw this.#noteRefusal(error);
    }
  }

  #noteRefusal(error: unknown): unknown {
    const isRefused = error instanceof CordonError && REFUSALS.has(error.code);
    return isRefused ? this.#context.refusals.note(error) : error;
  }
}
