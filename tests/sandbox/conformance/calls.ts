/**
 * Conformance: what host and plugin say to each other.
 *
 * @module
 */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CordonError } from "../../../src/errors.ts";
import type { ConformanceCase } from "../conformance.ts";

const MIB = 1024 * 1024;

/** Cases about calls, events and output. */
export const CALLS: readonly ConformanceCase[] = [
  {
    name: "loads and activates a plugin, and tells what it exports and can do",
    async run(lab) {
      await using subject = await lab.open(
        "export const version = 1; export function activate(ctx) { return { id: () => ctx.id, data: () => ctx.data }; }",
      );
      assertEquals(await subject.activate(), { methods: ["id", "data"] });
      assertEquals([await subject.invoke("id"), await subject.invoke("data")], [
        "lab.subject",
        `${lab.dir}/data`,
      ]);
    },
  },
  {
    name: "carries JSON and bytes both ways, a megabyte of them at once",
    async run(lab) {
      await using subject = await lab.start("export const activate = () => ({ echo: (value) => value });");
      const bytes = new Uint8Array(MIB).map((_, index) => index % 251);
      const value = {
        text: "é\u0000",
        list: [1, null, true, { deep: [bytes] }],
        empty: new Uint8Array(0),
        bytes,
      };
      assertEquals(await subject.invoke("echo", value), value);
      assertEquals(bytes.byteLength, MIB);
    },
  },
  {
    name: "answers many calls at once, each with its own answer",
    async run(lab) {
      await using subject = await lab.start(
        "export const activate = () => ({ double: async (n) => await n * 2 });",
      );
      const numbers = Array.from({ length: 3_000 }, (_, index) => index);
      assertEquals(
        await Promise.all(numbers.map((n) => subject.invoke("double", n))),
        numbers.map((n) => n * 2),
      );
    },
  },
  {
    name: "hands over what a method threw, with its cause",
    async run(lab) {
      await using subject = await lab.start(
        "export const activate = () => ({ fail() { throw new TypeError('no', { cause: new RangeError('far') }); } });",
      );
      const error = await assertRejects(() => subject.invoke("fail"), CordonError);
      assertEquals([error.code, error.message, error.facts.name], ["plugin_error", "no", "TypeError"]);
      assertEquals((error.cause as CordonError).facts.name, "RangeError");
    },
  },
  {
    name: "gives away no stack of the host",
    async run(lab) {
      await using subject = await lab.start(
        `export const activate = (ctx) => ({ ask: () => ctx.call("a", "b").then(() => "no error", (error) =>
          [error.message, error.code, String(error.stack), String(error.remoteStack), String(error.cause?.stack)]) });`,
        {
          handlers: {
            call: () => {
              throw new CordonError("not_running", "it rests", { cause: new Error("for a reason") });
            },
          },
        },
      );
      const [message, code, ...stacks] = await subject.invoke("ask") as string[];
      assertEquals([message, code], ["it rests", "not_running"]);
      assert(!stacks.join().includes("conformance"), stacks.join());
    },
  },
  {
    name: "ends a call at its deadline",
    async run(lab) {
      await using subject = await lab.start(
        "export const activate = () => ({ hang: () => new Promise(() => {}) });",
      );
      const call = subject.sandbox.peer.call("invoke", ["hang", []], { timeoutMs: 20 });
      assertEquals((await assertRejects(() => call, CordonError)).code, "deadline_exceeded");
    },
  },
  {
    name: "ends a call at its signal, and passes on a plugin's own",
    async run(lab) {
      const asked = Promise.withResolvers<AbortSignal>();
      await using subject = await lab.start(
        `const stop = new AbortController();
        export const activate = (ctx) => ({
          wait: () => ctx.call("a", "b", [], { signal: stop.signal }).catch((error) => String(error)),
          stop: () => stop.abort("enough"),
        });`,
        {
          handlers: {
            call: (_, { signal }) => {
              asked.resolve(signal);
              return new Promise((_, reject) =>
                signal.addEventListener("abort", () => reject(signal.reason))
              );
            },
          },
        },
      );
      const controller = new AbortController();
      const waiting = subject.sandbox.peer.call("invoke", ["wait", []], { signal: controller.signal });
      const signal = await asked.promise;
      const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      controller.abort(new Error("not needed"));
      assertEquals((await assertRejects(() => waiting)) as unknown, controller.signal.reason);
      await subject.invoke("stop");
      await aborted;
    },
  },
  {
    name: "exchanges events both ways, in their order",
    async run(lab) {
      const published: unknown[] = [];
      const subscribed: unknown[] = [];
      await using subject = await lab.start(
        `const heard = [];
        export function activate(ctx) {
          ctx.events.on("a.*", async (value, origin) => { await null; heard.push([value, origin.topic]); });
          return { say: () => ctx.events.publish("b.c", { x: 1 }), heard: () => heard };
        }`,
        {
          subscribes: ["a.*"],
          handlers: {
            publish: (params) => void published.push(params),
            subscribe: (params) => void subscribed.push(params),
          },
        },
      );
      await subject.invoke("say");
      assertEquals([published, subscribed], [[["b.c", { x: 1 }]], [[0, "a.*"]]]);
      const origin = { topic: "a.b", publisher: "host", missed: 0 };
      const batches = [JSON.stringify([[1, origin], [2, origin]]), [[new Uint8Array([3]), origin]], "[]"];
      const replies = batches.map((batch) => subject.sandbox.peer.call("events", [0, batch, null]));
      assertEquals(await Promise.all(replies), [2, 1, 0].map((taken) => ({ taken, errors: [] })));
      assertEquals(await subject.invoke("heard"), [[1, "a.b"], [2, "a.b"], [new Uint8Array([3]), "a.b"]]);
    },
  },
  {
    name: "refuses what is not declared, on either side",
    async run(lab) {
      await using subject = await lab.start(
        `export const activate = (ctx) => ({
          listen: () => void ctx.events.on("c.d", () => {}),
          ask: () => ctx.call("a", "b"),
        });`,
      );
      const refused = async (method: string) =>
        (await assertRejects(() => subject.invoke(method), CordonError)).message;
      assertStringIncludes(await refused("listen"), "events.subscribes");
      assertStringIncludes(await refused("ask"), "no such method");
      assertStringIncludes(await refused("toString"), "no method");
    },
  },
  {
    name: "captures what a plugin prints, by whatever means",
    async run(lab) {
      await using subject = await lab.start(
        `import nodeConsole from "node:console";
        export const activate = () => ({ async print() {
          const bytes = (text) => new TextEncoder().encode(text);
          console.log("a %s", "b", { c: 1 });
          nodeConsole.info("node");
          console.error("error");
          await Deno.stdout.write(bytes("deno "));
          Deno.stdout.writeSync(bytes("sync\\n"));
          process.stdout.write("process\\n");
          Deno.stderr.writeSync(bytes("last\\n"));
        } });`,
      );
      await subject.invoke("print");
      await subject.sandbox.stop({ graceMs: 1_000, reason: "done" });
      const of = (stream: string) =>
        subject.output.filter((line) => line.startsWith(stream)).map((line) => line.slice(8));
      assertEquals(of("stdout"), ["a b { c: 1 }", "node", "deno sync", "process"]);
      assertEquals(of("stderr"), ["error", "last"]);
    },
  },
];
