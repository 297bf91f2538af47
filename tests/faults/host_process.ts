/**
 * A host in a process of its own, and the processes that belong to it.
 *
 * @module
 */

import { processStartTime } from "../../src/internal/process_identity.ts";
import type { Report } from "./moments.ts";

const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

/** Longest wait for something that has to come. */
const PATIENCE_MS = 20_000;

/** A program of this folder that runs; killed with the block. */
export class HostProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #pending = "";

  /** Starts a program of this folder. */
  constructor(program: string, args: readonly string[]) {
    const script = new URL(program, import.meta.url).pathname;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--config", CONFIG, script, ...args],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** What it says next; undefined when it has ended, or says nothing for too long. */
  async report(): Promise<Report | undefined> {
    const limit = setTimeout(() => this.#lines.cancel(), PATIENCE_MS);
    try {
      return await this.#read();
    } finally {
      clearTimeout(limit);
    }
  }

  async #read(): Promise<Report | undefined> {
    while (!this.#pending.includes("\n")) {
      const { value } = await this.#lines.read();
      if (value === undefined) return undefined;
      this.#pending += value;
    }
    const end = this.#pending.indexOf("\n");
    const line = this.#pending.slice(0, end);
    this.#pending = this.#pending.slice(end + 1);
    return JSON.parse(line) as Report;
  }

  /** Kills it with SIGKILL; nothing of it runs any more when this settles. */
  async kill(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#child.status;
  }

  /** Kills it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#lines.cancel();
  }
}

/** Waits until something is so. */
export async function eventually(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!await isSo()) {
    if (performance.now() > deadline) throw new Error(`Cannot go on: ${what} did not come about`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Processes that run our bootstrap or launcher out of a data folder. */
export async function listProcesses(data: string): Promise<number[]> {
  const found: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    if (line.includes(`${data}/bootstrap`) && processStartTime(Number(name)) !== undefined) {
      found.push(Number(name));
    }
  }
  return found;
}

/** Processes that are still there after a second: one that ends by itself takes a moment. */
export async function listSurvivors(data: string): Promise<number[]> {
  const deadline = performance.now() + 1_000;
  for (;;) {
    const found = await listProcesses(data);
    if (found.length === 0 || performance.now() > deadline) return found;
  }
}
