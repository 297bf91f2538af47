import type { ByteStream } from "../../src/rpc/channel.ts";

/** How a pair of memory streams behaves. */
export interface MemoryStreamOptions {
  /** Bytes that may lie in each direction before a write waits. @default {65536} */
  readonly capacity?: number;
  /** Most bytes that one read hands out. @default {no bound} */
  readonly maxRead?: number;
}

/** One end of a pair, with what a test may want to know of it. */
export interface MemoryStream extends ByteStream {
  /** How often something was written. */
  readonly writes: number;
  /** Whether this end was closed. */
  readonly isClosed: boolean;
}

/** Two byte streams, each of which reads what the other writes. */
export function createMemoryStreams(options: MemoryStreamOptions = {}): [MemoryStream, MemoryStream] {
  const [there, back] = [new Pipe(options), new Pipe(options)];
  return [new End(back, there), new End(there, back)];
}

class End implements MemoryStream {
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;
  writes = 0;
  isClosed = false;

  constructor(incoming: Pipe, outgoing: Pipe) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  async read(into: Uint8Array): Promise<number | null> {
    return await this.#incoming.read(into, () => this.isClosed);
  }

  async write(from: Uint8Array): Promise<number> {
    this.writes++;
    return await this.#outgoing.write(from, () => this.isClosed);
  }

  /** As with a socket: our own reads and writes fail, the far end reads what is there and then the end. */
  close(): void {
    if (this.isClosed) throw new Deno.errors.BadResource("Bad resource ID");
    this.isClosed = true;
    this.#incoming.end();
    this.#outgoing.end();
  }
}

class Pipe {
  readonly #capacity: number;
  readonly #maxRead: number;
  #bytes = new Uint8Array(0);
  #isEnded = false;
  #changed = Promise.withResolvers<void>();

  constructor({ capacity = 65_536, maxRead = Infinity }: MemoryStreamOptions) {
    this.#capacity = capacity;
    this.#maxRead = maxRead;
  }

  async write(from: Uint8Array, isClosed: () => boolean): Promise<number> {
    while (this.#bytes.length >= this.#capacity && !this.#isEnded) await this.#changed.promise;
    if (isClosed()) throw new Deno.errors.BadResource("Bad resource ID");
    if (this.#isEnded) throw new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
    const taken = from.slice(0, this.#capacity - this.#bytes.length);
    const joined = new Uint8Array(this.#bytes.length + taken.length);
    joined.set(this.#bytes);
    joined.set(taken, this.#bytes.length);
    this.#bytes = joined;
    this.#notify();
    return taken.length;
  }

  async read(into: Uint8Array, isClosed: () => boolean): Promise<number | null> {
    if (into.length === 0) throw new TypeError("Cannot read into nothing");
    while (this.#bytes.length === 0 && !this.#isEnded && !isClosed()) await this.#changed.promise;
    if (isClosed()) throw new Deno.errors.Interrupted("operation canceled");
    if (this.#bytes.length === 0) return null;
    const given = this.#bytes.subarray(0, Math.min(into.length, this.#maxRead));
    into.set(given);
    this.#bytes = this.#bytes.slice(given.length);
    this.#notify();
    return given.length;
  }

  end(): void {
    this.#isEnded = true;
    this.#notify();
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
