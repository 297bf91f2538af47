/**
 * Who provides what to whom, right now, and the check that stands before every
 * call between plugins.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import { findStreams } from "../rpc/carried_value.ts";
import { compareOffers, type ProviderChoices, selectOffers } from "../solver/offers.ts";
import type { CapabilityCallOptions, Provider } from "./provider.ts";
import { callRepeatedly } from "./repeated_call.ts";

/** What a caller declared in its manifest; one object as long as that holds. */
export interface Caller {
  /** Plugin id. */
  readonly id: string;
  /** Capabilities it uses, by name, with the versions it takes. */
  readonly uses: Readonly<Record<string, { readonly version: string }>>;
}

/** One call of a capability's method. */
export interface CapabilityCall {
  /** Its name. */
  readonly method: string;
  /** Its arguments. */
  readonly args: readonly unknown[];
  /** What accompanies it. */
  readonly options?: CapabilityCallOptions;
}

/** Which providers are taken before others. */
export interface Arrangement {
  /** The one provider of a capability for everybody. */
  readonly choices: ProviderChoices;
  /** The provider that the resolution gave each plugin, by its id and the capability. */
  readonly bindings: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** Waits until a plugin provides again what it provided; fails where that takes too long. */
export type AwaitProvider = (options: CapabilityCallOptions) => Promise<void>;

/** Somebody who is told who serves a caller. */
interface Watch {
  readonly caller: Caller;
  readonly onChange: (provider: Provider | undefined) => void;
  told: Provider | undefined;
}

/** The capabilities of the running plugins. */
export class Capabilities {
  /** Providers that run, by capability and plugin. */
  readonly #running = new Map<string, Map<string, Provider>>();
  readonly #watches = new Map<string, Set<Watch>>();
  /** Plugins that are expected back, by id. */
  readonly #expected = new Map<string, AwaitProvider>();
  #arrangement: Arrangement = { choices: new Map(), bindings: new Map() };
  /** Who serves whom, as far as it was asked since that last may have changed; null where nobody does. */
  #serving = new WeakMap<Caller, Map<string, Provider | null>>();

  /** Announces a provider; what the same plugin announced before under the name gives way. */
  announce(name: string, provider: Provider): void {
    const running = this.#running.get(name) ?? new Map<string, Provider>();
    this.#running.set(name, running.set(provider.id, provider));
    this.#tell([name]);
  }

  /** Announces everything that a plugin provides, by name; what it announced before gives way at once. */
  replace(id: string, providers: ReadonlyMap<string, Provider>): void {
    const names = new Set([...this.#remove(id), ...providers.keys()]);
    for (const [name, provider] of providers) {
      const running = this.#running.get(name) ?? new Map<string, Provider>();
      this.#running.set(name, running.set(id, provider));
    }
    this.#tell([...names]);
  }

  /** Withdraws everything that a plugin provides. */
  withdraw(id: string): void {
    this.#tell(this.#remove(id));
  }

  /** Has calls that a plugin would serve wait for it, where nobody else serves them. */
  suspend(id: string, wait: AwaitProvider): void {
    this.#expected.set(id, wait);
  }

  /** Has calls wait for a plugin no longer. */
  resume(id: string): void {
    this.#expected.delete(id);
  }

  /** Brings another resolution into force. */
  arrange(arrangement: Arrangement): void {
    this.#arrangement = arrangement;
    this.#tell([...this.#watches.keys()]);
  }

  /** The provider that serves `caller` now: the one it is bound to, else the best that runs and fits. */
  find(caller: Caller, name: string): Provider | undefined {
    let served = this.#serving.get(caller);
    if (served === undefined) this.#serving.set(caller, served = new Map());
    let provider = served.get(name);
    if (provider === undefined) {
      if (!Object.hasOwn(caller.uses, name)) return undefined;
      served.set(name, provider = this.#choose(caller, name) ?? null);
    }
    return provider ?? undefined;
  }

  /**
   * Has `onChange` told whenever another provider serves `caller`, in order; not of the one that does now.
   *
   * @returns Ends that when it is disposed of.
   */
  watch(caller: Caller, name: string, onChange: Watch["onChange"]): Disposable {
    const watch = { caller, onChange, told: this.find(caller, name) };
    const watches = this.#watches.get(name) ?? new Set();
    this.#watches.set(name, watches.add(watch));
    return {
      [Symbol.dispose]: () => {
        if (watches.delete(watch) && watches.size === 0 && this.#watches.get(name) === watches) {
          this.#watches.delete(name);
        }
      },
    };
  }

  /**
   * The provider of a capability that `caller` declared.
   *
   * @throws {CordonError} `not_declared` or `capability_unavailable`.
   */
  require(caller: Caller, name: string): Provider {
    const provider = this.find(caller, name);
    if (provider !== undefined) return provider;
    assertDeclared(caller, name);
    throw new CordonError("capability_unavailable", `Cannot use "${name}": ${this.#explain(caller, name)}`);
  }

  /**
   * Calls a method for a plugin.
   *
   * @throws {CordonError} As {@linkcode Capabilities.require}, or `method_not_found`; what the wait for a
   * provider that is expected back fails with.
   */
  call(caller: Caller, name: string, call: CapabilityCall): Promise<unknown> {
    const { method, args, options } = call;
    const provider = this.find(caller, name);
    if (!provider?.methods.has(method)) {
      const wait = provider === undefined ? this.#expectedFor(caller, name) : undefined;
      return wait === undefined
        ? this.#refuse(caller, name, method)
        : this.#callLater(wait, { caller, name, call });
    }
    // A stream cannot be sent twice.
    if (!provider.idempotent?.has(method) || findStreams(args).length > 0) {
      return provider.invoke(method, args, options);
    }
    return callRepeatedly(provider, {
      method,
      args,
      options,
      find: () => this.find(caller, name),
      watch: (onChange) => this.watch(caller, name, onChange),
    });
  }

  #expectedFor(caller: Caller, name: string): AwaitProvider | undefined {
    const bound = this.#arrangement.bindings.get(caller.id)?.get(name);
    return bound === undefined ? undefined : this.#expected.get(bound);
  }

  async #callLater(
    wait: AwaitProvider,
    { caller, name, call }: { caller: Caller; name: string; call: CapabilityCall },
  ): Promise<unknown> {
    const { timeoutMs = Infinity, ...options } = call.options ?? {};
    const dueAt = performance.now() + timeoutMs;
    await wait({ ...options, timeoutMs });
    return await this.call(caller, name, {
      ...call,
      options: { ...options, timeoutMs: dueAt - performance.now() },
    });
  }

  // deno-lint-ignore require-await -- what it throws is to be the call's failure
  async #refuse(caller: Caller, name: string, method: string): Promise<never> {
    this.require(caller, name);
    throw new CordonError("method_not_found", `Cannot call "${method}" of "${name}": it has no such method`);
  }

