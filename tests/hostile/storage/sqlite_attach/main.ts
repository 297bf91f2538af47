import { DatabaseSync } from "node:sqlite";
import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  attack({ outside }: { outside: string }) {
    using database = new DatabaseSync(`${ctx.data}/own.db`);
    database.exec(`ATTACH '${outside}/secret.db' AS other`);
    return database.prepare("SELECT * FROM other.secrets").all();
  },
});
