import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  attack: () =>
    new Promise((resolve) => {
      const stream = new ReadableStream({ cancel: ({ message }) => resolve(`closed: ${message}`) });
      ctx.call("witness", "drain", [stream]).catch(() => {});
    }),
});
