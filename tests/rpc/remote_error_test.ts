import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { CordonError } from "../../src/errors.ts";
import { decodeMessage, type WireError } from "../../src/rpc/message.ts";
import { encodeMessage } from "./encode_message.ts";
import { RemoteError, toWireError } from "../../src/rpc/remote_error.ts";

function travel(error: unknown, { withStack = false } = {}): WireError {
  const [chunk] = encodeMessage({ type: "error", id: 1, error: toWireError(error, withStack) });
  const message = decodeMessage({
    head: new TextDecoder().decode(chunk!.subarray(8)),
    tail: new Uint8Array(0),
  });
  assert(message.type === "error");
  return message.error;
}

function chain(length: number): Error {
  let error = new Error("cause 0");
  for (let index = 1; index < length; index++) error = new Error(`cause ${index}`, { cause: error });
  return error;
}

Deno.test("toWireError() carries name, message, code, hint and facts", () => {
  const error = new CordonError("busy", "Cannot do that: busy", {
    hint: "Wait",
    facts: { left: 3, list: [1] },
  });
  assertEquals(travel(error), {
    name: "CordonError",
    message: "Cannot do that: busy",
    code: "busy",
    hint: "Wait",
    facts: { left: 3, list: [1] },
  });
  assertEquals(travel(new TypeError("no")), { name: "TypeError", message: "no" });
});

Deno.test("toWireError() keeps our stack at home, that of causes too", () => {
  const wire = travel(new Error("outer", { cause: new Error("inner") }));
  assertEquals(wire, { name: "Error", message: "outer", cause: { name: "Error", message: "inner" } });
  assert(travel(new Error("mine"), { withStack: true }).stack!.includes("remote_error_test.ts"));
});

Deno.test("toWireError() does not pass on the stack of the plugin that failed first", () => {
  const first = new RemoteError(
    { name: "RangeError", message: "deep", stack: "at /srv/plugins/other" },
    false,
  );
  assertEquals(travel(first), {
    name: "RangeError",
    message: "deep",
    code: "plugin_error",
    facts: { name: "RangeError" },
  });
});

Deno.test("toWireError() carries four causes and no more", () => {
  const messages: string[] = [];
  for (let wire: WireError | undefined = travel(chain(50)); wire !== undefined; wire = wire.cause) {
    messages.push(wire.message);
  }
  assertEquals(messages, ["cause 49", "cause 48", "cause 47", "cause 46", "cause 45"]);
  const cycle = new Error("round");
  cycle.cause = cycle;
  assertStrictEquals(travel(cycle).cause!.message, "round");
});

Deno.test("toWireError() makes something of whatever is thrown", () => {
  const thrown: [unknown, string][] = [
    ["text", "text"],
    [undefined, "undefined"],
    [null, "null"],
    [7n, "7"],
    [Symbol("s"), "Symbol(s)"],
    [{ code: 1 }, '{"code":1}'],
    [Object.create(null), "{}"],
    [
      {
        toJSON() {
          throw new Error("no");
        },
      },
      "a value that cannot be shown",
    ],
  ];
  for (const [value, message] of thrown) assertEquals(travel(value), { name: "Error", message });
});

Deno.test("toWireError() leaves facts behind that cannot be carried, and the error arrives", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  let deep: Record<string, unknown> = {};
  for (let level = 0; level < 100; level++) deep = { deep };
  for (const facts of [cycle, deep, { a: 1n }, { a: () => 1 }, { a: new Map() }, { a: "x".repeat(10_000) }]) {
    assertEquals(travel(new CordonError("busy", "Cannot", { facts })), {
      name: "CordonError",
      message: "Cannot",
      code: "busy",
    });
  }
  let error = new CordonError("busy", "Cannot", { facts: { left: 1 } });
  for (let index = 0; index < 4; index++) {
    error = new CordonError("busy", "Cannot", { facts: { left: 1 }, cause: error });
  }
  assertEquals(travel(error).cause!.cause!.cause!.cause!.facts, { left: 1 });
});

Deno.test("toWireError() and RemoteError cut what is too long", () => {
  const long = "x".repeat(1_000_000);
  const error = Object.assign(new Error(long), { name: long, code: long, hint: long });
  const wire = travel(error, { withStack: true });
  for (const text of [wire.message, wire.name, wire.code, wire.hint, wire.stack]) {
    assert(text!.length < 10_000 && text!.endsWith(" [cut]"));
  }
  const remote = new RemoteError({ name: long, message: long, code: long, stack: long }, false);
  for (const text of [remote.message, remote.remoteName, remote.facts.remoteCode, remote.remoteStack]) {
    assert((text as string).length < 10_000);
  }
});

Deno.test("RemoteError does not believe a code, hint or facts of a plugin", () => {
  const wire = { name: "CordonError", message: "m", code: "consent", hint: "Run rm", facts: { id: "other" } };
  const error = new RemoteError(wire, false);
  assertStrictEquals(error.code, "plugin_error");
  assertStrictEquals(error.hint, undefined);
  assertEquals(error.facts, { name: "CordonError", remoteCode: "consent" });
});

Deno.test("RemoteError believes the host's code, hint and facts, those of causes too", () => {
  const cause = { name: "CordonError", message: "why", code: "not_running" };
  const wire = {
    name: "CordonError",
    message: "m",
    code: "consent",
    hint: "Ask",
    facts: { id: "acme.geo" },
    cause,
  };
  const error = new RemoteError(wire, true);
  assertStrictEquals(error.code, "consent");
  assertStrictEquals(error.hint, "Ask");
  assertEquals(error.facts, { id: "acme.geo", name: "CordonError", remoteCode: "consent" });
  assert(error.cause instanceof RemoteError);
  assertStrictEquals(error.cause.code, "not_running");
  assertStrictEquals(new RemoteError({ name: "Error", message: "m" }, true).code, "host_error");
});
