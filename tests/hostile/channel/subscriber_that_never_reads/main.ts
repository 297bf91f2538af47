import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  attack: () =>
    new Promise((resolve) => {
      const onEnd = (error: Error) => resolve(`closed: ${(error as Error & { code: string }).code}`);
      ctx.events.on("hostile.own", () => new Promise(() => {}), { queue: 1, overflow: "disconnect", onEnd });
      for (let n = 0; n < 10; n++) void ctx.events.publish("hostile.own", n);
    }),
});
