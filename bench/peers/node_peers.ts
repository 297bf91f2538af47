/**
 * The peers that live in Node, installed into a temporary folder: a process
 * that does one job at a time and tells its figure.
 *
 * @module
 */

import type { Contender } from "../measure.ts";

const CALLS = ["round trip", "pipelined calls", "1 MiB echo"];
const FILES = ["jobs.mjs", "base64.ts", "extism_echo.mjs", "json_rpc_echo.mjs"];

/**
 * The peers, and the subjects that each does as well: what confines nothing or
 * starts no process is not compared where a confined process is started.
 */
export const NODE_PEERS: Readonly<Record<string, readonly string[]>> = {
  "deno-http-worker": ["cold start", ...CALLS],
  "deno-vm": ["cold start", ...CALLS],
  "vscode-jsonrpc": CALLS,
  "extism": CALLS,
};

/** Longest time for one job. */
const JOB_MS = 60_000;

/** A Node process with the peers in it. */
export class NodePeers implements AsyncDisposable {
  readonly #dir: string;
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor(dir: string, child: Deno.ChildProcess) {
    this.#dir = dir;
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Installs and starts them; undefined, with a word on stderr, where there is no Node or no registry. */
  static async open(onProblem: (message: string) => void): Promise<NodePeers | undefined> {
    const dir = await Deno.makeTempDir({ prefix: "cordon-peers-" });
    const here = new URL(".", import.meta.url).pathname;
    await Deno.copyFile(`${here}/packages.json`, `${dir}/package.json`);
    for (const file of FILES) {
      await Deno.copyFile(`${here}/${file}`, `${dir}/${file}`);
    }
    try {
      const install = await new Deno.Command("npm", {
        args: ["install", "--no-audit", "--no-fund"],
        cwd: dir,
      }).output();
      if (!install.success) {
        const words = new TextDecoder().decode(install.stderr).split("\n").filter((line) =>
          line.startsWith("npm error")
        );
        throw new Error(words[1] ?? words[0] ?? "npm install failed");
      }
      await mapRemoteImports(dir);
      const denoDir = Deno.execPath().slice(0, Deno.execPath().lastIndexOf("/"));
      const child = new Deno.Command("node", {
        args: ["jobs.mjs"],
        cwd: dir,
        env: { PATH: `${denoDir}:${Deno.env.get("PATH")}` },
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      return new NodePeers(dir, child);
    } catch (error) {
      onProblem(`No peers: ${(error as Error).message}`);
      await Deno.remove(dir, { recursive: true });
      return undefined;
    }
  }

  /** A contender that does one job. */
  contender(peer: string, job: string): Contender {
    return async () => {
      await this.#writer.write(new TextEncoder().encode(`${JSON.stringify({ peer, job })}\n`));
      const { figure, error } = JSON.parse(await this.#readLine()) as { figure?: number; error?: string };
      if (figure === undefined) throw new Error(`Cannot measure ${peer}: ${error}`);
      return figure;
    };
  }

  /** Ends the process and removes what was installed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close();
    await this.#lines.cancel();
    await this.#child.status;
    await Deno.remove(this.#dir, { recursive: true });
  }

  async #readLine(): Promise<string> {
    while (!this.#rest.includes("\n")) {
      const timer = setTimeout(() => this.#child.kill("SIGKILL"), JOB_MS);
      const { value, done } = await this.#lines.read();
      clearTimeout(timer);
      if (done) throw new Error("The peers have ended, or took too long");
      this.#rest += value;
    }
    const [line, ...rest] = this.#rest.split("\n");
    this.#rest = rest.join("\n");
    return line!;
  }
}

/** deno-vm's sandbox imports one module from the network; ours stands in for it. */
async function mapRemoteImports(dir: string): Promise<void> {
  const text = await Deno.readTextFile(`${dir}/node_modules/deno-vm/deno/StructureClone.ts`);
  const imports = Object.fromEntries(
    [...text.matchAll(/from '(https:[^']+)'/g)].map(([, url]) => [url, "./base64.ts"]),
  );
  await Deno.writeTextFile(`${dir}/import_map.json`, JSON.stringify({ imports }));
}
