import { assertEquals } from "@std/assert";
import { createBundlePlaces } from "../../../src/lifecycle/crashes/bundle_places.ts";
import { partUncaught, readStack } from "../../../src/lifecycle/crashes/plugin_stack.ts";

const OPTIONS = { codeUrl: "file:///plugins/a%20b/", findSource: (place: { file: string }) => place };

Deno.test("readStack() keeps the frames of the plugin, with paths inside its folder", () => {
  const lines = [
    "error: Uncaught (in promise) TypeError: no good",
    "second line, with file:///plugins/a%20b/main.ts",
    "    at boom (file:///plugins/a%20b/lib/boom.ts:5:9)",
    "    at async Promise.all (index 0)",
    "    at async file:///plugins/a%20b/main.ts:6:41",
    "    at listOnTimeout (ext:core/02_timers.js:307:17)",
    "    at other (file:///elsewhere/main.ts:1:1)",
    "Caused by: Error: inner",
    "    at file:///plugins/a%20b/100%25.ts:1:2",
  ];
  assertEquals(readStack(lines, OPTIONS), {
    message: "TypeError: no good\nsecond line, with main.ts",
    stack: [
      "at boom (lib/boom.ts:5:9)",
      "at main.ts:6:41",
      "Caused by: Error: inner",
      "at 100%.ts:1:2",
    ],
    at: { file: "lib/boom.ts", line: 5, column: 9 },
  });
  assertEquals(readStack(["error: Uncaught { a: 1 }"], OPTIONS), { message: "{ a: 1 }", stack: [] });
  assertEquals(readStack([], OPTIONS), undefined);
});

Deno.test("readStack() is bounded, whatever a plugin prints", () => {
  const frame = "    at x (file:///plugins/a%20b/%E0%A4%A.ts:1:1)";
  const long = `    at ${"( ".repeat(5_000)}(file:///plugins/a%20b/a.ts:1:1)`;
  const error = readStack(["error: Uncaught x", long, ...Array<string>(1_000).fill(frame)], OPTIONS);
  assertEquals([error?.stack.length, error?.at?.file], [30, "%E0%A4%A.ts"]);
});

Deno.test("partUncaught() finds the last error that a process printed", () => {
  const line = (text: string, source: "stderr" | "stdout" = "stderr") => ({ time: "", source, text });
  const lines = [
    line("error: Uncaught 1"),
    line("between"),
    line("error: Uncaught 2"),
    line("error: Uncaught 3", "stdout"),
  ];
  assertEquals(partUncaught(lines), { before: lines.slice(0, 2), error: lines.slice(2) });
  assertEquals(partUncaught(lines.slice(3)), { before: lines.slice(3), error: [] });
});

Deno.test("createBundlePlaces() finds the file, and the line where that is sure", () => {
  const bundle = [
    "// ../../cache/npm/registry.test/@scope/pack/1.2.0/dist/index.mjs",
    "var x = 1;",
    "// data/prepared/making-00ff/plugin/lib/boom.ts",
    "function boom(a) {",
    '  throw new TypeError("boom\\x1B[0m" + a);',
    "}",
    "// data/prepared/making-00ff/plugin/main.ts",
    "function activate() {",
    "  go();",
    "  go();",
    "}",
    "// data/prepared/making-00ff/plugin/../../secret.txt",
    "stolen();",
  ].join("\n");
  const files: Record<string, string> = {
    "main.bundled.js": bundle,
    "lib/boom.ts":
      "// types\n\nexport function boom(a: string): never {\n  throw new TypeError('boom\\x1b[0m' + a)\n}\n",
    "main.ts": "export function activate() {\n  go();\n  go();\n}\n",
  };
  const asked: string[] = [];
  const find = createBundlePlaces({
    bundle: "main.bundled.js",
    read: (file) => {
      asked.push(file);
      return files[file];
    },
  });
  const at = (line: number, file = "main.bundled.js") => find({ file, line, column: 1 });
  assertEquals(at(2), { file: "npm:@scope/pack@1.2.0/dist/index.mjs" });
  assertEquals(at(5), { file: "lib/boom.ts", line: 4 });
  assertEquals(at(8), { file: "main.ts", line: 1 });
  assertEquals(at(9), { file: "main.ts" });
  assertEquals(at(13), { file: "../../secret.txt" });
  assertEquals(at(999), { file: "main.bundled.js", line: 999, column: 1 });
  assertEquals(at(3, "assets/other.js"), { file: "assets/other.js", line: 3, column: 1 });
  assertEquals(asked, ["main.bundled.js", "lib/boom.ts", "main.ts", "../../secret.txt"]);
});
