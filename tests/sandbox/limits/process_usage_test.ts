import { assert, assertEquals } from "@std/assert";
import {
  countDescriptors,
  listDescendants,
  readProcessUsage,
  readUnlinkedBytes,
  readWrittenBytes,
} from "../../../src/sandbox/limits/process_usage.ts";

/** A folder as the kernel shows processes. */
async function writeProc(
  processes: Readonly<Record<number, Readonly<Record<string, string>>>>,
): Promise<{ dir: string } & AsyncDisposable> {
  const dir = await Deno.makeTempDir({ prefix: "cordon-proc-" });
  for (const [pid, files] of Object.entries(processes)) {
    await Deno.mkdir(`${dir}/${pid}/fd`, { recursive: true });
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${dir}/${pid}/${name}`, text);
  }
  return { dir, [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }) };
}

function stat(pid: number, parent: number): string {
  return `${pid} (a) b) S ${parent} 1 1 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 7 0 12345 1 1`;
}

Deno.test("readProcessUsage() counts memory of the process's own, its processor time and threads", async () => {
  await using proc = await writeProc({
    7: {
      stat: stat(7, 1),
      status: "Name:\tdeno\nVmRSS:\t 90000 kB\nRssAnon:\t 2000 kB\nRssFile:\t 60000 kB\nRssShmem:\t 48 kB\n",
    },
  });
  assertEquals(readProcessUsage(7, proc.dir), { memoryBytes: 2048 * 1024, cpuMs: 3_000, threads: 7 });
  assertEquals(readProcessUsage(8, proc.dir), undefined);
});

Deno.test("countDescriptors(), readWrittenBytes() tell nothing of a process that is gone", async () => {
  await using proc = await writeProc({
    7: { io: "rchar: 1\nwchar: 4096\nwrite_bytes: 0\n", "fd/0": "", "fd/1": "" },
  });
  assertEquals(countDescriptors(7, proc.dir), 2);
  assertEquals(readWrittenBytes(7, proc.dir), 4096);
  assertEquals([countDescriptors(8, proc.dir), readWrittenBytes(8, proc.dir)], [undefined, undefined]);
});

Deno.test("listDescendants() finds processes of any depth below one", async () => {
  await using proc = await writeProc(Object.fromEntries(
    [[7, 1], [8, 7], [9, 8], [10, 1]].map(([pid, parent]) => [pid, { stat: stat(pid!, parent!) }]),
  ));
  assertEquals(listDescendants(7, proc.dir), [8, 9]);
});

Deno.test({
  name: "readUnlinkedBytes() counts files that are open and have no name any more",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const path = await Deno.makeTempFile({ prefix: "cordon-unlinked-" });
    const before = readUnlinkedBytes(Deno.pid);
    using file = await Deno.open(path, { write: true });
    await file.write(new Uint8Array(100_000).fill(1));
    await file.sync();
    assertEquals(readUnlinkedBytes(Deno.pid), before);
    await Deno.remove(path);
    assert(readUnlinkedBytes(Deno.pid) >= before + 100_000);
  },
});
