/**
 * What a host costs that has 500 plugins installed of which 3 run, beside one
 * that has those 3: each in a process of its own.
 *
 * @module
 */

import type { Subject } from "../subject.ts";
import { writePlugins } from "../workspace.ts";
import { readPss } from "./memory.ts";

const INSTALLED = 500;
const RUNNING = 3;

/** For how long the processor is watched. */
const WATCHED_MS = 5_000;

const CONFIG = new URL("../../deno.json", import.meta.url).pathname;
const HOST = new URL("../installed_host.ts", import.meta.url).pathname;

/** Memory of the host, as the kernel counts it. */
export async function openInstalledMemory(): Promise<Subject> {
  const [cordon, floor] = await Promise.all([InstalledHost.open(INSTALLED), InstalledHost.open(RUNNING)]);
  return {
    name: `memory of ${INSTALLED} installed, ${RUNNING} running (PSS, beside those)`,
    unit: "MiB",
    better: "lower",
    target: 1.5,
    rounds: 3,
    contenders: { cordon: () => readPss(cordon.pid), floor: () => readPss(floor.pid) },
    [Symbol.asyncDispose]: () => closeAll(cordon, floor),
  };
}

/** Processor time of the host while nothing is asked of it. */
export async function openInstalledCpu(): Promise<Subject> {
  const [cordon, floor] = await Promise.all([InstalledHost.open(INSTALLED), InstalledHost.open(RUNNING)]);
  const watch = (host: InstalledHost) => async () => {
    await host.ask();
    await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
    return await host.ask();
  };
  return {
    name: `idle processor of ${INSTALLED} installed, ${RUNNING} running, in ${WATCHED_MS / 1_000} s`,
    unit: "ms",
    better: "lower",
    target: 1.3,
    rounds: 5,
    contenders: { cordon: watch(cordon), floor: watch(floor) },
    [Symbol.asyncDispose]: () => closeAll(cordon, floor),
  };
}

async function closeAll(...hosts: readonly InstalledHost[]): Promise<void> {
  await Promise.all(hosts.map((host) => host[Symbol.asyncDispose]()));
}

/** A host with so many plugins that start by a call or an event, some of which run. */
class InstalledHost implements AsyncDisposable {
  readonly #dir: string;
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  constructor(dir: string) {
    const ids = Array.from({ length: RUNNING }, (_, index) => `bench.echo-${index}`);
    this.#dir = dir;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--quiet",
        "--v8-flags=--expose-gc",
        `--config=${CONFIG}`,
        HOST,
        `${dir}/plugins`,
        `${dir}/data`,
        ...ids,
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#writer = this.#child.stdin.getWriter();
  }

  /** Installs plugins, opens a host on them once so that it knows them, and then for good. */
  static async open(count: number): Promise<InstalledHost> {
    const dir = await Deno.makeTempDir({ prefix: "cordon-bench-" });
    const activate = (index: number) =>
      index < RUNNING || index % 5 !== 0 ? "on:call" : `on:event:bench.topic-${index}.*`;
    await writePlugins(`${dir}/plugins`, count, (index) => `\n[run]\nactivate = ["${activate(index)}"]\n`);
    const first = new InstalledHost(dir);
    await first.#lines.read();
    await first.#close();
    const host = new InstalledHost(dir);
    await host.#lines.read();
    return host;
  }

  /** Process id of the host. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Milliseconds of processor time since it was asked last. */
  async ask(): Promise<number> {
    await this.#writer.write(new TextEncoder().encode("\n"));
    return Number((await this.#lines.read()).value);
  }

  async #close(): Promise<void> {
    await this.#writer.close();
    await this.#lines.cancel();
    await this.#child.status;
  }

  /** Stops the host. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    await Deno.remove(this.#dir, { recursive: true });
  }
}
