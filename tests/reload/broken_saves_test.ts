/** Saves that break a plugin in every way there is: the old version answers every call, and one message says why. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { CordonError } from "../../src/errors.ts";
import { manifestText, openFixtures, writePlugin } from "../fixtures/start_host.ts";

const MORE = `
[provides]
count = { version = "1.0.0", methods = ["next"] }
[limits]
start_timeout = "400ms"
[reload]
state = "transfer"
timeout = "200ms"
`;

const CODE = `
let count = 0;
export const activate = () => ({ next: () => ++count });
export const exportState = () => count;
export const importState = (state) => { count = state; };
`;

const with_ = (from: string, to: string) => CODE.replace(from, to);
const activating = (text: string) => `export async function activate() { ${text} }`;
const importing = (text: string) => with_("count = state;", text);

/** Main modules that do not take over. */
const BROKEN_CODE: readonly string[] = [
  "",
  "export const = 1;",
  "const unfinished = `",
  "}",
  "import",
  "\u0000",
  "export const activate = 1;",
  "export const other = () => {};",
  "throw new Error('at once');",
  "throw null;",
  "throw { toString() { throw 1; } };",
  "await Promise.reject(new Error('rejected'));",
  "await new Promise(() => {});",
  "for (;;);",
  "Deno.exit(0);",
  "Deno.exit(7);",
  "nothing.there();",
  'import "./missing.ts"; ' + CODE,
  'import "../../outside.ts"; ' + CODE,
  'import "http://127.0.0.1:9/x.ts"; ' + CODE,
  'import { missing } from "./main.ts"; missing(); ' + CODE,
  'await import("./missing" + ".ts"); ' + CODE,
  activating("throw new Error('no');"),
  activating("await new Promise(() => {});"),
  activating("for (;;);"),
  activating("Deno.exit(1);"),
  activating("return 1;"),
  activating("return {};"),
  activating("return { next: 1 };"),
  activating("return { other() {} };"),
  activating("return new Proxy({}, { ownKeys() { throw 1; } });"),
  activating("await Deno.readTextFile('/etc/hostname'); return { next() {} };"),
  activating("self.x = new Uint8Array(2 ** 30).fill(1); return { next() {} };"),
  importing("throw new Error('no');"),
  importing("return new Promise(() => {});"),
  importing("Deno.exit(3);"),
  importing("for (;;);"),
  importing("return Promise.reject(1);"),
  CODE + "export const health = () => 'failing';",
  CODE + "export const health = () => { throw new Error('ill'); };",
  CODE + "export const health = () => new Promise(() => {});",
  CODE + "let asked = 0; export const health = () => asked++ === 0 ? 'ok' : 'failing';",
];

/** Manifests that do not take over. */
const BROKEN_MANIFESTS: readonly [text: string, code: RegExp][] = [
  ["", /invalid_plugin/],
  ["[plugin", /invalid_plugin/],
  ["\u0000\u0001", /invalid_plugin/],
  [manifestText("test.count", `${MORE}[nonsense]\nx = 1\n`), /invalid_plugin/],
  [manifestText("test.renamed", MORE), /invalid_plugin/],
  [manifestText("test.count", MORE).replace("1.0.0", "one"), /invalid_plugin/],
  [manifestText("test.count", MORE).replace("main.ts", "gone.ts"), /invalid_plugin/],
  [manifestText("test.count", `${MORE}[[permissions.net]]\nhosts = ["a.test:443"]\n`), /consent/],
  [manifestText("test.count", `${MORE}[requires]\n"no.body" = "*"\n`), /dependency/],
  [manifestText("test.count", MORE.replace("next", "missing")), /reload_failed/],
];

/** What an old version may hand over instead of state. */
const BROKEN_STATES: readonly string[] = [
  "() => { throw new Error('no'); }",
  "() => new Promise(() => {})",
  "() => { const state = {}; state.state = state; return state; }",
  "() => ({ deep: [() => 1] })",
  "() => new Map()",
  "() => Symbol('x')",
  "() => 10n",
  "() => NaN",
  "() => new Uint8Array(2 ** 31)",
  "() => 'x'.repeat(2 ** 24)",
  "() => new Proxy({}, { ownKeys() { throw new Error('trap'); } })",
];

/** A plugin that is called all the time. */
async function open(code: string) {
  const plugin = await writePlugin({ "plugin.toml": manifestText("test.count", MORE), "main.ts": code });
  const opened = await openFixtures([], { plugins: [plugin.dir] });
  const { host } = opened;
  await host.start();
  let isOver = false;
  let expected = 0;
  const calling = (async () => {
    for (; !isOver; expected++) {
      assertEquals(await host.call("count", "next"), expected + 1);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  })();
  // Its failure is that of the test, which awaits it at the end.
  calling.catch(() => {});
  return {
    host,
    put: (file: string, text: string) => Deno.writeTextFile(`${plugin.dir}/${file}`, text),
    async end() {
      isOver = true;
      await calling;
      return expected;
    },
    async [Symbol.asyncDispose]() {
      isOver = true;
      await opened[Symbol.asyncDispose]();
      await plugin[Symbol.asyncDispose]();
    },
  };
}

Deno.test("52 kinds of broken saves in a row: the old version answers every call, and goes on counting", async () => {
  assertEquals(BROKEN_CODE.length + BROKEN_MANIFESTS.length, 52);
  await using site = await open(CODE);
  const { host, put } = site;
  for (const code of BROKEN_CODE) {
    await put("main.ts", code);
    const error = await assertRejects(() => host.reload("test.count"), CordonError, undefined, code);
    assertMatch(error.code, /^(invalid_plugin|reload_failed)$/, `${code}: ${error.message}`);
    assertMatch(error.message, /\(1\.0\.0 runs on\)$/, code);
    assertEquals(error.message.split("\n").length, 1, code);
  }
  await put("main.ts", CODE);
  for (const [text, code] of BROKEN_MANIFESTS) {
    await put("plugin.toml", text);
    const error = await assertRejects(() => host.reload("test.count"), CordonError, undefined, text);
    assertMatch(error.code, code, `${text}: ${error.message}`);
  }
  await put("plugin.toml", manifestText("test.count", MORE));
  await put("main.ts", `${CODE}// mended`);
  await host.reload("test.count");
  assertEquals(host.list()[0]!.state, "running");
  assert(await site.end() > 52);
});

Deno.test("A state that cannot be handed on stops the takeover, and nothing else", async (t) => {
  for (const state of BROKEN_STATES) {
    await t.step(state, async () => {
      await using site = await open(CODE.replace("() => count;", `${state};`));
      const { host, put } = site;
      await put("main.ts", `${CODE}// 2`);
      const error = await assertRejects(() => host.reload("test.count"), CordonError);
      assertEquals(error.code, "reload_failed");
      assertMatch(error.message, /could not hand over its state: .+ \(1\.0\.0 runs on\)$/);
      await site.end();
    });
  }
});
