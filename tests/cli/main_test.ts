import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { CORDON_VERSION } from "../../src/internal/version.ts";
import { BEST_TIER, fixture, manifestText, writePlugin } from "../fixtures/start_host.ts";
import { createCordon, runCordon } from "./run_cordon.ts";

const COMMANDS = [
  "run",
  "check",
  "list",
  "info",
  "graph",
  "resources",
  "call",
  "logs",
  "reload",
  "rollback",
  "grant",
  "revoke",
  "permissions",
  "exposure",
  "new",
  "test",
  "completions",
  "doctor",
];

Deno.test("cordon --help names every command, and without arguments it is the same", async () => {
  const [help, bare] = await Promise.all([runCordon("--help"), runCordon()]);
  assertEquals([help.code, bare.code], [0, 0]);
  for (const name of COMMANDS) assertMatch(help.stdout, new RegExp(`^\\s+${name}\\b`, "m"));
  assertEquals(bare.stdout, help.stdout);
});

Deno.test("cordon --version prints the version", async () => {
  const { code, stdout } = await runCordon("--version");
  assertEquals(code, 0);
  assertStringIncludes(stdout, CORDON_VERSION);
});

Deno.test("cordon ends with 2 on wrong usage and says what would do", async (test) => {
  const cases: [string[], RegExp][] = [
    [["chekc"], /Did you mean command "check"/],
    [["list", "--jsno"], /--jsno/],
    [["info"], /error: /],
    [["list", "--grant", "all"], /expected "requested"/],
    [["list", "--var", "input"], /expected name=value/],
    [["graph", "--format", "png"], /text, mermaid, dot, json/],
    [["logs", "--level", "loud"], /debug, info, warn, error/],
    [["call", "a.b", "c", "--timeout", "soon"], /error: /],
  ];
  for (const [args, pattern] of cases) {
    await test.step(args.join(" "), async () => {
      const run = await runCordon(...args);
      assertEquals(run.code, 2);
      assertMatch(run.stderr, pattern);
      assertEquals(run.stdout, "");
    });
  }
});

Deno.test("cordon --json reports a failure as one document with code, message and hint", async () => {
  const run = await runCordon("run", "/no/such/folder", "--json");
  assertEquals(run.code, 3);
  assertEquals(run.json.error.code, "not_found");
  assertStringIncludes(run.json.error.message, '"/no/such/folder"');
  assertEquals(typeof run.json.error.hint, "string");
});

Deno.test("cordon run and check fail on a folder without plugins, list does not", async () => {
  await using empty = await writePlugin({ "readme.txt": "nothing here" });
  for (const command of ["run", "check"]) {
    const run = await runCordon(command, empty.dir);
    assertEquals(run.code, 3);
    assertStringIncludes(run.stderr, empty.dir);
  }
  const list = await runCordon("list", "--dir", empty.dir, "--json");
  assertEquals([list.code, list.json], [0, { plugins: [] }]);
});

Deno.test("cordon run --once starts, reports and stops", async () => {
  const run = await runCordon("run", fixture("greeter"), fixture("polite"), "--once", "--json");
  assertEquals(run.code, 0);
  assertEquals([run.json.running, run.json.total], [2, 2]);
  assertEquals(
    run.json.plugins.map((plugin: Record<string, unknown>) => [plugin.id, plugin.state, plugin.tier]),
    [["fixture.greeter", "running", BEST_TIER], ["fixture.polite", "running", BEST_TIER]],
  );
  const text = await runCordon("run", fixture("greeter"), "--once");
  assertMatch(
    text.stdout,
    /^fixture\.greeter +1\.0\.0 +running +(os|deno) +[01]\.[0-9] \w+ +its own folder$/m,
  );
  assertStringIncludes(text.stdout, "1 of 1 plugins run");
});

