import { DatabaseSync } from "node:sqlite";
import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  attack({ outside }: { outside: string }) {
    using database = new DatabaseSync(`${ctx.data}/own.db`);
    const { limits } = database as unknown as { limits: { attach: number } };
    limits.attach = 10;
    database.exec(`ATTACH '${outside}/secret.db' AS other`);
    return database.prepare("SELECT * FROM other.secrets").all();
  },
});
