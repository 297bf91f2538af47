import { assert, assertEquals, assertMatch } from "@std/assert";
import { writeBootstrap } from "../../src/sandbox/bootstrap_file.ts";
import { BOOTSTRAP_SOURCE } from "../../src/sandbox/bootstrap_source.ts";
import { renderEmbeddedModules } from "../tools/bundle_bootstrap.ts";

Deno.test("The embedded bootstraps and the launcher are what their sources bundle to", async () => {
  for (const [path, text] of await renderEmbeddedModules()) {
    const committed = await Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
    assert(committed === text, `${path}: run deno task bootstrap`);
  }
});

Deno.test("The bootstrap imports nothing but Node's modules, and those only when it runs", () => {
  assertEquals(BOOTSTRAP_SOURCE.match(/^import\s.*$/gm), null);
  const imported = [...BOOTSTRAP_SOURCE.matchAll(/import\(([^)]*)\)/g)].map(([, specifier]) => specifier);
  assertEquals(imported.toSorted(), ['"node:wasi"', '"node:worker_threads"', "entry"]);
});

async function withFolder(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await run(`${dir}/bootstrap`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("writeBootstrap() writes a read-only file named by its content, once", async () => {
  await withFolder(async (dir) => {
    const path = await writeBootstrap(dir);
    assertMatch(path, /\/bootstrap\/[0-9a-f]{32}\.js$/);
    assertEquals(await Deno.readTextFile(path), BOOTSTRAP_SOURCE);
    const { ino, mode } = await Deno.stat(path);
    if (Deno.build.os !== "windows") assertEquals(mode! & 0o777, 0o400);
    assertEquals(await writeBootstrap(dir), path);
    assertEquals((await Deno.stat(path)).ino, ino);
  });
});

Deno.test("writeBootstrap() replaces a file that was tampered with", async () => {
  await withFolder(async (dir) => {
    const path = await writeBootstrap(dir);
    await Deno.chmod(path, 0o600);
    await Deno.writeTextFile(path, "// something else");
    assertEquals(await writeBootstrap(dir), path);
    assertEquals(await Deno.readTextFile(path), BOOTSTRAP_SOURCE);
    assertEquals((await Array.fromAsync(Deno.readDir(dir))).length, 1);
  });
});

Deno.test("writeBootstrap() can be called by several hosts at once", async () => {
  await withFolder(async (dir) => {
    const paths = await Promise.all(Array.from({ length: 8 }, () => writeBootstrap(dir)));
    assertEquals(new Set(paths).size, 1);
    assertEquals((await Array.fromAsync(Deno.readDir(dir))).length, 1);
  });
});
