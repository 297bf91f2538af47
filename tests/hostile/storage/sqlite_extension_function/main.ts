import { DatabaseSync } from "node:sqlite";
import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  attack({ outside }: { outside: string }) {
    using database = new DatabaseSync(`${ctx.data}/own.db`);
    return database.prepare("SELECT load_extension(?)").all(`${outside}/extension.so`);
  },
});
