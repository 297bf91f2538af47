/**
 * The host's end of the floor: no validation, no deadline, no supervision.
 *
 * @module
 */

const CHILD = new URL("json_child.js", import.meta.url).pathname;

/** A child that echoes. */
export class JsonFloor implements AsyncDisposable {
  readonly #connection: Deno.UnixConn;
  readonly #child: Deno.ChildProcess;
  readonly #pending = new Map<number, (value: unknown) => void>();
  readonly #encoder = new TextEncoder();
  readonly #reading: Promise<void>;
  #bytesPending: ((bytes: Uint8Array) => void) | undefined;
  #onAsk: ((argument: unknown) => Promise<unknown>) | undefined;
  #queue: Uint8Array[] = [];
  #isWriting = false;
  #nextId = 0;

  constructor(connection: Deno.UnixConn, child: Deno.ChildProcess) {
    this.#connection = connection;
    this.#child = child;
    this.#reading = this.#read();
  }

  /** Process id of the child. */
  get pid(): number {
    return this.#child.pid;
  }

  /**
   * Starts a child with nothing but the permission of its socket, and what it imports.
   *
   * @param options `main`: what it imports at once, or from `dir` when it is told.
   */
  static async open(
    { main, dir = main?.slice(0, main.lastIndexOf("/")), cacheDir }: {
      main?: string;
      dir?: string | undefined;
      cacheDir?: string;
    },
  ): Promise<JsonFloor> {
    const socket = `${await Deno.makeTempDir()}/s`;
    using listener = Deno.listen({ transport: "unix", path: socket });
    const readable = [socket, ...(dir === undefined ? [] : [dir])];
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-config",
        "--no-lock",
        "--no-npm",
        "--no-remote",
        "--no-check",
        `--allow-read=${readable.join(",")}`,
        `--allow-write=${socket}`,
        `--allow-net=unix:${socket}`,
        CHILD,
        socket,
        ...(main === undefined ? [] : [`file://${main}`]),
      ],
      clearEnv: true,
      env: { DENO_DIR: cacheDir ?? `${socket}-cache`, DENO_NO_UPDATE_CHECK: "1", HOME: "/nowhere" },
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    return new JsonFloor(await listener.accept() as Deno.UnixConn, child);
  }

  /** Has the child import a module. */
  load(path: string): Promise<unknown> {
    return this.#request({ load: path });
  }

  /** Calls the child. */
  call(argument: unknown): Promise<unknown> {
    return this.#request({ m: "echo", p: [argument] });
  }

  /** Has the child call another one so often, one call after the other, with every message relayed here. */
  callThrough(other: JsonFloor, times: number, argument: unknown): Promise<unknown> {
    this.#onAsk = (value) => other.call(value);
    return this.#request({ times, p: [argument] });
  }

  /** Sends bytes and gets them back. */
  echoBytes(bytes: Uint8Array): Promise<Uint8Array> {
    const { promise, resolve } = Promise.withResolvers<Uint8Array>();
    this.#bytesPending = resolve;
    const head = new Uint8Array(4);
    new DataView(head.buffer).setUint32(0, bytes.length);
    this.#send(head);
    this.#send(bytes);
    return promise;
  }

  /** Ends the child. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.close();
    await this.#child.status;
    await this.#reading;
  }

  #request(message: Record<string, unknown>): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const id = this.#nextId++;
    this.#pending.set(id, resolve);
    this.#sendJson({ id, ...message });
    return promise;
  }

  #sendJson(message: unknown): void {
    const text = JSON.stringify(message);
    const bytes = new Uint8Array(4 + text.length * 3);
    const { written } = this.#encoder.encodeInto(text, bytes.subarray(4));
    new DataView(bytes.buffer).setUint32(0, written);
    this.#send(bytes.subarray(0, 4 + written));
  }

  #send(bytes: Uint8Array): void {
    this.#queue.push(bytes);
    if (this.#isWriting) return;
    this.#isWriting = true;
    queueMicrotask(() => void this.#flush());
  }

  #take({ id, v, ask, p }: { id: number; v: unknown; ask?: number; p: unknown[] }): void {
    if (ask !== undefined) return void this.#onAsk!(p[0]).then((v) => this.#sendJson({ told: ask, v }));
    this.#pending.get(id)!(v);
    this.#pending.delete(id);
  }

  async #flush(): Promise<void> {
    while (this.#queue.length > 0) {
      const chunks = this.#queue;
      this.#queue = [];
      const small = chunks.every((chunk) => chunk.length < 1 << 16) ? [join(chunks)] : chunks;
      for (const chunk of small) {
        for (let at = 0; at < chunk.length;) at += await this.#connection.write(chunk.subarray(at));
      }
    }
    this.#isWriting = false;
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let buffer = new Uint8Array(1 << 16);
    let [start, end] = [0, 0];
    for (;;) {
      const length = await this.#connection.read(buffer.subarray(end)).catch(() => null);
      if (length === null) return;
      end += length;
      while (end - start >= 4) {
        const bodyLength = new DataView(buffer.buffer, start, 4).getUint32(0);
        if (end - start < 4 + bodyLength) {
          if (start + 4 + bodyLength > buffer.length) {
            const room = new Uint8Array(4 + bodyLength);
            room.set(buffer.subarray(start, end));
            [buffer, end, start] = [room, end - start, 0];
          }
          break;
        }
        const body = buffer.subarray(start + 4, start + 4 + bodyLength);
        start += 4 + bodyLength;
        if (body[0] === 123) {
          this.#take(JSON.parse(decoder.decode(body)));
        } else {
          this.#bytesPending?.(body);
          [buffer, start, end] = [new Uint8Array(1 << 16), 0, 0];
        }
      }
      if (start === end) [start, end] = [0, 0];
      else if (end === buffer.length) {
        buffer.copyWithin(0, start, end);
        [start, end] = [0, end - start];
      }
    }
  }
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const all = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
