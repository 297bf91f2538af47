/**
 * Serves the host's requests about the one plugin of this sandbox.
 *
 * @module
 */

import type { Channel } from "../../rpc/channel.ts";
import { chooseProtocol } from "../../rpc/handshake.ts";
import type { Handler } from "../../rpc/incoming_calls.ts";
import { type NotificationHandler, type PeerOptions, RpcPeer } from "../../rpc/peer.ts";
import { PLUGIN_BOUNDS } from "../../rpc/peer_bounds.ts";
import type { ActivateRequest, LoadRequest } from "../../rpc/protocol.ts";
import type { PluginModule, StateOrigin } from "../../sdk/context.ts";
import { answerCall } from "./current_call.ts";
import { checkState } from "./plugin_state.ts";
import { PluginScope } from "./scope.ts";

/** Exports that the host calls by requests of their own. */
const LIFECYCLE = new Set(["activate", "deactivate", "exportState", "health", "importState"]);
const DISPOSE = [Symbol.asyncDispose, Symbol.dispose] as const;

type Method = (...args: unknown[]) => unknown;

/** How a plugin is served. */
export interface PluginPeerOptions extends Pick<PeerOptions, "deadlines"> {
  /** Imports the plugin. */
  readonly importModule: (entry: string) => Promise<Partial<PluginModule>>;
}

/**
 * Makes the peer that answers the host's requests.
 *
 * @param channel The channel to the host.
 * @param options How the plugin is served.
 * @returns The peer; it serves once it is run.
 */
export function createPluginPeer(
  channel: Channel,
  { importModule, deadlines }: PluginPeerOptions,
): RpcPeer {
  let module: Partial<PluginModule> = {};
  let loading: Promise<unknown> | undefined;
  let returned: unknown;
  const methods = new Map<string, Method>();
  const scope = new PluginScope({
    call: (method, params, options) => peer.call(method, params, options),
    notify: (method, params) => peer.notify(method, params),
  });

  const handlers = new Map<string, Handler>([
    ["load", async ([request]) => {
      const { entry, protocol: offer } = request as LoadRequest;
      const protocol = chooseProtocol(offer);
      peer.agree(protocol);
      const imported = importModule(entry);
      loading = imported;
      module = await imported;
      return {
        protocol,
        exports: Object.keys(module).map((name) => [name, typeof module[name as keyof PluginModule]]),
      };
    }],
    ["activate", async ([request]) => {
      await loading;
      if (typeof module.activate !== "function") {
        throw new TypeError('The main module exports no function "activate"');
      }
      returned = await module.activate(scope.open(request as ActivateRequest));
      for (const [name, method] of listMethods(module)) if (!LIFECYCLE.has(name)) methods.set(name, method);
      for (const [name, method] of listMethods(returned)) methods.set(name, method);
      return { methods: [...methods.keys()] };
    }],
    ["invoke", (params, context) => {
      const [name, args] = params;
      const method = methods.get(name as string);
      if (method === undefined) throw new TypeError(`There is no method "${name}"`);
      return answerCall(context, params, () => method.apply(returned, args as unknown[]));
    }],
    ["health", () => module.health?.() ?? "ok"],
    ["exportState", async ([maxBytes]) => {
      const state = await module.exportState?.();
      checkState(state, maxBytes as number);
      return { state };
    }],
    ["importState", async ([state, from]) => {
      await module.importState?.(state, from as StateOrigin);
      return null;
    }],
    ["deactivate", async ([reason]) => {
      scope.close(reason as string);
      await module.deactivate?.();
      for (const dispose of DISPOSE) {
        const end = (returned as Record<symbol, unknown> | undefined)?.[dispose];
        if (typeof end === "function") return void await end.call(returned);
      }
    }],
  ]);
  const notifications = new Map<string, NotificationHandler>([
    ["ping", ([count]) => peer.notify("pong", [count])],
  ]);
  for (const part of scope.parts) {
    for (const [name, handler] of Object.entries(part.handlers ?? {})) handlers.set(name, handler);
    for (const [name, handler] of Object.entries(part.notifications ?? {})) notifications.set(name, handler);
  }
  const peer: RpcPeer = new RpcPeer(channel, {
    ...PLUGIN_BOUNDS,
    handlers,
    notifications,
    // Whoever wrote it gets the error; the host, which got nothing, is told for its journal.
    onUnsent: ({ message }) => peer.notify("unsent", [message]),
    sendStacks: true,
    trustCodes: true,
    deadlines,
  });
  return peer;
}

/** Functions of an object and of its class, without what every object has. */
export function* listMethods(value: unknown): Generator<[string, Method]> {
  const seen = new Set<string>();
  for (
    let owner: unknown = value;
    typeof owner === "object" && owner !== null && owner !== Object.prototype;
    owner = Object.getPrototypeOf(owner)
  ) {
    for (const name of Object.getOwnPropertyNames(owner)) {
      const method = (value as Record<string, unknown>)[name];
      if (name === "constructor" || seen.has(name) || typeof method !== "function") continue;
      seen.add(name);
      yield [name, method as Method];
    }
  }
}
