import { DatabaseSync } from "node:sqlite";

export const activate = (): unknown => ({
  async attack({ outside }: { outside: string }) {
    using database = new DatabaseSync(":memory:");
    database.exec(
      `PRAGMA temp_store_directory = '${outside}'; PRAGMA temp_store = 1; PRAGMA cache_size = 10`,
    );
    database.exec("CREATE TEMP TABLE spill (bytes BLOB)");
    const insert = database.prepare("INSERT INTO spill VALUES (randomblob(65536))");
    for (let n = 0; n < 64; n++) insert.run();
    // The file stays until it is ended.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    return `open: ${
      database.prepare("SELECT sum(length(bytes)) AS bytes FROM spill").get()?.bytes
    } bytes on disk`;
  },
});
