import { assert, assertEquals } from "@std/assert";
import { measureFolder, StorageUsage } from "../../../src/sandbox/limits/storage_usage.ts";

async function makeFolder(): Promise<{ dir: string } & AsyncDisposable> {
  const dir = await Deno.makeTempDir({ prefix: "cordon-storage-" });
  return { dir, [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }) };
}

Deno.test("measureFolder() counts files of any depth, and follows no link", async () => {
  await using outside = await makeFolder();
  await Deno.writeFile(`${outside.dir}/large`, new Uint8Array(1_000_000).fill(1));
  await using folder = await makeFolder();
  await Deno.mkdir(`${folder.dir}/a/b`, { recursive: true });
  await Deno.writeFile(`${folder.dir}/a/b/file`, new Uint8Array(10_000).fill(1));
  await Deno.symlink(outside.dir, `${folder.dir}/link`);
  const { bytes, largestBytes } = await measureFolder(folder.dir);
  assertEquals(largestBytes, 10_000);
  assert(bytes >= 10_000 && bytes < 100_000, `${bytes}`);
});

Deno.test("measureFolder() opens a folder that was closed to us, and finds nothing in one that is gone", async () => {
  await using folder = await makeFolder();
  await Deno.mkdir(`${folder.dir}/closed`);
  await Deno.writeFile(`${folder.dir}/closed/file`, new Uint8Array(10_000).fill(1));
  if (Deno.build.os !== "windows") await Deno.chmod(`${folder.dir}/closed`, 0);
  assertEquals((await measureFolder(folder.dir)).largestBytes, 10_000);
  assertEquals(await measureFolder(`${folder.dir}/nothing`), { bytes: 0, largestBytes: 0 });
});

Deno.test("StorageUsage.refresh() walks again after something was written, or after long", async () => {
  await using folder = await makeFolder();
  const usage = new StorageUsage([folder.dir]);
  await usage.refresh(1, 0);
  assertEquals(usage.figure, { bytes: 0, largestBytes: 0 });
  await Deno.writeFile(`${folder.dir}/file`, new Uint8Array(5_000).fill(1));
  assertEquals(usage.refresh(1, 20_000), undefined);
  await usage.refresh(2, 20_000);
  assertEquals(usage.figure.largestBytes, 5_000);
  await usage.refresh(2, 60_000);
  assertEquals(usage.refresh(2, 60_001), undefined);
});