Deno.test("cordon run ends with the code of the gravest failure while the others run", async (test) => {
  const cases: [string, number, string][] = [
    ["throws_at_import", 1, "the module is in no mood"],
    ["has_no_main", 3, "main.ts"],
    ["reads_input", 3, "--var input="],
    ["needs_broken", 4, "fixture.throws-at-import"],
  ];
  for (const [name, code, part] of cases) {
    await test.step(name, async () => {
      const run = await runCordon("run", fixture("greeter"), fixture(name), "--once", "--grant", "requested");
      assertEquals(run.code, code);
      assertStringIncludes(run.stdout, part);
      assertMatch(run.stdout, /fixture\.greeter +1\.0\.0 +running/);
    });
  }
});

Deno.test("cordon run without a grant starts only plugins that ask for nothing, and says so", async () => {
  await using input = await writePlugin({ "note.txt": "hi" });
  const run = await runCordon(
    "run",
    fixture("greeter"),
    fixture("reads_input"),
    "--once",
    "--var",
    `input=${input.dir}`,
  );
  assertEquals(run.code, 5);
  assertMatch(run.stdout, /fixture\.reads-input +1\.0\.0 +blocked \(consent\)/);
  assertStringIncludes(run.stdout, "--grant requested");
  assertStringIncludes(run.stdout, "1 of 2 plugins run");
});

Deno.test("cordon run serves until it is interrupted", async (test) => {
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 0]] as const) {
    await test.step(signal, async () => {
      await using cwd = await writePlugin({});
      const child = createCordon(["run", fixture("greeter"), "--json"], cwd.dir).spawn();
      const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      const { value } = await lines.read();
      assertEquals(JSON.parse(value!.split("\n")[0]!).type, "start");
      child.kill(signal);
      while (!(await lines.read()).done);
      await child.stderr.cancel();
      assertEquals((await child.status).code, code);
    });
  }
});

Deno.test({
  name: "cordon run asks its plugins to stop when Ctrl-C goes to the whole group of processes",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using cwd = await writePlugin({});
    const child = createCordon(["run", fixture("greeter"), "--json"], cwd.dir, { detached: true }).spawn();
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    await lines.read();
    Deno.kill(-child.pid, "SIGINT");
    while (!(await lines.read()).done);
    await child.stderr.cancel();
    assertEquals((await child.status).code, 130);
    const journal = await runCordon(
      "journal",
      "--json",
      "--dir",
      fixture("greeter"),
      "--data",
      `${cwd.dir}/.cordon`,
    );
    const events = journal.stdout.trim().split("\n").map((line) => JSON.parse(line));
    const exit = events.find(({ type }) => type === "plugin.exit");
    assertEquals([exit.facts.code, exit.facts.signal, exit.facts.rung], [0, undefined, "asked"]);
  },
});

Deno.test("cordon check reports every problem with its place and runs no code", async () => {
  await using plugin = await writePlugin({
    "plugin.toml": manifestText("acme.broken", 'typo = 1\n[limits]\nmemory = "lots"\n'),
    "main.ts": 'Deno.writeTextFileSync("/tmp/ran", "");\n',
  });
  const run = await runCordon("check", plugin.dir, "--json");
  assertEquals(run.code, 3);
  assertEquals(run.json.ok, false);
  assertEquals(
    run.json.plugins[0].problems.map((problem: Record<string, unknown>) => [problem.path, problem.line])
      .sort(),
    [["limits.memory", 8], ["plugin.typo", 6]],
  );
});

Deno.test("cordon check passes a plugin whose variables have no value yet, and names them", async () => {
  const run = await runCordon("check", fixture("reads_input"), "--json");
  assertEquals(run.code, 0);
  assertEquals(run.json.plugins[0].variables.map(({ name }: { name: string }) => name), ["input"]);
});

