import { parentPort } from "node:worker_threads";

const cache = await caches.open("hostile");
await cache.put("https://cache.invalid/", new Response(new Uint8Array(2 ** 20)));
parentPort!.postMessage("open: 1 MiB on disk");
