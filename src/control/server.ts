/**
 * Lets other processes of the same user steer a host, over a socket in its
 * data folder. A client that sends garbage loses its connection; one that
 * stays silent costs one connection of a bounded number. It has to know a key
 * from a file beside the socket: the kernel keeps a confined program from files
 * outside its grants, but not yet from Unix sockets there.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { RevokeChoice } from "../lifecycle/consent/consents.ts";
import type { GrantChoice } from "../permissions/grant_choice.ts";
import { FrameChannel } from "../rpc/channel.ts";
import { chooseProtocol } from "../rpc/handshake.ts";
import type { Handler } from "../rpc/incoming_calls.ts";
import { RpcPeer } from "../rpc/peer.ts";
import type { JournalQuery } from "../store/journal.ts";
import type { HostControl } from "./control.ts";
import { keyPath, requireKey, writeKey } from "./control_key.ts";
import { readRecordOptions } from "./record_options.ts";

/** Clients at once. */
const MAX_CLIENTS = 32;

/** Wait before another client is accepted after that failed. */
const RETRY_MS = 100;

/** Path of the control socket in a data folder. */
export function controlPath(dataDir: string): string {
  return `${dataDir}/control.sock`;
}

/** Serves a host's control socket. */
export class ControlServer implements AsyncDisposable {
  readonly #path: string;
  readonly #key: string;
  readonly #listener: Deno.UnixListener;
  readonly #control: HostControl;
  readonly #clients = new Set<RpcPeer>();
  readonly #serving: Promise<void>;
  #isClosed = false;

  /**
   * Listens in a data folder; the caller holds its lock, so a socket that is
   * there is nobody's.
   *
   * @throws {CordonError} `not_writable`.
   */
  constructor(path: string, control: HostControl) {
    this.#path = path;
    this.#control = control;
    try {
      removeIfThere(path);
      this.#key = writeKey(path);
      this.#listener = Deno.listen({ transport: "unix", path });
      Deno.chmodSync(path, 0o600);
    } catch (cause) {
      throw new CordonError("not_writable", `Cannot listen on "${path}": ${(cause as Error).message}`, {
        cause,
      });
    }
    this.#serving = this.#serve();
  }

  /** Stops listening and drops every client. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#listener.close();
    for (const client of this.#clients) client.close();
    await this.#serving;
    removeIfThere(this.#path);
    removeIfThere(keyPath(this.#path));
  }

  async #serve(): Promise<void> {
    const sessions = new Set<Promise<void>>();
    for (let connection = await this.#accept(); connection !== undefined; connection = await this.#accept()) {
      if (this.#clients.size >= MAX_CLIENTS) {
        connection.close();
        continue;
      }
      const session = this.#serveClient(connection).finally(() => sessions.delete(session));
      sessions.add(session);
    }
    await Promise.all(sessions);
  }

  /** The next client; undefined when this has stopped listening. */
  async #accept(): Promise<Deno.UnixConn | undefined> {
    for (;;) {
      try {
        return await this.#listener.accept();
      } catch {
        if (this.#isClosed) return undefined;
        // No descriptor is free, or the client left before its turn: the next one may come.
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  async #serveClient(connection: Deno.UnixConn): Promise<void> {
    const control = this.#control;
    const following = new AbortController();
    // A client that leaves ends what it records.
    let recording = new AbortController();
    const text = (value: unknown) => {
      if (typeof value === "string") return value;
      throw new CordonError("invalid_input", "Cannot do that: a name is no text");
    };
    const handlers = new Map<string, Handler>([
      ["list", () => control.list()],
      ["resources", () => control.resources()],
      ["metrics", () => control.metrics()],
      ["graph", () => control.graph()],
      ["crashes", ([id]) => control.crashes(id === null ? undefined : text(id))],
      ["capabilities", () => control.capabilities()],
      ["prefer", ([name, id]) => control.prefer(text(name), id === null ? undefined : text(id))],
      ["info", ([id]) => control.info(text(id))],
      ["start", ([id]) => control.start(text(id))],
      ["stop", ([id]) => control.stop(text(id))],
      ["restart", ([id]) => control.restart(text(id))],
      ["reload", ([id, options]) => control.reload(text(id), { force: asRecord(options).force === true })],
      ["rollback", ([id, options]) => {
        const { to } = asRecord(options);
        return control.rollback(text(id), to === undefined ? {} : { to: text(to) });
      }],
      ["versions", ([id]) => control.versions(text(id))],
      ["rescan", () => control.rescan()],
      [
        "record",
        ([id, options]) =>
          control.record(text(id), { ...readRecordOptions(options), signal: recording.signal }),
      ],
      ["endRecording", () => {
        recording.abort();
        recording = new AbortController();
      }],
      ["grant", ([id, choice]) => control.grant(text(id), readGrantChoice(choice))],
      ["revoke", async ([id, choice]) => await control.revoke(text(id), readRevokeChoice(choice)) ?? null],
      ["journal", ([query]) => control.journal(readQuery(query))],
      ["call", ([target, method, args], { signal, timeoutMs }) => {
        if (!Array.isArray(args)) {
          throw new CordonError("invalid_input", "Cannot call: the arguments are no list");
        }
        return control.call(text(target), text(method), args, { signal, timeoutMs });
      }],
      ["follow", async ([from]) => {
        const options = { signal: following.signal, ...(typeof from === "number" ? { from } : {}) };
        for await (const event of control.followJournal(options)) {
          await peer.drained;
          peer.notify("event", [event]);
        }
      }],
    ]);
    const peer: RpcPeer = new RpcPeer(new FrameChannel(connection), {
      handlers: requireKey(this.#key, handlers, (offer) => {
        const choice = chooseProtocol(offer);
        peer.agree(choice);
        return choice;
      }),
    });
    this.#clients.add(peer);
    try {
      await peer.run();
    } finally {
      following.abort();
      recording.abort();
      this.#clients.delete(peer);
    }
  }
}

function readQuery(value: unknown): JournalQuery {
  if (typeof value !== "object" || value === null) return {};
  const { id, from, last } = value as Record<string, unknown>;
  return {
    ...(typeof id === "string" ? { id } : {}),
    ...(Number.isSafeInteger(from) ? { from: from as number } : {}),
    ...(Number.isSafeInteger(last) ? { last: last as number } : {}),
  };
}

function readGrantChoice(value: unknown): GrantChoice {
  const { scope, only, supervise } = asRecord(value);
  return {
    ...(scope === "all" || scope === "required" ? { scope } : {}),
    ...(isTexts(only) ? { only } : {}),
    ...(typeof supervise === "boolean" ? { supervise } : {}),
  };
}

function readRevokeChoice(value: unknown): RevokeChoice {
  const { only, never } = asRecord(value);
  return { ...(isTexts(only) ? { only } : {}), ...(typeof never === "boolean" ? { never } : {}) };
}

function asRecord(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new CordonError("invalid_input", "Cannot do that: what was chosen is no table");
}

function isTexts(value: unknown): value is string[] {
  if (value === undefined) return false;
  if (Array.isArray(value) && value.every((text) => typeof text === "string")) return true;
  throw new CordonError("invalid_input", "Cannot do that: what was chosen is no list of texts");
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
