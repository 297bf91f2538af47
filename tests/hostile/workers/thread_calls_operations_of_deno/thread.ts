import { parentPort, workerData } from "node:worker_threads";

const { internal } = Deno as unknown as { internal: symbol };
const { core } = (Deno as unknown as Record<symbol, { core?: { ops: Record<string, unknown> } }>)[internal] ??
  {};
const read = core?.ops.op_fs_read_file_text_sync as ((path: string) => string) | undefined;
parentPort!.postMessage(
  read === undefined ? "closed: it is not there" : `open: ${read(`${workerData.outside}/secret.txt`)}`,
);
