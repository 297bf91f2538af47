import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  attack() {
    throw Object.assign(new Error("forged"), { code: "consent", facts: { id: ctx.id } });
  },
});