  #remove(id: string): string[] {
    const names: string[] = [];
    for (const [name, running] of this.#running) {
      if (!running.delete(id)) continue;
      names.push(name);
      if (running.size === 0) this.#running.delete(name);
    }
    return names;
  }

  #choose(caller: Caller, name: string): Provider | undefined {
    const { choices, bindings } = this.#arrangement;
    const running = this.#running.get(name);
    const demand = {
      consumer: caller.id,
      range: caller.uses[name]!.version,
      choice: choices.get(name),
      explainMisfit: (id: string) => running?.get(id)?.isIncompatible?.(caller.id),
    };
    const fitting = selectOffers([...running?.values() ?? []], demand).sort(compareOffers);
    const bound = bindings.get(caller.id)?.get(name);
    return fitting.find(({ id }) => id === bound) ?? fitting[0];
  }

  #explain(caller: Caller, name: string): string {
    const range = caller.uses[name]!.version;
    const choice = this.#arrangement.choices.get(name);
    if (choice !== undefined) {
      const runs = this.#running.get(name)?.has(choice.id) ? `does not provide ${range}` : "does not run";
      return `"${choice.id}" was chosen to provide it, and ${runs}`;
    }
    const running = [...this.#running.get(name)?.values() ?? []];
    if (running.length === 0) return "nothing that runs provides it";
    const [best] = selectOffers(running, { consumer: caller.id, range, choice }).sort(compareOffers);
    const misfit = best?.isIncompatible?.(caller.id);
    if (misfit === undefined) return `nothing that runs provides ${range} of it`;
    return `"${caller.id}" was written against another contract than that of "${best!.id}": ${misfit}`;
  }

  /** Looks again at who serves whom, and tells those whom it concerns. */
  #tell(names: readonly string[]): void {
    this.#serving = new WeakMap();
    for (const name of names) {
      for (const watch of this.#watches.get(name) ?? []) {
        const provider = this.find(watch.caller, name);
        if (provider === watch.told) continue;
        watch.told = provider;
        watch.onChange(provider);
      }
    }
  }
}

/**
 * Refuses what a caller did not declare.
 *
 * @throws {CordonError} `not_declared`.
 */
export function assertDeclared({ id, uses }: Caller, name: string): void {
  if (Object.hasOwn(uses, name)) return;
  throw new CordonError(
    "not_declared",
    `Cannot use "${name}": "${id}" does not name it under [uses] in its manifest`,
  );
}
