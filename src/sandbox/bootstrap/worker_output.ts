/**
 * What a plugin in a worker prints. The worker's standard streams are the
 * host's own, so they are closed, and lines go to the host as notes.
 *
 * @module
 */

import { Console } from "node:console";
import { closeSync } from "node:fs";
import process from "node:process";

/** Longest line that is sent, in characters. */
const MAX_LINE = 8_192;

type Stream = "stdout" | "stderr";
/** Sends a line; false when there is no room for it. */
type SendLine = (stream: Stream, line: string) => boolean;

/** Takes over everything that prints. */
export class WorkerOutput {
  readonly #send: SendLine;
  readonly #pending: Record<Stream, string> = { stdout: "", stderr: "" };
  #dropped = 0;

  /** @param send Sends a line. */
  constructor(send: SendLine) {
    this.#send = send;
  }

  /** Closes the standard streams and puts others in their place. */
  install(): void {
    for (const stream of [Deno.stdin, Deno.stdout, Deno.stderr]) stream.close();
    for (const descriptor of [0, 1, 2]) closeSync(descriptor);
    const streams = { stdout: this.#createStream("stdout"), stderr: this.#createStream("stderr") };
    for (const owner of [Deno, process]) {
      Object.defineProperties(owner, {
        stdin: { value: Object.freeze({}) },
        stdout: { value: streams.stdout },
        stderr: { value: streams.stderr },
      });
    }
    Object.assign(console, new Console(streams as unknown as ConstructorParameters<typeof Console>[0]));
  }

  /** Sends what was printed without the end of a line. */
  flush(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.#pending[stream] !== "") this.print(stream, "\n");
    }
  }

  /** Prints text; what finds no room is dropped and counted. */
  print(stream: Stream, text: string): void {
    const lines = (this.#pending[stream] + text).split("\n");
    this.#pending[stream] = lines.pop()!;
    if (this.#pending[stream].length > MAX_LINE) lines.push(this.#pending[stream].slice(0, MAX_LINE));
    for (const line of lines) this.#sendLine(stream, line);
    if (this.#pending[stream].length > MAX_LINE) {
      this.#pending[stream] = this.#pending[stream].slice(MAX_LINE);
    }
  }

  #sendLine(stream: Stream, line: string): void {
    if (
      this.#dropped > 0 &&
      this.#send("stderr", `[cordon] ${this.#dropped} lines came too fast and were dropped`)
    ) {
      this.#dropped = 0;
    }
    for (let at = 0; at === 0 || at < line.length; at += MAX_LINE) {
      if (this.#dropped > 0 || !this.#send(stream, line.slice(at, at + MAX_LINE))) {
        this.#dropped++;
        return;
      }
    }
  }

  #createStream(stream: Stream): unknown {
    const decoder = new TextDecoder();
    const write = (data: string | Uint8Array) => {
      this.print(stream, typeof data === "string" ? data : decoder.decode(data, { stream: true }));
      return true;
    };
    const self = {
      isTTY: false,
      isTerminal: () => false,
      // Node's streams say whether more can be written, Deno's how much was.
      write: (data: string | Uint8Array) =>
        typeof data === "string" ? write(data) : (write(data), Promise.resolve(data.byteLength)),
      writeSync: (data: Uint8Array) => (write(data), data.byteLength),
      close: () => {},
      end: (data?: string | Uint8Array) => void (data !== undefined && write(data)),
      on: () => self,
      once: () => self,
      off: () => self,
      removeListener: () => self,
      emit: () => false,
      listenerCount: () => 0,
    };
    return self;
  }
}
