import { assert, assertEquals, assertRejects } from "@std/assert";
import { CordonError } from "../../src/errors.ts";
import { MAX_CALL_DEPTH } from "../../src/lifecycle/call_link.ts";
import { openPlugins } from "../fixtures/open_plugins.ts";

const TELL = `({ caller, capability, method, remainingMs, signal }) =>
  ({ caller, capability, method, left: remainingMs, aborted: signal.aborted })`;

Deno.test("A method learns from the host who calls it, and has no more time than its caller", async () => {
  await using test = await openPlugins({
    a: {
      methods: ["ask"],
      code: `{
        async ask() { return { mine: (${TELL})(ctx.currentCall), its: await ctx.call("b", "tell") }; },
        outside: () => new Promise((resolve) => queueMicrotask(() => resolve(ctx.currentCall.method))),
      }`,
    },
    b: {
      methods: ["tell"],
      code: `{ async tell() {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return (${TELL})(ctx.currentCall);
      } }`,
    },
  });
  type Told = Record<"mine" | "its", Record<string, unknown>>;
  const { mine, its } = await test.host.call("a", "ask", [], { timeoutMs: 500 }) as Told;
  assertEquals([mine.caller, mine.capability, mine.method, mine.aborted], ["host", undefined, "ask", false]);
  assertEquals([its.caller, its.capability, its.method], ["test.a", "b", "tell"]);
  assert((its.left as number) > 0 && (its.left as number) < 500, String(its.left));
  assertEquals(await test.host.call("a", "outside"), "outside");
});

Deno.test("Cancelling a call reaches the far end of its chain, and so does its deadline", async () => {
  await using test = await openPlugins({
    a: {
      methods: ["ask"],
      // It does not pass any signal on: the host knows what belongs together.
      code: `{ ask: () => ctx.call("b", "wait", [], { timeoutMs: 60_000 }) }`,
    },
    b: {
      methods: ["wait"],
      code: `{
        waiting: 0,
        reasons: [],
        wait() {
          const { signal } = ctx.currentCall;
          this.waiting++;
          signal.addEventListener("abort", () => this.reasons.push(String(signal.reason.message)));
          return new Promise(() => {});
        },
        told() { return { waiting: this.waiting, reasons: this.reasons }; },
      }`,
    },
  });
  const cancelling = new AbortController();
  const cancelled = assertRejects(
    () => test.host.call("a", "ask", [], { signal: cancelling.signal }),
    Error,
    "never mind",
  );
  type Told = { waiting: number; reasons: string[] };
  const told = async (isEnough: (told: Told) => boolean): Promise<Told> => {
    for (let tries = 0; tries < 2_000; tries++) {
      const told = await test.host.call("test.b", "told") as Told;
      if (isEnough(told)) return told;
    }
    throw new Error("it was not told");
  };
  await told(({ waiting }) => waiting === 1);
  cancelling.abort(new Error("never mind"));
  await cancelled;
  assertEquals((await told(({ reasons }) => reasons.length === 1)).reasons, ["never mind"]);
  const late = await assertRejects(() => test.host.call("a", "ask", [], { timeoutMs: 50 }), CordonError);
  assertEquals(late.code, "deadline_exceeded");
  await told(({ reasons }) => reasons.length === 2);
});

Deno.test("A calls B calls A is answered; a circle without end is ended by its depth", async () => {
  await using test = await openPlugins({
    a: {
      methods: ["ask", "answer", "circle"],
      code: `{
        ask: () => ctx.call("b", "relay"),
        answer: () => 42,
        circle: (depth) => ctx.call("b", "circle", [depth + 1]),
      }`,
    },
    b: {
      methods: ["relay", "circle"],
      code: `{
        relay: () => ctx.call("a", "answer"),
        circle: (depth) => ctx.call("a", "circle", [depth + 1]).catch((error) => ({ depth, code: error.code })),
      }`,
    },
  });
  assertEquals(await test.host.call("a", "ask"), 42);
  const { depth, code } = await test.host.call("a", "circle", [1]) as { depth: number; code: string };
  // Whoever is told first is the last but one: the last call was refused.
  assertEquals(code, depth === MAX_CALL_DEPTH ? "call_too_deep" : "plugin_error");
  assert(depth >= MAX_CALL_DEPTH - 1, String(depth));
  const refused = test.host.journal.list().filter(({ type }) => type === "call.refused");
  assertEquals(refused.length, 1);
});

Deno.test("A call that a plugin makes for none, or for one that is over, stands for itself", async () => {
  await using test = await openPlugins({
    a: {
      methods: ["begin", "end"],
      code: `{
        begin() { this.later = new Promise((resolve) => setTimeout(resolve, 20)).then(() => ctx.call("b", "answer")); },
        end() { return this.later; },
      }`,
    },
    b: { methods: ["answer"], code: `{ answer: () => ctx.currentCall.remainingMs > 2_000 }` },
  });
  await test.host.call("a", "begin", [], { timeoutMs: 1_500 });
  assertEquals(await test.host.call("a", "end"), true);
});
