/** What a version knew is there again when the next one is rolled back from. */

import { assertEquals } from "@std/assert";
import { decodeState, encodeState } from "../../src/reload/state_snapshot.ts";
import { eventually } from "../faults/host_process.ts";
import { manifestText, openFixtures, writePlugin } from "../fixtures/start_host.ts";

Deno.test("encodeState() keeps a state as it was, bytes included", () => {
  for (const state of [null, 1, "text", [1, { a: [] }], { bytes: new Uint8Array([1, 2, 3]), more: [true] }]) {
    assertEquals(decodeState(encodeState(state)), state);
  }
});

Deno.test("A version that is gone back to after a crash has the state that it handed over", async () => {
  const code = (version: string) => `
    let count = 0;
    export const activate = () => ({
      add: () => ++count,
      read: () => [count, "${version}"],
      crash: () => void setTimeout(() => Deno.exit(3)),
    });
    export const exportState = () => ({ count });
    export const importState = (state) => { count = state.count; };`;
  const manifest = manifestText("test.one", `[reload]\nstate = "transfer"`);
  await using plugin = await writePlugin({ "plugin.toml": manifest, "main.ts": code("one") });
  await using opened = await openFixtures([], { plugins: [plugin.dir] });
  const { host } = opened;
  await host.start();
  await eventually(() => host.versions("test.one").length === 1, "a copy");
  for (let n = 0; n < 3; n++) await host.call("test.one", "add");
  await Deno.writeTextFile(`${plugin.dir}/main.ts`, code("two"));
  await host.reload("test.one");
  await host.call("test.one", "add");
  assertEquals(await host.call("test.one", "read"), [4, "two"]);
  await eventually(
    () => host.versions("test.one").some(({ stateBytes }) => stateBytes !== undefined),
    "the state of the first version",
  );
  await host.call("test.one", "crash");
  const read = () => host.call("test.one", "read").catch(() => undefined) as Promise<unknown[] | undefined>;
  await eventually(async () => (await read())?.[1] === "one", "the first version");
  assertEquals(await read(), [3, "one"]);
});