Deno.test("cordon call prints the result, or fails with the right code", async () => {
  const done = await runCordon("call", "greet", "hello", '"Ada"', "--dir", fixture("greeter"), "--json");
  assertEquals([done.code, done.json], [0, { result: "Hello Ada" }]);
  const text = await runCordon("call", "greet", "echo", '{"a":[1,null]}', "--dir", fixture("greeter"));
  assertEquals(JSON.parse(text.stdout), { a: [1, null] });
  const thrown = await runCordon("call", "greet", "fail", "--dir", fixture("greeter"), "--json");
  assertEquals([thrown.code, thrown.json.error.code, thrown.json.error.message], [
    1,
    "plugin_error",
    "no such greeting",
  ]);
  const unknown = await runCordon("call", "nobody", "x", "--dir", fixture("greeter"), "--json");
  assertEquals([unknown.code, unknown.json.error.code], [3, "not_found"]);
  const quoting = await runCordon("call", "greet", "hello", "Ada", "--dir", fixture("greeter"));
  assertEquals(quoting.code, 3);
  assertStringIncludes(quoting.stderr, `'"Ada"'`);
});

Deno.test("cordon graph renders text, mermaid, dot and json", async () => {
  const dirs = ["--dir", fixture("greeter"), "--dir", fixture("polite")];
  const run = (format: string) => runCordon("graph", "--format", format, ...dirs);
  const [text, mermaid, dot, json] = await Promise.all(["text", "mermaid", "dot", "json"].map(run));
  assertStringIncludes(text!.stdout, "needs fixture.greeter (greet)");
  assertStringIncludes(mermaid!.stdout, 'fixture_polite -->|"greet"| fixture_greeter');
  assertStringIncludes(dot!.stdout, '"fixture.polite" -> "fixture.greeter"');
  assertEquals(JSON.parse(json!.stdout).stages.map(({ ids }: { ids: string[] }) => ids), [
    ["fixture.greeter"],
    ["fixture.polite"],
  ]);
});

Deno.test("cordon info and list show a plugin without running it", async () => {
  const info = await runCordon(
    "info",
    "fixture.polite",
    "--dir",
    fixture("polite"),
    "--dir",
    fixture("greeter"),
  );
  assertEquals(info.code, 0);
  assertStringIncludes(info.stdout, "greet ^1");
  const list = await runCordon("list", "--dir", fixture("greeter"), "--json");
  assertEquals(list.json.plugins.map(({ state }: { state: string }) => state), ["ready"]);
});

Deno.test("cordon logs shows what plugins printed, by plugin and level, control characters stripped", async () => {
  await using noisy = await writePlugin({
    "plugin.toml": manifestText("acme.noisy"),
    "main.ts":
      `export function activate(ctx: { log: Record<string, (text: string, facts?: unknown) => void> }) {
      ctx.log.info("ready", { n: 1 });
      console.log("plain \\x1b[31mred");
      console.error("oops");
    }`,
  });
  await using folder = await writePlugin({});
  const data = ["--data", folder.dir];
  await runCordon("run", noisy.dir, "--once", ...data);
  const all = await runCordon("logs", "acme.noisy", "--json", ...data);
  const records = all.stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(
    records.map(({ level, source, message }) => [level, source, message]).sort(),
    [["info", "log", "ready"], ["info", "stdout", "plain \ufffd[31mred"], ["warn", "stderr", "oops"]],
  );
  const grave = await runCordon("logs", "--level", "warn", ...data);
  assertMatch(grave.stdout, /warn +acme\.noisy +oops/);
  assert(!grave.stdout.includes("ready"));
  assertEquals((await runCordon("logs", "nobody.here", ...data)).stdout, "");
});

Deno.test("cordon doctor tries a real plugin", async () => {
  const run = await runCordon("doctor", "--json");
  assertEquals([run.code, run.json.ok], [0, true]);
  assertEquals(
    run.json.findings.map(({ name }: { name: string }) => name),
    ["deno", "data folder", "tier", "limits", "sandbox", "confinement"],
  );
});
