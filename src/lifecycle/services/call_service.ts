/**
 * Capabilities that a plugin uses, as its manifest declares.
 *
 * @module
 */

import { assertDeclared, type Capabilities } from "../../bus/capabilities.ts";
import type { Provider } from "../../bus/provider.ts";
import { CordonError } from "../../errors.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { eitherOf } from "../../rpc/cancellation.ts";
import type { CallContext } from "../../rpc/incoming_call.ts";
import type { CallLink } from "../call_link.ts";
import type { CapabilityReport } from "../../rpc/protocol.ts";
import { asName, type Refusals, type Service } from "./service.ts";

/** Codes of what a plugin did wrong itself; the errors of whom it calls are none of them, since their codes are not believed. */
const REFUSED = new Set(["not_declared", "method_not_found", "call_too_deep", "invalid_argument"]);

/** What it reaches. */
export interface CallServiceContext {
  /** The plugin's manifest. */
  readonly manifest: Manifest;
  /** Who provides what. */
  readonly capabilities: Capabilities;
  /** The call into the plugin that it is answering under an id. */
  readonly linkOf: (id: number | undefined) => CallLink | undefined;
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
    let told = capabilities.find(manifest, capability);
    if (!this.#watched.has(capability)) {
      const onChange = (provider: Provider | undefined) => {
        // That it starts, or has nothing to do and ends, is no news for those it is there for.
        const isNews = !isSame(provider, told);
        told = provider;
        if (isNews) this.#report(capability, provider);
      };
      this.#watched.set(capability, capabilities.watch(manifest, capability, onChange));
    }
    this.#report(capability, told);
    return null;
  }

  #report(capability: string, provider: Provider | undefined): void {
    const report: CapabilityReport = {
      provider: provider === undefined ? null : { id: provider.id, version: provider.version },
      methods: [...provider?.methods ?? []],
    };
    this.#context.notify("capability", [capability, report]);
  }

  async #call([name, method, args]: readonly unknown[], context: CallContext): Promise<unknown> {
    if (!Array.isArray(args)) {
      throw new CordonError("invalid_input", "Cannot call: the arguments are no list");
    }
    const { capabilities, manifest, linkOf } = this.#context;
    const methodName = asName(method);
    const parent = linkOf(context.within);
    try {
      const { timeoutMs = Infinity } = context;
      return await capabilities.call(manifest, asName(name), {
        method: methodName,
        args,
        options: {
          caller: manifest.id,
          cancellation: eitherOf(context, parent),
          timeoutMs: Math.min(timeoutMs, parent?.remaining(methodName) ?? Infinity),
          parent,
        },
      });
    } catch (error) {
      throw this.#noteRefusal(error);
    }
  }

  #noteRefusal(error: unknown): unknown {
    const isRefused = error instanceof CordonError && REFUSED.has(error.code);
    return isRefused ? this.#context.refusals.note(error) : error;
  }
}

/** Whether two providers are the same to those who use them. */
function isSame(one: Provider | undefined, other: Provider | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.id === other.id && one.version === other.version && one.methods.size === other.methods.size &&
    one.methods.isSubsetOf(other.methods);
}
