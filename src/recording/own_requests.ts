/**
 * Requests that hold what only the place of a replay knows: where the plugin's
 * code is, and its folders.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { Message } from "../rpc/message.ts";
import { RemoteError } from "../rpc/remote_error.ts";

/** The requests. */
const METHODS: ReadonlySet<string> = new Set(["load", "activate"]);

/** What in them is not as recorded. */
const LOCAL_FIELDS = ["entry", "data", "vars", "subscribes"] as const;

interface OwnRequest {
  readonly params: readonly unknown[];
  readonly answer: PromiseWithResolvers<unknown>;
}

/** Requests that are made here and sent when it is their turn. */
export class OwnRequests {
  readonly #made = new Map<string, OwnRequest>();
  readonly #sent = new Map<number, OwnRequest>();
  #isClosed = false;

  /** Whether a method is made here. */
  isOurs(method: string): boolean {
    return METHODS.has(method);
  }

  /** Makes one; settles with the plugin's answer. */
  make(method: string, params: readonly unknown[]): Promise<unknown> {
    if (this.#isClosed || !this.isOurs(method)) {
      return Promise.reject(new CordonError("not_recorded", `Cannot ask "${method}": this is a replay`));
    }
    const answer = Promise.withResolvers<unknown>();
    this.#made.set(method, { params, answer });
    return answer.promise;
  }

  /** The head to send for a recorded one; undefined as long as it is not made. */
  take({ id, method, params, ...rest }: Message & { type: "call" }): unknown {
    const made = this.#made.get(method);
    if (made === undefined) return undefined;
    this.#made.delete(method);
    this.#sent.set(id, made);
    return { ...rest, id, method, params: [mergeLocal(params[0], made.params[0]), ...params.slice(1)] };
  }

  /** Takes an answer of the plugin. */
  settle(message: Message & { type: "result" | "error" }): void {
    const request = this.#sent.get(message.id);
    this.#sent.delete(message.id);
    if (message.type === "result") request?.answer.resolve(message.value);
    else request?.answer.reject(new RemoteError(message.error, false));
  }

  /** Ends what is not answered. */
  close(): void {
    this.#isClosed = true;
    for (const { answer } of [...this.#made.values(), ...this.#sent.values()]) {
      answer.reject(new CordonError("not_recorded", "Cannot go on: the replay is over"));
    }
  }
}

function mergeLocal(recorded: unknown, here: unknown): unknown {
  const fields = here as Readonly<Record<string, unknown>>;
  const local = LOCAL_FIELDS.filter((name) => Object.hasOwn(fields, name)).map((
    name,
  ) => [name, fields[name]]);
  return { ...(recorded as object), ...Object.fromEntries(local) };
}
