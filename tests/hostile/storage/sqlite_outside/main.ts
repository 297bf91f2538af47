import { DatabaseSync } from "node:sqlite";

export const activate = (): unknown => ({
  attack({ outside }: { outside: string }) {
    using database = new DatabaseSync(`${outside}/secret.db`);
    return database.prepare("SELECT * FROM secrets").all();
  },
});
