import { parentPort } from "node:worker_threads";

const { openKv } = Deno as unknown as { openKv: (path: string) => Promise<object> };
parentPort!.postMessage(`open: ${await openKv(":memory:")}`);
