/**
 * The floor of fan-out: a process publishes lines of JSON, each is answered and
 * goes to some other processes; no queue, no bound, no check.
 *
 * @module
 */

const CHILD = new URL("events_child.js", import.meta.url).pathname;

interface Child {
  readonly process: Deno.ChildProcess;
  readonly connection: Deno.UnixConn;
}

/** A process that publishes, and others that count. */
export class EventsFloor implements AsyncDisposable {
  readonly #source: Child;
  readonly #sinks: readonly Child[];
  readonly #encoder = new TextEncoder();

  constructor(source: Child, sinks: readonly Child[]) {
    this.#source = source;
    this.#sinks = sinks;
  }

  /** Starts so many that count. */
  static async open(count: number): Promise<EventsFloor> {
    const dir = await Deno.makeTempDir();
    const socket = `${dir}/s`;
    using listener = Deno.listen({ transport: "unix", path: socket });
    const start = async (role: string): Promise<Child> => {
      const process = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--quiet", "--no-config", "--no-lock", "--no-check", CHILD, socket, role],
        clearEnv: true,
        env: { DENO_DIR: `${dir}/cache`, DENO_NO_UPDATE_CHECK: "1", HOME: "/nowhere" },
        stdin: "null",
        stdout: "null",
        stderr: "inherit",
      }).spawn();
      return { process, connection: await listener.accept() as Deno.UnixConn };
    };
    const source = await start("source");
    const sinks: Child[] = [];
    for (let index = 0; index < count; index++) sinks.push(await start("sink"));
    return new EventsFloor(source, sinks);
  }

  /** Has some events published, `burst` of them unanswered at most; settles when all have counted them. */
  async publish(count: number, value: object, burst: number): Promise<void> {
    const counted = this.#sinks.map(({ connection }) => connection.read(new Uint8Array(64)));
    await this.#write(this.#source, `${JSON.stringify({ count, burst, value })}\n`);
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(1 << 16);
    let rest = "";
    for (let published = 0; published < count;) {
      const length = await this.#source.connection.read(buffer);
      if (length === null) throw new Error("The source is gone");
      const lines = (rest + decoder.decode(buffer.subarray(0, length), { stream: true })).split("\n");
      rest = lines.pop()!;
      const events = lines.map((line) => JSON.parse(line) as { id: number; v: unknown });
      published += events.length;
      const answers = events.map(({ id }) => `${JSON.stringify({ id })}\n`).join("");
      const news = events.map(({ v }) => `${JSON.stringify(v)}\n`).join("");
      await Promise.all([
        this.#write(this.#source, answers),
        ...this.#sinks.map((sink) => this.#write(sink, news)),
      ]);
    }
    await Promise.all(counted);
  }

  /** Ends them. */
  async [Symbol.asyncDispose](): Promise<void> {
    const children = [this.#source, ...this.#sinks];
    for (const { connection } of children) connection.close();
    await Promise.all(children.map(({ process }) => process.status));
  }

  async #write({ connection }: Child, text: string): Promise<void> {
    const bytes = this.#encoder.encode(text);
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
  }
}
