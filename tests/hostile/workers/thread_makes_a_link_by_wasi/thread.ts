import { parentPort, workerData } from "node:worker_threads";

const { WASI } = process.getBuiltinModule("node:wasi");
const { outside, own } = workerData as Record<string, string>;
const wasi = new WASI({ version: "preview1", preopens: { "/data": own! } });
const memory = new WebAssembly.Memory({ initial: 1 });
wasi.initialize({ exports: { memory } });
const put = (at: number, text: string) =>
  new TextEncoder().encodeInto(text, new Uint8Array(memory.buffer, at)).written;
const link = wasi.wasiImport.path_symlink as (...args: number[]) => number;
link(0, put(0, `${outside}/secret.txt`), 3, 4_096, put(4_096, "note"));
parentPort!.postMessage(`open: ${Deno.readTextFileSync(`${own}/note`)}`);
