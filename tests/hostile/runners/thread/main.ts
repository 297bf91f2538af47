import type { PluginContext } from "@cordon/cordon/sdk";
import { Worker } from "node:worker_threads";

/** Runs `thread.ts` beside it in a thread, whose static imports Deno does not check. */
export const activate = (ctx: PluginContext): unknown => ({
  attack(facts: Record<string, string>) {
    const thread = new Worker(new URL("./thread.ts", import.meta.url), {
      workerData: { ...facts, own: ctx.data },
    });
    return new Promise((resolve, reject) => {
      thread.once("message", resolve).once("error", reject);
      thread.once("exit", (code) => reject(new Error(`The thread ended with code ${code}`)));
    });
  },
});
