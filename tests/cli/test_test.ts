import { assertEquals, assertStringIncludes } from "@std/assert";
import { manifestText, writePlugin } from "../fixtures/start_host.ts";
import { runCordon } from "./run_cordon.ts";

Deno.test("cordon test ends with 1 and says why when tests fail, do not type-check or are not there", async (test) => {
  const manifest = manifestText("acme.tested");
  const base = { "plugin.toml": manifest, "main.ts": "export function activate() {}\n" };
  const cases: Record<string, [files: Record<string, string>, passed: number, failed: number, part: string]> =
    {
      "one fails": [
        {
          "a_test.ts": `Deno.test("good", () => {});\n`,
          "deep/b.test.js": `Deno.test("bad", () => { throw new Error("so \\x1b[31mred"); });\n`,
        },
        1,
        1,
        "so \ufffd[31mred",
      ],
      "types are wrong": [
        { "a_test.ts": `const n: number = "1";\nDeno.test("a", () => void n);\n` },
        0,
        0,
        "TS2322",
      ],
      "a summary is only printed": [
        { "a_test.js": `Deno.test("a", () => { console.log("ok | 9 passed | 0 failed"); throw 1; });\n` },
        0,
        1,
        "ok | 9 passed | 0 failed",
      ],
    };
  for (const [name, [files, passed, failed, part]] of Object.entries(cases)) {
    await test.step(name, async () => {
      await using plugin = await writePlugin({ ...base, ...files });
      const run = await runCordon("test", plugin.dir, "--json");
      assertEquals([run.code, run.json.ok, run.json.passed, run.json.failed], [1, false, passed, failed]);
      assertStringIncludes(run.json.output, part);
    });
  }
  const none: Record<string, string>[] = [{}, { "a_test.js": "export {};\n" }, {
    "node_modules/x/a_test.ts": "",
  }];
  for (const files of none) {
    await test.step(`no tests: ${Object.keys(files)}`, async () => {
      await using plugin = await writePlugin({ ...base, ...files });
      const run = await runCordon("test", plugin.dir, "--json");
      assertEquals([run.code, run.json.error.code], [1, "no_tests"]);
      assertStringIncludes(run.json.error.hint, "main_test.ts");
    });
  }
});

Deno.test("cordon test refuses what is invalid before anything runs", async (test) => {
  const main = { "main.ts": "export function activate() {}\n" };
  const loud = `console.log("I RAN");\nDeno.test("a", () => {});\n`;
  const cases: Record<string, [files: Record<string, string>, part: string]> = {
    "a bad manifest": [
      { ...main, "plugin.toml": manifestText("acme.x", "typo = 1\n"), "a_test.ts": loud },
      "typo",
    ],
    "a test that imports a file from outside": [{
      ...main,
      "plugin.toml": manifestText("acme.x"),
      "a_test.ts": `import text from "/etc/hostname" with { type: "text" };\n${loud}console.log(text);\n`,
    }, '"/etc/hostname", which is outside'],
    "an import map that leads outside": [{
      ...main,
      "plugin.toml": manifestText("acme.x"),
      "deno.json": `{ "imports": { "innocent": "/etc/hostname" } }`,
      "a_test.ts": `import text from "innocent" with { type: "text" };\n${loud}console.log(text);\n`,
    }, '"innocent", which is outside'],
    "a test that imports from the network": [{
      ...main,
      "plugin.toml": manifestText("acme.x"),
      "a_test.ts": `import "https://example.org/x.ts";\n${loud}`,
    }, "from the network"],
  };
  for (const [name, [files, part]] of Object.entries(cases)) {
    await test.step(name, async () => {
      await using plugin = await writePlugin(files);
      const run = await runCordon("test", plugin.dir);
      assertEquals([run.code, run.stdout], [3, ""]);
      assertStringIncludes(run.stderr, part);
    });
  }
  const missing = await runCordon("test", "/no/such/folder");
  assertEquals(missing.code, 3);
});

Deno.test("cordon test lets tests read their plugin's folder and nothing else", async () => {
  const attempts = {
    "read outside": `Deno.readTextFile("/etc/hostname")`,
    "import outside": `import("/etc/host" + "name", { with: { type: "text" } })`,
    "import from the network": `import("https://esm.sh/" + "x")`,
    write: `Deno.writeTextFile("x", "")`,
    env: `Deno.env.get("HOME")`,
    net: `Deno.connect({ hostname: "127.0.0.1", port: 9 })`,
    run: `new Deno.Command("true").output()`,
    "a worker's import": `new Promise((done, fail) => {
      const worker = new Worker(new URL("worker.ts", import.meta.url), { type: "module" });
      worker.onmessage = done;
      worker.onerror = (event) => { event.preventDefault(); fail(new Error(event.message)); };
    })`,
  };
  const tests = Object.entries(attempts).map(([name, code]) => `
    Deno.test("${name}", async () => {
      const error = await Promise.resolve().then(() => ${code}).then(() => undefined, (error) => error);
      if (!/^Requires \\w+ access/.test(error?.message)) throw new Error(error ?? "it could");
    });`);
  await using plugin = await writePlugin({
    "plugin.toml": manifestText("acme.curious"),
    "main.ts": "export function activate() {}\n",
    "worker.ts": `import text from "/etc/hostname" with { type: "text" };\npostMessage(text);\n`,
    "curious_test.js": `${tests.join("\n")}
      Deno.test("own folder", async () => void await Deno.readTextFile("plugin.toml"));`,
  });
  const run = await runCordon("test", plugin.dir, "--json");
  assertEquals([run.json.failed, run.json.passed, run.code], [0, 9, 0], run.json.output);
});

Deno.test("cordon test does not mind that other plugins are missing", async () => {
  await using plugin = await writePlugin({
    "plugin.toml": manifestText("acme.lonely", '[uses]\ngeocode = "^1"\n[requires]\n"acme.other" = "^1"\n'),
    "main.ts": "export function activate() {}\n",
    "main_test.js": `Deno.test("alone", () => {});\n`,
  });
  assertEquals((await runCordon("test", plugin.dir)).code, 0);
});
