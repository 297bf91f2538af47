import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { CordonError } from "@cordon/cordon";
import { openDatabase, openMemoryDatabase } from "../../src/store/database.ts";
import { MIGRATIONS } from "../../src/store/migrations.ts";

async function openFolder(): Promise<{ path: string; dir: string } & AsyncDisposable> {
  const dir = await Deno.makeTempDir({ prefix: "cordon-db-" });
  return {
    dir,
    path: `${dir}/cordon.db`,
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}

Deno.test("openDatabase() makes the present schema, and finds it again", async () => {
  await using folder = await openFolder();
  for (let time = 0; time < 2; time++) {
    using database = openDatabase(folder.path).database;
    assertEquals(database.get("PRAGMA user_version"), { user_version: MIGRATIONS.length });
    assertEquals(database.get("PRAGMA journal_mode"), { journal_mode: "wal" });
  }
});

Deno.test("Database.transaction() keeps all or nothing", () => {
  using database = openMemoryDatabase();
  const insert = (id: string) => database.run("INSERT INTO versions VALUES (?, '1.0.0', 'h', 'now')", id);
  assertThrows(() =>
    database.transaction(() => {
      insert("a");
      throw new Error("no");
    })
  );
  database.transaction(() => database.transaction(() => insert("b")));
  assertEquals(database.all("SELECT id FROM versions"), [{ id: "b" }]);
});

Deno.test("openDatabase() moves a damaged database aside, tells where, and begins anew", async (test) => {
  const damages: [string, (path: string) => void][] = [
    [
      "garbage",
      (path) => Deno.writeTextFileSync(path, "this is no database, whatever its name says".repeat(100)),
    ],
    ["truncated", (path) => Deno.truncateSync(path, 5000)],
    ["overwritten inside", (path) => {
      using file = Deno.openSync(path, { write: true });
      file.seekSync(4096, Deno.SeekMode.Start);
      file.writeSync(new Uint8Array(8192).fill(0x5a));
    }],
  ];
  for (const [name, damage] of damages) {
    await test.step(name, async () => {
      await using folder = await openFolder();
      using first = openDatabase(folder.path).database;
      first.run("INSERT INTO versions VALUES ('a', '1.0.0', 'h', 'now')");
      first[Symbol.dispose]();
      damage(folder.path);
      const { database, movedTo } = openDatabase(folder.path);
      using open = database;
      assert(movedTo !== undefined && (await Deno.stat(movedTo)).isFile);
      assertEquals(open.all("SELECT * FROM versions"), []);
    });
  }
});

Deno.test("openDatabase() refuses a database of a newer Cordon and leaves it as it is", async () => {
  await using folder = await openFolder();
  {
    using database = openDatabase(folder.path).database;
    database.run(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
  }
  const error = assertThrows(() => openDatabase(folder.path), CordonError);
  assertEquals(error.code, "data_version");
  assertStringIncludes(error.message, folder.path);
  assertEquals(
    (await Array.fromAsync(Deno.readDir(folder.dir))).some(({ name }) => name.includes("damaged")),
    false,
  );
});

Deno.test("openDatabase() says so when the place cannot be written", () => {
  const error = assertThrows(() => openDatabase("/proc/cordon.db"), CordonError);
  assertEquals(error.code, "not_writable");
});
