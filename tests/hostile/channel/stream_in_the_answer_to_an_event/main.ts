import type { PluginContext } from "@cordon/cordon/sdk";

const { stringify } = JSON;

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    ctx.events.on("hostile.own", () => {
      JSON.stringify = (message) => {
        JSON.stringify = stringify;
        return stringify([message, [], [[["value", "errors"], 7]]]).replace('"errors":[]', '"errors":null');
      };
    });
    await ctx.events.publish("hostile.own", 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    return "closed: the host goes on";
  },
});
