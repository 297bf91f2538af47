/**
 * What a tested plugin can use: objects of the test behind a real border, and
 * other plugins that run in memory.
 *
 * @module
 */

import type { Capabilities } from "../../bus/capabilities.ts";
import type { Provider } from "../../bus/provider.ts";
import { CordonError } from "../../errors.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { chooseProtocol, PROTOCOL } from "../../rpc/handshake.ts";
import { RpcPeer } from "../../rpc/peer.ts";
import { listMethods } from "../../sandbox/bootstrap/plugin.ts";
import type { PluginMethods } from "../context.ts";
import { TEST_DEADLINES } from "./memory_sandbox.ts";
import { createChannelPair } from "./memory_channel.ts";

/** What there is of the capabilities that a plugin uses, by name: fakes, or plugins that were started. */
export type FakeCapabilities = Readonly<Record<string, PluginMethods | object>>;

/** How a started plugin tells what it provides under a name; undefined once it has ended. */
export const PROVIDER: unique symbol = Symbol("cordon.provider");

/** A started plugin, as a capability of another one. */
interface ProvidingPlugin {
  [PROVIDER](capability: string): Provider | undefined;
}

/** Announces fakes as the host announces what plugins provide. */
export class FakeProviders implements AsyncDisposable {
  readonly #fakes: FakeCapabilities;
  readonly #capabilities: Pick<Capabilities, "announce" | "withdraw">;
  /** What is announced now, by name. */
  readonly #announced = new Map<string, { readonly fake: object; readonly id: string }>();
  /** Our end of the border that values and errors of the fakes cross. */
  readonly #border: RpcPeer;
  readonly #served: Promise<unknown>;

  /**
   * @param fakes Fakes by name; the test may change them at any time.
   * @param capabilities Where they are announced.
   */
  constructor(fakes: FakeCapabilities, capabilities: Pick<Capabilities, "announce" | "withdraw">) {
    this.#fakes = fakes;
    this.#capabilities = capabilities;
    const [ours, theirs] = createChannelPair();
    this.#border = new RpcPeer(ours, { deadlines: TEST_DEADLINES });
    const far = new RpcPeer(theirs, {
      handlers: new Map([["invoke", ([name, method, args]) => this.#run(name as string, method, args)]]),
      deadlines: TEST_DEADLINES,
    });
    for (const peer of [this.#border, far]) peer.agree(chooseProtocol(PROTOCOL));
    this.#served = Promise.all([this.#border.run(), far.run()]);
  }

  /**
   * Announces what the test added and withdraws what it took away.
   *
   * @throws {CordonError} `invalid_input` for a plugin that does not provide what it is given as.
   */
  refresh(): void {
    for (const [name, { fake, id }] of this.#announced) {
      if (Object.hasOwn(this.#fakes, name) && this.#fakes[name] === fake && !hasEnded(fake, name)) continue;
      // Everything of this provider: what stays is announced again.
      this.#capabilities.withdraw(id);
      for (const [other, announced] of this.#announced) {
        if (announced.id === id) this.#announced.delete(other);
      }
    }
    for (const [name, fake] of Object.entries(this.#fakes)) {
      if (this.#announced.has(name) || hasEnded(fake, name)) continue;
      const provider = isProviding(fake) ? fake[PROVIDER](name)! : this.#createProvider(name);
      this.#capabilities.announce(name, provider);
      this.#announced.set(name, { fake, id: provider.id });
    }
  }

  /** Ends the border of the fakes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#border.close();
    await this.#served;
  }

  #createProvider(name: string): Provider {
    const listNames = () => new Set(this.#listMethods(name).keys());
    return {
      id: `test.${name}`,
      version: "1.0.0",
      get methods() {
        return listNames();
      },
      invoke: (method, args, { timeoutMs, cancellation } = {}) =>
        this.#border.call("invoke", [name, method, args], { timeoutMs, cancellation }),
    };
  }

  #run(name: string, method: unknown, args: unknown): unknown {
    return this.#listMethods(name).get(method as string)!.apply(this.#fakes[name], args as unknown[]);
  }

  #listMethods(name: string) {
    return new Map(listMethods(this.#fakes[name]));
  }
}

/** What a manifest declares, where fakes stand in for whatever version it uses. */
export function acceptFakes(manifest: Manifest, fakes: FakeCapabilities): Manifest {
  const uses = Object.entries(manifest.uses).map(([name, use]) => {
    const isFake = Object.hasOwn(fakes, name) && !isProviding(fakes[name]!);
    return [name, isFake ? { ...use, version: "*" } : use];
  });
  return { ...manifest, uses: Object.fromEntries(uses) };
}

/** A fake that nothing can use is a mistake in the test. */
export function assertDeclared({ id, uses }: Manifest, fakes: FakeCapabilities): void {
  const unknown = Object.keys(fakes).find((name) => !Object.hasOwn(uses, name));
  if (unknown === undefined) return;
  throw new CordonError(
    "invalid_input",
    `Cannot fake "${unknown}": "${id}" does not name it under [uses] in its manifest`,
  );
}

function isProviding(fake: object): fake is ProvidingPlugin {
  return PROVIDER in fake;
}

function hasEnded(fake: object, name: string): boolean {
  return isProviding(fake) && fake[PROVIDER](name) === undefined;
}
