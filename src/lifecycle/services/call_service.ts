/**
 * Capabilities that a plugin uses, as its manifest declares.
 *
 * @module
 */

import { assertDeclared, type Capabilities, type Provider } from "../../bus/capabilities.ts";
import { CordonError } from "../../errors.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import type { CallContext } from "../../rpc/incoming_call.ts";
import type { CapabilityReport } from "../../rpc/protocol.ts";
import { asName, type Refusals, type Service } from "./service.ts";

/** What it reaches. */
export interface CallServiceContext {
  /** The plugin's manifest. */
  readonly manifest: Manifest;
  /** Who provides what. */
  readonly capabilities: Capabilities;
  /** Tells the plugin something. */
  readonly notify: (method: string, params: readonly unknown[]) => void;
  /** Notes what it does not get. */
  readonly refusals: Refusals;
}

/** The calls of one plugin. */
export class CallService implements Service {
  readonly #context: CallServiceContext;
  /** The capabilities that the plugin is told of: of those it declared the ones it asked for. */
  readonly #watched = new Map<string, Disposable>();

  readonly handlers: Service["handlers"] = {
    use: ([name]) => this.#use(name),
    call: (params, call) => this.#call(params, call),
  };

  /** @param context What it reaches. */
  constructor(context: CallServiceContext) {
    this.#context = context;
  }

  /** Tells it of nothing any more. */
  [Symbol.dispose](): void {
    for (const watch of this.#watched.values()) watch[Symbol.dispose]();
    this.#watched.clear();
  }

  /** Reports who serves a capability, now and whenever that changes; the first report goes before the answer. */
  #use(name: unknown): null {
    const { capabilities, manifest } = this.#context;
    const capability = asName(name);
    try {
      assertDeclared(manifest, capability);
    } catch (error) {
      throw this.#noteRefusal(error);
    }
    const report = (provider: Provider | undefined) => this.#report(capability, provider);
    if (!this.#watched.has(capability)) {
      this.#watched.set(capability, capabilities.watch(manifest, capability, report));
    }
    report(capabilities.find(manifest, capability));
    return null;
  }

  #report(capability: string, provider: Provider | undefined): void {
    const report: CapabilityReport = {
      provider: provider === undefined ? null : { id: provider.id, version: provider.version },
      methods: [...provider?.methods ?? []],
    };
    this.#context.notify("capability", [capability, report]);
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
    const isRefused = error instanceof CordonError && error.code === "not_declared";
    return isRefused ? this.#context.refusals.note(error) : error;
  }
}
