import { assertEquals, assertMatch } from "@std/assert";
import { probeKernel } from "../../src/sandbox/kernel_support.ts";
import { Lab, type Subject } from "./lab.ts";

const { landlock } = probeKernel();

function test(name: string, fn: (lab: Lab) => Promise<void>): void {
  Deno.test({
    name,
    ignore: landlock === 0,
    async fn() {
      await using lab = await Lab.open("os");
      await fn(lab);
    },
  });
}

/** Fields of `/proc/<pid>/status`. */
async function readStatus({ sandbox }: Subject): Promise<Record<string, string>> {
  const text = await Deno.readTextFile(`/proc/${sandbox.pid}/status`);
  return Object.fromEntries(
    text.trim().split("\n").map((line) => line.split(/:\s*/, 2) as [string, string]),
  );
}

test("A confined process has no new privileges, a filter of calls, and at most one capability", async (lab) => {
  await using subject = await lab.start("export function activate() {}");
  const { NoNewPrivs, Seccomp, CapEff, CapPrm, CapInh, CapAmb } = await readStatus(subject);
  assertEquals([NoNewPrivs, Seccomp], ["1", "2"]);
  const kept = Deno.uid() === 0 ? 2n : 0n;
  assertEquals([CapEff, CapPrm, CapInh, CapAmb].map((bits) => BigInt(`0x${bits}`)), [kept, kept, 0n, 0n]);
});

test("A confined process has its bounds, and leaves no core", async (lab) => {
  await using subject = await lab.start("export function activate() {}");
  const limits = await Deno.readTextFile(`/proc/${subject.sandbox.pid}/limits`);
  assertMatch(limits, /^Max open files\s+256\s+256/m);
  assertMatch(limits, /^Max core file size\s+0\s+0/m);
});

test("A confined process has no descriptors but its own", async (lab) => {
  using file = await Deno.open(`${lab.dir}/secret.txt`);
  await using subject = await lab.start("export function activate() {}");
  const open: string[] = [];
  for await (const { name } of Deno.readDir(`/proc/${subject.sandbox.pid}/fd`)) {
    open.push(await Deno.readLink(`/proc/${subject.sandbox.pid}/fd/${name}`));
  }
  assertEquals(
    open.filter((path) => path.startsWith("/") && !path.startsWith(`${lab.dir}/deno`)).filter((path) =>
      path !== "/dev/null"
    ),
    [],
  );
  assertEquals((await file.stat()).isFile, true);
});

test("A link in a granted folder does not lead a confined process out of it", async (lab) => {
  await Deno.symlink(`${lab.dir}/secret.txt`, `${lab.dir}/data/link`);
  const { text } = await lab.attempt({ text: "return await Deno.readTextFile(`${dir}/data/link`);" }, {
    permissions: [{ kind: "read", value: `${lab.dir}/data` }],
  });
  assertMatch(String(text), /^refused: /);
});

test("What a thread of a confined process imports is held by the kernel, which Deno does not check", async (lab) => {
  const source = "import text from `../secret.txt` with { type: `text` }; " +
    "import { parentPort } from `node:worker_threads`; parentPort.postMessage(text);";
  const { found } = await lab.attempt({
    found: "const { Worker } = await import('node:worker_threads'); " +
      "const thread = new Worker(`${dir}/plugin/thread.mjs`); " +
      "return await new Promise((resolve, reject) => thread.on('message', resolve).on('error', reject));",
  }, { files: { "thread.mjs": source.replaceAll("`", '"') } });
  assertMatch(String(found), /^refused: /);
});

test("A confined process ends with the launcher's words when it cannot be confined", async (lab) => {
  const opening = lab.open("export function activate() {}", {
    permissions: [{ kind: "net", value: "127.0.0.1:99999" }],
  });
  const error = await opening.then(
    (subject) => subject[Symbol.asyncDispose]().then(() => undefined),
    (cause) => cause,
  );
  assertEquals(error?.code, "confinement_failed");
  assertMatch(error.message, /landlock_add_rule failed: EINVAL/);
});
