import { DatabaseSync } from "node:sqlite";
import type { PluginContext } from "@cordon/cordon/sdk";
import { backup } from "node:sqlite";

export const activate = (ctx: PluginContext): unknown => ({
  async attack({ outside }: { outside: string }) {
    using database = new DatabaseSync(`${ctx.data}/own.db`);
    await backup(database, `${outside}/copy.db`);
    return "open: wrote";
  },
});
