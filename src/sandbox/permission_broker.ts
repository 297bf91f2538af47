/**
 * The far end of Deno's permission broker for one sandbox: Deno asks over a
 * Unix socket before everything it does, a line of JSON each way, and waits.
 * Deno ends the process with code 87 when nobody answers, so every failure
 * here closes the connection.
 *
 * @module
 */

import { errorMessage } from "../errors.ts";
import { workingDirOf } from "../internal/process_identity.ts";
import { RateLimiter } from "../internal/rate_limiter.ts";
import type { Supervisor } from "../permissions/supervision.ts";

/** Longest request: paths may be of any length, and are escaped. */
const MAX_LINE_BYTES = 1024 * 1024;

/** Checks answered at once; beyond that a plugin waits, so that asking does not keep the host busy. */
const CHECK_RATE = { count: 5_000, periodMs: 1_000 };

/** How long a check beyond that waits before it is looked at again. */
const HOLD_MS = 5;

/** Longest text quoted in a failure. */
const MAX_QUOTED = 200;

const NEWLINE = 10;

/** What Deno prints of a broker, whatever it is told about its log. */
const WARNING = "Warning Permission broker is an experimental feature";

/** Passes on what a supervised sandbox prints, without what Deno says about that. */
export function omitBrokerWarning(onLine: (line: string) => void): (line: string) => void {
  let isFirst = true;
  return (line) => {
    if (!isFirst || line !== WARNING) onLine(line);
    isFirst = false;
  };
}

/** What a broker is opened with. */
export interface PermissionBrokerOptions {
  /** Folder for its socket. */
  readonly socketDir: string;
  /** Decides. */
  readonly supervisor: Supervisor;
  /** Path of the sandbox's channel, which it may connect to until the broker is sealed. */
  readonly channel: string;
}

/** A request, checked. */
interface BrokerRequest {
  readonly id: number;
  readonly permission: string;
  readonly value: string | null;
}

/** Serves one sandbox; it ends when its process ends, or with a failure that has to end the process. */
export class PermissionBroker implements AsyncDisposable {
  /** Path of its socket; taken by the first to connect. */
  readonly path: string;
  /** Settles when it serves no more: with the failure that ended it, if one did. */
  readonly ended: Promise<string | undefined>;
  readonly #options: PermissionBrokerOptions;
  readonly #listener: Deno.UnixListener;
  readonly #rate = new RateLimiter(CHECK_RATE);
  #connection: Deno.UnixConn | undefined;
  #pid: number | undefined;
  #isSealed = false;
  #isClosed = false;

  /** @param options What it is opened with. */
  constructor(options: PermissionBrokerOptions) {
    this.#options = options;
    this.path = `${options.socketDir}/${crypto.randomUUID().slice(0, 18)}`;
    this.#listener = Deno.listen({ transport: "unix", path: this.path });
    this.ended = this.#run();
  }

  /** Tells whose checks these are, so that relative paths can be read. */
  follow(pid: number): void {
    this.#pid = pid;
  }

  /** The sandbox has connected: its channel is a file like any other from now on. */
  seal(): void {
    this.#isSealed = true;
  }

  /** Ends it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopListening();
    this.#disconnect();
    await this.ended;
  }

  /** Ends it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(): Promise<string | undefined> {
    try {
      this.#connection = await this.#listener.accept() as Deno.UnixConn;
      // Single use: nobody else can connect.
      this.#stopListening();
      await this.#serve(this.#connection);
      return undefined;
    } catch (error) {
      // A read or write that close() or the end of the process cut short.
      return this.#isClosed || isDisconnect(error) ? undefined : errorMessage(error);
    } finally {
      this.#stopListening();
      this.#disconnect();
    }
  }

  /** Answers line after line. Deno waits for each answer, so there is never more than one line. */
  async #serve(connection: Deno.UnixConn): Promise<void> {
    const encoder = new TextEncoder();
    let buffer = new Uint8Array(4_096);
    let length = 0;
    let expected = 1;
    while (true) {
      const count = await connection.read(buffer.subarray(length));
      if (count === null) {
        if (length > 0) throw new Error("it was asked half a question");
        return;
      }
      const end = buffer.subarray(length, length + count).indexOf(NEWLINE);
      length += count;
      if (end === -1) {
        if (length >= MAX_LINE_BYTES) {
          throw new Error(`it was asked more than ${MAX_LINE_BYTES} bytes at once`);
        }
        if (length === buffer.length) buffer = enlarge(buffer);
        continue;
      }
      if (length - count + end + 1 !== length) throw new Error("it was asked again before it had answered");
      const request = parseRequest(buffer.subarray(0, length - 1), expected++);
      length = 0;
      while (!this.#rate.take()) await new Promise((resolve) => setTimeout(resolve, HOLD_MS));
      const answer = encoder.encode(`${JSON.stringify({ id: request.id, ...this.#answer(request) })}\n`);
      for (let at = 0; at < answer.length;) at += await connection.write(answer.subarray(at));
    }
  }

  #answer({ permission, value }: BrokerRequest): { result: "allow" | "deny"; reason?: string } {
    const { channel, supervisor } = this.#options;
    if (!this.#isSealed && isOfChannel(permission, value, channel)) return { result: "allow" };
    const workingDir = () => this.#pid === undefined ? undefined : workingDirOf(this.#pid);
    const { allowed, message } = supervisor.decide({ permission, value, workingDir });
    if (allowed) return { result: "allow" };
    return { result: "deny", ...(message === undefined ? {} : { reason: message }) };
  }

  #stopListening(): void {
    try {
      this.#listener.close();
      Deno.removeSync(this.path);
    } catch {
      // Both are gone already.
    }
  }

  #disconnect(): void {
    try {
      this.#connection?.close();
    } catch {
      // It is closed already.
    }
  }
}

/** What the bootstrap needs to connect: the socket as a file, and as an address. */
function isOfChannel(permission: string, value: string | null, channel: string): boolean {
  if (permission === "net") return value === `unix:${channel}`;
  return (permission === "read" || permission === "write") && value === channel;
}

function enlarge(buffer: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(buffer.length * 2);
  larger.set(buffer);
  return larger;
}

/** Reads a line; the numbers of requests count up from 1. */
function parseRequest(line: Uint8Array, expected: number): BrokerRequest {
  const text = new TextDecoder().decode(line);
  const fail = () => new Error(`it was asked ${JSON.stringify(text.slice(0, MAX_QUOTED))}`);
  let request: Record<string, unknown>;
  try {
    request = JSON.parse(text);
  } catch {
    // What it is instead stands in the message.
    throw fail();
  }
  const { v, id, permission, value } = request ?? {};
  if (
    v !== 1 || id !== expected || typeof permission !== "string" ||
    (value !== null && typeof value !== "string")
  ) throw fail();
  return { id: expected, permission, value };
}

function isDisconnect(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe;
}
