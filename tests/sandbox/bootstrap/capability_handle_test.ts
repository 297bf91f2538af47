import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { LiveHandle } from "../../../src/sandbox/bootstrap/capability_handle.ts";
import type { CapabilityHandle, CapabilityState } from "../../../src/sdk/capabilities.ts";

type Face = CapabilityHandle & Record<string, (...args: unknown[]) => Promise<unknown>>;

function open(): { handle: LiveHandle; face: Face; calls: [string, readonly unknown[]][] } {
  const calls: [string, readonly unknown[]][] = [];
  const handle = new LiveHandle((method, args) => {
    calls.push([method, args]);
    return Promise.resolve(method);
  });
  return { handle, face: handle.face as unknown as Face, calls };
}

const geo = (version: string, ...methods: string[]) => ({ provider: { id: "acme.geo", version }, methods });
const NOBODY = { provider: null, methods: [] };

Deno.test("LiveHandle has no methods before there is a provider, and takes them up on the same object", async () => {
  const { handle, face, calls } = open();
  assertEquals([face.available, face.provider, Object.keys(face)], [false, undefined, []]);
  handle.update(geo("1.0.0", "find", "list"));
  assertEquals([face.available, face.provider, Object.keys(face)], [
    true,
    { id: "acme.geo", version: "1.0.0" },
    ["find", "list"],
  ]);
  assertStrictEquals(await face.find!("Bern", 2), "find");
  assertEquals(calls, [["find", ["Bern", 2]]]);
});

Deno.test("LiveHandle keeps its methods while nobody provides them, and their identity", () => {
  const { handle, face } = open();
  handle.update(geo("1.0.0", "find", "list"));
  const { find } = face;
  handle.update(NOBODY);
  assertEquals([face.available, face.provider, Object.keys(face)], [false, undefined, ["find", "list"]]);
  handle.update(geo("1.1.0", "find", "near"));
  assertEquals(Object.keys(face), ["find", "near"]);
  assertStrictEquals(face.find, find);
});

Deno.test("LiveHandle.onChange() tells each state in order until it is ended", () => {
  const { handle, face } = open();
  const told: CapabilityState[] = [];
  const end = face.onChange((state) => void told.push(state));
  handle.update(geo("1.0.0"));
  handle.update(geo("1.1.0"));
  handle.update(NOBODY);
  end();
  end();
  handle.update(geo("1.2.0"));
  assertEquals(told, [
    { available: true, provider: { id: "acme.geo", version: "1.0.0" } },
    { available: true, provider: { id: "acme.geo", version: "1.1.0" } },
    { available: false, provider: undefined },
  ]);
  face.onChange((state) => void told.push(state));
  handle.close();
  handle.update(NOBODY);
  assertStrictEquals(told.length, 3);
});

Deno.test("LiveHandle tells every handler though one throws, which is an unhandled rejection", async () => {
  const { handle, face } = open();
  const rejected = Promise.withResolvers<unknown>();
  const onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    rejected.resolve(event.reason);
  };
  addEventListener("unhandledrejection", onRejection);
  try {
    const error = new Error("not me");
    face.onChange(() => {
      throw error;
    });
    let told = 0;
    face.onChange(() => void told++);
    handle.update(NOBODY);
    assertStrictEquals(told, 1);
    assertStrictEquals(await rejected.promise, error);
  } finally {
    removeEventListener("unhandledrejection", onRejection);
  }
});

Deno.test("LiveHandle cannot be made to show something else, and takes no handler that is none", () => {
  const { handle, face } = open();
  assertThrows(() => Object.assign(face, { available: true }), TypeError);
  assertThrows(() => face.onChange("x" as unknown as () => void), TypeError, "no function");
  // A method cannot have the name of what a handle has itself, whatever a host says.
  handle.update(geo("1.0.0", "available", "onChange", "find"));
  assertEquals([face.available, typeof face.onChange, Object.keys(face)], [true, "function", ["find"]]);
  handle.update(NOBODY);
  assertStrictEquals(face.available, false);
  // One that the plugin froze goes on showing what is there, and keeps its methods.
  Object.freeze(face);
  handle.update(geo("1.0.0", "near"));
  assert(face.available);
  assertEquals(Object.keys(face), ["find"]);
});
