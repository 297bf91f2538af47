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
import { ProviderTable } from "./provider_table.ts";
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

/** The capabilities of the plugins that run, and of those that start when they are called. */
export class Capabilities {
  /** Providers that run. */
  readonly #running = new ProviderTable();
  /** Those of plugins that start when they are called; one that runs comes before its own. */
  readonly #onDemand = new ProviderTable();
  readonly #watches = new Map<string, Set<Watch>>();
  /** Plugins that are expected back, by id. */
  readonly #expected = new Map<string, AwaitProvider>();
  #arrangement: Arrangement = { choices: new Map(), bindings: new Map() };
  /** Who serves whom, as far as it was asked since that last may have changed; null where nobody does. */
  #serving = new WeakMap<Caller, Map<string, Provider | null>>();

  /** Announces a provider; what the same plugin announced before under the name gives way. */
  announce(name: string, provider: Provider): void {
    this.#running.add(name, provider);
    this.#tell([name]);
  }

  /** Announces everything that a plugin provides, by name; what it announced before gives way at once. */
  replace(id: string, providers: ReadonlyMap<string, Provider>): void {
    this.#tell(this.#running.replace(id, providers));
  }

  /** Withdraws everything that a plugin provides while it runs. */
  withdraw(id: string): void {
    this.#tell(this.#running.remove(id));
  }

  /** Offers what a plugin provides on demand, in place of what it offered before. */
  offer(id: string, providers: ReadonlyMap<string, Provider>): void {
    this.#tell(this.#onDemand.replace(id, providers));
  }

  /** The provider that a plugin is while it runs. */
  findRunning(name: string, id: string): Provider | undefined {
    return this.#running.of(name).get(id);
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

  /** The provider that serves `caller` now: the one it is bound to, else the best there is that fits. */
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

  #choose(caller: Caller, name: string): Provider | undefined {
    const { choices, bindings } = this.#arrangement;
    const offers = this.#listOffers(name);
    const demand = {
      consumer: caller.id,
      range: caller.uses[name]!.version,
      choice: choices.get(name),
      explainMisfit: (id: string) => offers.get(id)?.isIncompatible?.(caller.id),
    };
    const fitting = selectOffers([...offers.values()], demand).sort(compareOffers);
    const sound = fitting.filter(({ hasFailed = false }) => !hasFailed);
    const candidates = sound.length > 0 ? sound : fitting;
    const bound = bindings.get(caller.id)?.get(name);
    return candidates.find(({ id }) => id === bound) ?? candidates[0];
  }

  /** Who provides a capability, by plugin. */
  #listOffers(name: string): ReadonlyMap<string, Provider> {
    const [running, onDemand] = [this.#running.of(name), this.#onDemand.of(name)];
    return onDemand.size === 0 ? running : new Map([...onDemand, ...running]);
  }

  #explain(caller: Caller, name: string): string {
    const range = caller.uses[name]!.version;
    const choice = this.#arrangement.choices.get(name);
    if (choice !== undefined) {
      const runs = this.#listOffers(name).has(choice.id) ? `does not provide ${range}` : "does not run";
      return `"${choice.id}" was chosen to provide it, and ${runs}`;
    }
    const offers = [...this.#listOffers(name).values()];
    if (offers.length === 0) return "nothing that runs provides it";
    const [best] = selectOffers(offers, { consumer: caller.id, range, choice }).sort(compareOffers);
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
