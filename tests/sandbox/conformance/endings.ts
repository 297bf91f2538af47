/**
 * Conformance: how a plugin ends, and what it cannot take along.
 *
 * @module
 */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CordonError } from "../../../src/errors.ts";
import type { ConformanceCase } from "../conformance.ts";

/** Much longer than any rung of the ladder, and still an end: the thread of a worker runs on until then. */
const BUSY_MS = 3_000;

/** Cases about stopping, crashing, and behaving badly. */
export const ENDINGS: readonly ConformanceCase[] = [
  {
    name: "asks a plugin to stop before it ends it",
    async run(lab) {
      await using subject = await lab.start(
        `export function activate(ctx) { ctx.signal.addEventListener("abort", () => console.log("aborted", ctx.signal.reason.message)); }
        export function deactivate() { console.log("bye"); }`,
      );
      assertEquals(await subject.sandbox.stop({ graceMs: 2_000, reason: "enough" }), {
        code: 0,
        signal: undefined,
        rung: "asked",
      });
      assertEquals(subject.output, ["stdout: aborted enough", "stdout: bye"]);
      assertEquals((await subject.exited).code, 0);
    },
  },
  {
    name: "ends a plugin that does not answer, within its time",
    async run(lab) {
      await using subject = await lab.start(
        "export function activate() {} export function deactivate() { return new Promise((resolve) => setInterval(resolve, 60_000)); }",
      );
      const { rung } = await subject.sandbox.stop({ graceMs: 50, reason: "enough" });
      assertEquals(rung, "closed");
    },
  },
  {
    name: "ends a plugin in an endless loop",
    differs: {
      worker:
        "the plugin is cut off and given up as `killed`, but Deno cannot interrupt its thread: it runs on, with its permissions, until the loop or the host's process ends",
    },
    async run(lab) {
      const flag = `${lab.dir}/data/flag`;
      await using watcher = watch(`${lab.dir}/data`);
      await using subject = await lab.start(
        `export const activate = (ctx) => ({ spin() {
          Deno.writeTextFileSync(ctx.data + "/started", "");
          for (const end = Date.now() + ${BUSY_MS}; Date.now() < end;);
          Deno.writeTextFileSync(ctx.data + "/flag", "");
        } });`,
        { permissions: [{ kind: "write", value: `${lab.dir}/data` }] },
      );
      subject.invoke("spin").catch(() => {});
      await watcher.until("started");
      const exit = await subject.sandbox.stop({ graceMs: 20, reason: "enough" });
      assert(exit.rung === "terminated" || exit.rung === "killed");
      if (exit.signal !== undefined) return;
      assertEquals([exit.rung, exit.code], ["killed", 137]);
      assertStringIncludes(subject.output.at(-1) ?? "", "its thread did not end");
      // What it said is true: it goes on, and must be gone before the test is.
      await watcher.until("flag");
      throw new Error(`It ran on and wrote ${flag}`);
    },
  },
  {
    name: "is ended at once when it is disposed of, and fails the calls in flight",
    async run(lab) {
      const subject = await lab.start(
        "export const activate = () => ({ hang: () => new Promise(() => {}) });",
      );
      const hanging = assertRejects(() => subject.invoke("hang"), CordonError);
      await subject[Symbol.asyncDispose]();
      assertEquals((await hanging).code, "channel_closed");
      await subject.exited;
    },
  },
  {
    name: "reports a plugin that exits while it is loaded, and what it said",
    async run(lab) {
      await using subject = await lab.open('console.error("leaving"); Deno.exit(3);');
      await assertRejects(() => subject.activate(), CordonError);
      assertEquals(await subject.exited, { code: 3, signal: undefined, rung: undefined });
      assertEquals(subject.output, ["stderr: leaving"]);
    },
  },
  {
    name: "reports a plugin that exits by itself later, and fails its calls",
    async run(lab) {
      await using subject = await lab.start(
        "export const activate = () => ({ leave: () => process.exit(4) });",
      );
      assertEquals((await assertRejects(() => subject.invoke("leave"), CordonError)).code, "channel_closed");
      assertEquals((await subject.exited).code, 4);
    },
  },
  {
    name: "ends at an error that nobody caught, and tells it without a line of any file",
    async run(lab) {
      await using subject = await lab.start(
        "export const activate = () => ({ later() { setTimeout(() => { throw new Error('too late'); /* a line of the file */ }); } });",
      );
      await subject.invoke("later");
      assertEquals((await subject.exited).code, 1);
      assertStringIncludes(subject.output.join("\n"), "error: Uncaught");
      assertStringIncludes(subject.output.join("\n"), "too late");
      assert(!subject.output.join("\n").includes("a line of the file"), subject.output.join("\n"));
    },
  },
  {
    name: "lets a plugin catch its own errors",
    async run(lab) {
      await using subject = await lab.start(
        `let caught = 0;
        addEventListener("unhandledrejection", (event) => { event.preventDefault(); caught++; });
        export const activate = () => ({
          later: () => { Promise.reject(new Error("caught")); return new Promise((resolve) => setTimeout(resolve)); },
          caught: () => caught,
        });`,
      );
      await subject.invoke("later");
      assertEquals(await subject.invoke("caught"), 1);
    },
  },
  {
    name: "is ended by messages that break the protocol, and the host is not",
    async run(lab) {
      // What the bootstrap renders its messages with is the plugin's to patch.
      await using subject = await lab.start(
        `export const activate = () => ({ garble() {
          JSON.stringify = () => "{";
        } });`,
      );
      assertEquals((await assertRejects(() => subject.invoke("garble"), CordonError)).code, "channel_closed");
      await subject.exited;
      assertStringIncludes(subject.output.join("\n"), "connection closed: Cannot read a message");
    },
  },
  {
    name: "is held back or ended when it floods, and the host is not",
    async run(lab) {
      let told = 0;
      await using subject = await lab.start(
        `export const activate = (ctx) => ({
          log() { for (let n = 0; n < 200_000; n++) ctx.log.info("flood", { n }); },
          print() { for (let n = 0; n < 50_000; n++) console.log("flood", n); },
          call() { for (let n = 0; n < 20_000; n++) ctx.call("a", "b", [n]).catch(() => {}); },
          calm: () => "calm",
        });`,
        { handlers: { call: () => null }, notifications: { log: () => void told++ } },
      );
      for (const method of ["log", "print", "call"]) await subject.invoke(method);
      assertEquals(await subject.invoke("calm"), "calm");
      assert(told > 0);
      await subject.sandbox.stop({ graceMs: 5_000, reason: "enough" });
    },
  },
  {
    name: "cannot end the host by a signal or an exit",
    async run(lab) {
      for (
        const code of [
          "Deno.kill(Deno.pid, 'SIGKILL')",
          "process.kill(process.pid, 'SIGKILL')",
          "process.abort()",
          "process.reallyExit(1)",
        ]
      ) {
        await using subject = await lab.start(
          `export const activate = () => ({ strike: () => { ${code}; } });`,
        );
        await assertRejects(() => subject.invoke("strike"), CordonError);
      }
    },
  },
  {
    name: "dies alone when it uses up its memory",
    differs: {
      worker: "Deno ends the host's process, with everything in it; no bound can be set on a worker",
    },
    untried: true,
    async run(lab) {
      await using subject = await lab.start(
        "export const activate = () => ({ grow() { const held = []; for (;;) held.push(new Array(1e5).fill({})); } });",
        { heapMib: 32 },
      );
      assertEquals((await assertRejects(() => subject.invoke("grow"), CordonError)).code, "channel_closed");
      const { code, signal } = await subject.exited;
      assert(code !== 0 || signal !== undefined);
    },
  },
  {
    name: "opens nothing when its signal has aborted",
    async run(lab) {
      const error = new Error("not wanted");
      const open = lab.open("export function activate() {}", { signal: AbortSignal.abort(error) });
      assertEquals(await assertRejects(() => open) as unknown, error);
    },
  },
  {
    name: "has a process of its own",
    differs: { worker: "it has no process id, and neither its memory nor its processor time can be bounded" },
    async run(lab) {
      await using subject = await lab.start("export function activate() {}");
      assertEquals(typeof subject.sandbox.pid, "number");
    },
  },
];

/** Waits for files to appear in a folder. */
function watch(dir: string): { until(name: string): Promise<void> } & AsyncDisposable {
  const seen = new Set<string>();
  const waiting = new Map<string, () => void>();
  const watcher = Deno.watchFs(dir);
  const done = (async () => {
    for await (const { paths } of watcher) {
      for (const name of paths.map((path) => path.slice(path.lastIndexOf("/") + 1))) {
        seen.add(name);
        waiting.get(name)?.();
      }
    }
  })();
  return {
    until: (name) => new Promise((resolve) => seen.has(name) ? resolve() : waiting.set(name, resolve)),
    async [Symbol.asyncDispose]() {
      watcher.close();
      await done;
    },
  };
}
