// Peers that live in Node, doing the same jobs: each line on stdin is {peer, job}, the answer its figure.
// Run with the packages of `packages.json` installed beside it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import createPlugin from "@extism/extism";
import { newDenoHTTPWorker } from "@valtown/deno-http-worker";
import { DenoWorker } from "deno-vm";
import { createMessageConnection, SocketMessageReader, SocketMessageWriter } from "vscode-jsonrpc/node";
import { ECHO_MODULE } from "./extism_echo.mjs";

const ARGUMENT = { name: "x", n: 1, list: [1, 2, 3] };
const BYTES = new Uint8Array(1 << 20).fill(1);

class VmPeer {
  #pending = new Map();
  #nextId = 0;

  static async open() {
    const peer = new VmPeer();
    const script = "self.onmessage = ({ data }) => self.postMessage(data);";
    peer.worker = new DenoWorker(script, {
      denoImportMapPath: new URL("import_map.json", import.meta.url).pathname,
    });
    peer.worker.onmessage = ({ data: [id, value] }) => {
      peer.#pending.get(id)(value);
      peer.#pending.delete(id);
    };
    return peer;
  }

  call(value) {
    return new Promise((resolve) => {
      const id = this.#nextId++;
      this.#pending.set(id, resolve);
      this.worker.postMessage([id, value]);
    });
  }

  echo(bytes) {
    return this.call(bytes);
  }

  close() {
    this.worker.terminate();
  }
}

class HttpPeer {
  static async open() {
    const peer = new HttpPeer();
    const code =
      "export default { async fetch(request) { return new Response(await request.arrayBuffer()); } };";
    peer.worker = await newDenoHTTPWorker(code, { runFlags: [] });
    return peer;
  }

  async call(value) {
    return JSON.parse((await this.echo(Buffer.from(JSON.stringify(value)))).toString());
  }

  echo(bytes) {
    return new Promise((resolve, reject) => {
      const request = this.worker.request("http://plugin/", { method: "POST" }, (response) => {
        const chunks = [];
        response.on("error", reject);
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () => resolve(Buffer.concat(chunks)));
      });
      request.on("error", reject);
      request.end(bytes);
    });
  }

  close() {
    this.worker.terminate();
  }
}

/** A child in Node over a Unix socket, with nothing that confines it; bytes go as base64. */
class JsonRpcPeer {
  static async open() {
    const peer = new JsonRpcPeer();
    peer.dir = mkdtempSync("json-rpc-");
    const server = createServer().listen(`${peer.dir}/s`);
    await once(server, "listening");
    peer.child = spawn(process.execPath, ["json_rpc_echo.mjs", `${peer.dir}/s`], { stdio: "ignore" });
    const [socket] = await once(server, "connection");
    server.close();
    peer.connection = createMessageConnection(new SocketMessageReader(socket), new SocketMessageWriter(socket));
    peer.connection.listen();
    return peer;
  }

  call(value) {
    return this.connection.sendRequest("answer", value);
  }

  async echo(bytes) {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
    return Buffer.from(await this.call(text), "base64");
  }

  close() {
    this.connection.dispose();
    this.child.kill();
    rmSync(this.dir, { recursive: true });
  }
}

/** WebAssembly in this process: no other process and no other thread is woken. */
class ExtismPeer {
  static async open() {
    const peer = new ExtismPeer();
    peer.plugin = await createPlugin({ wasm: [{ data: ECHO_MODULE }] }, {
      useWasi: false,
      runInWorker: false,
    });
    return peer;
  }

  async call(value) {
    const text = JSON.stringify(value);
    return (await this.echo(text.padEnd(text.length + 7 & ~7))).json();
  }

  async echo(bytes) {
    return await this.plugin.call("echo", bytes);
  }

  close() {
    void this.plugin.close();
  }

  /** Between jobs: it numbers what each call takes, has 32,768 numbers, and begins anew only where no call is on. */
  async rest() {
    await this.plugin.reset();
  }
}

const PEERS = {
  "deno-vm": VmPeer,
  "deno-http-worker": HttpPeer,
  "vscode-jsonrpc": JsonRpcPeer,
  "extism": ExtismPeer,
};
const open = new Map();

async function get(peer) {
  if (!open.has(peer)) {
    open.set(peer, await PEERS[peer].open());
    await open.get(peer).call(ARGUMENT);
  }
  await open.get(peer).rest?.();
  return open.get(peer);
}

async function time(run) {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

const JOBS = {
  async "cold start"(name) {
    let peer;
    const ms = await time(async () => {
      peer = await PEERS[name].open();
      await peer.call(1);
    });
    peer.close();
    return ms;
  },
  async "round trip"(name) {
    const peer = await get(name);
    const ms = await time(async () => {
      for (let count = 0; count < 500; count++) await peer.call(ARGUMENT);
    });
    return ms * 1_000 / 500;
  },
  async "pipelined calls"(name) {
    const peer = await get(name);
    let left = 4_000;
    const worker = async () => {
      while (left-- > 0) await peer.call(ARGUMENT);
    };
    return 4_000 / await time(() => Promise.all(Array.from({ length: 64 }, worker)));
  },
  async "1 MiB echo"(name) {
    const peer = await get(name);
    const times = name === "deno-vm" || name === "extism" ? 3 : 20;
    const ms = await time(async () => {
      for (let count = 0; count < times; count++) await peer.echo(BYTES);
    });
    return times * 1_000 / ms;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { peer, job } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ figure: await JOBS[job](peer) }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error?.message ?? error) }));
  }
}
for (const peer of open.values()) peer.close();
process.exit(0);
