import { DatabaseSync } from "node:sqlite";
import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  attack({ outside }: { outside: string }) {
    using database = new DatabaseSync(`${ctx.data}/own.db`);
    database.exec("CREATE TABLE t (a)");
    database.exec(`VACUUM INTO '${outside}/copy.db'`);
    return "open: wrote";
  },
});
