/**
 * A program of this folder that runs a host and says what it sees, a line of
 * JSON each; killed with the block.
 *
 * @module
 */

const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

/** A program that runs. */
export class HostProgram implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #errors: Promise<string>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;

  /** Starts a program. */
  constructor(program: string, args: readonly string[]) {
    const script = new URL(program, import.meta.url).pathname;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--v8-flags=--expose-gc", "--config", CONFIG, script, ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#errors = new Response(this.#child.stderr).text();
    this.#input = this.#child.stdin.getWriter();
  }

  /** Its process. */
  get pid(): number {
    return this.#child.pid;
  }

  /** What it says, until it has ended. */
  async *lines(): AsyncGenerator<unknown> {
    let pending = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (pending + text).split("\n");
      pending = lines.pop()!;
      for (const line of lines) yield JSON.parse(line);
    }
  }

  /** Lets it go on. */
  async goOn(): Promise<void> {
    await this.#input.write(new Uint8Array(1));
  }

  /** What it printed as errors, once it has ended. */
  async errors(): Promise<string> {
    return await this.#errors;
  }

  /** Ends it, if it runs still. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await Promise.all([this.#child.status, this.#errors, this.#input.close().catch(() => {})]);
    // Where it was not read to its end.
    if (!this.#child.stdout.locked) await this.#child.stdout.cancel();
  }
}
