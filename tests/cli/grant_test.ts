import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { manifestText, writePlugin } from "../fixtures/start_host.ts";
import { createCordon, runCordon } from "./run_cordon.ts";

const CLI = new URL("../../cli.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

const ASKS = `[[permissions.read]]
paths = ["/srv/maps"]
reason = "draw maps"
[[permissions.net]]
hosts = ["api.test:443"]
optional = true
`;
const MAIN = `export const activate = () => ({
  reaches: async (host) => (await Deno.permissions.query({ name: "net", host })).state,
});
`;

/** A site in a folder; `flags` lead a command to it. */
async function makeSite(more = ""): Promise<{ dir: string; flags: string[] } & AsyncDisposable> {
  const folder = await writePlugin({
    "plugins/w/plugin.toml": manifestText("acme.weather", ASKS),
    "plugins/w/main.ts": MAIN,
    ...more === "" ? {} : { "cordon.toml": more },
  });
  return {
    dir: folder.dir,
    flags: ["--dir", `${folder.dir}/plugins`, "--data", `${folder.dir}/data`],
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

Deno.test("cordon run in a pipe does not ask, says how on stderr, and ends with 5; after cordon grant it runs", async () => {
  await using site = await makeSite();
  const before = await runCordon("run", "--once", "--json", ...site.flags);
  assertEquals(before.code, 5);
  assertStringIncludes(before.stderr, "cordon grant acme.weather");
  assertStringIncludes(before.stderr, "--grant requested");
  assertEquals(before.json.plugins[0].reason, "consent");

  const granted = await runCordon("grant", "acme.weather", "--json", ...site.flags);
  assertEquals(granted.code, 0);
  assertEquals(granted.json.granted, [{ kind: "read", value: "/srv/maps" }]);
  assertEquals(granted.json.diff.widened, [{ kind: "net", value: "api.test:443" }]);
  assertEquals((await runCordon("run", "--once", ...site.flags)).code, 0);

  const shown = await runCordon("permissions", "acme.weather", ...site.flags);
  assertMatch(shown.stdout, /^granted to 1\.0\.0 on \d{4}-\d\d-\d\d:$/m);
  assertMatch(shown.stdout, /^ {2}\+ net api\.test:443 +not granted$/m);
  assertMatch(shown.stdout, /^ {2}= read \/srv\/maps$/m);
});

Deno.test("cordon grant and revoke take --all, --required, --only, --never, and refuse what does not fit", async (test) => {
  await using site = await makeSite();
  const run = (...args: string[]) => runCordon(...args, "--json", ...site.flags);
  const cases: [string[], number, (json: Record<string, unknown>) => void][] = [
    [["grant", "acme.weather", "--all"], 0, (json) => assertEquals((json.granted as []).length, 2)],
    [["revoke", "acme.weather", "--only", "net:api.test:443"], 0, (json) => {
      assertEquals(json.granted, [{ kind: "read", value: "/srv/maps" }]);
    }],
    [["revoke", "acme.weather", "--only", "net:api.test:443"], 3, () => {}],
    [["revoke", "acme.weather", "--never"], 0, (json) => {
      assertEquals([json.granted, json.reason, typeof json.refused], [[], "consent", "string"]);
    }],
    [["grant", "acme.weather", "--required", "--only", "net:api.test:443", "--supervise"], 0, (json) => {
      assertEquals([(json.granted as []).length, json.supervised, json.refused], [2, true, undefined]);
    }],
    [["grant", "acme.weather", "--only", "net:other.test:443"], 3, () => {}],
    [["grant", "acme.weather", "--all", "--required"], 2, () => {}],
    [["revoke", "acme.weather", "--never", "--only", "net:api.test:443"], 2, () => {}],
    [["grant", "no.body"], 3, () => {}],
    [["reload", "acme.weather"], 6, () => {}],
  ];
  for (const [args, code, look] of cases) {
    await test.step(args.join(" "), async () => {
      const result = await run(...args);
      assertEquals(result.code, code, result.stdout + result.stderr);
      look(result.json);
    });
  }
});

Deno.test("cordon grant does not write over a broken grants.toml: 5, and the lines", async () => {
  await using site = await makeSite();
  await runCordon("grant", "acme.weather", ...site.flags);
  const file = `${site.dir}/data/grants.toml`;
  await Deno.writeTextFile(file, `${await Deno.readTextFile(file)}\nnonsense = true\n`);
  const refused = await runCordon("grant", "acme.weather", "--all", "--json", ...site.flags);
  assertEquals([refused.code, refused.json.error.code], [5, "invalid_grants"]);
  assertMatch(refused.json.error.message, /grants\.toml:\d+: .*nonsense/);
  // What was granted before the mistake holds on.
  assertEquals((await runCordon("run", "--once", ...site.flags)).code, 0);
});

Deno.test("cordon grant, revoke and reload steer a host that runs", async () => {
  await using site = await makeSite();
  await runCordon("grant", "acme.weather", ...site.flags);
  const host = createCordon(["run", "--json", ...site.flags], site.dir).spawn();
  const reader = host.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let text = ""; !text.includes('"type":"start"');) text += (await reader.read()).value ?? "";
    const state = async () =>
      (await runCordon("call", "acme.weather", "reaches", '"api.test:443"', "--json", ...site.flags)).json;
    assertEquals(await state(), { result: "prompt" });
    await runCordon("grant", "acme.weather", "--all", ...site.flags);
    assertEquals(await state(), { result: "granted" });
    await runCordon("revoke", "acme.weather", "--only", "net:api.test:443", ...site.flags);
    assertEquals(await state(), { result: "prompt" });
    const manifest = manifestText("acme.weather", ASKS.replace("/srv/maps", "/srv/charts"));
    await Deno.writeTextFile(`${site.dir}/plugins/w/plugin.toml`, manifest.replace("1.0.0", "1.1.0"));
    const reloaded = await runCordon("reload", "acme.weather", "--json", ...site.flags);
    assertEquals([reloaded.code, reloaded.json.error.code], [5, "consent"]);
    const [plugin] = (await runCordon("list", "--json", ...site.flags)).json.plugins;
    assertEquals([plugin.version, plugin.state, plugin.pending.version], ["1.0.0", "running", "1.1.0"]);
    const granted = (await runCordon("grant", "acme.weather", "--json", ...site.flags)).json;
    assertEquals([granted.version, granted.state], ["1.1.0", "running"]);
  } finally {
    host.kill("SIGTERM");
    await reader.cancel();
    await host.stderr.cancel();
    await host.status;
  }
});

Deno.test("cordon reads cordon.toml of its folder or --config, and the command line wins", async () => {
  await using site = await makeSite(
    'schema = 1\nplugins = ["plugins"]\ndata = "kept"\n[policy]\nmax_exposure = 1\n',
  );
  const config = ["--config", `${site.dir}/cordon.toml`];
  const blocked = await runCordon("list", "--json", ...config);
  assertEquals(blocked.json.plugins.map(({ id, reason }: Record<string, string>) => [id, reason]), [
    ["acme.weather", "policy"],
  ]);
  assert((await Deno.stat(`${site.dir}/kept`)).isDirectory);
  const other = await runCordon(
    "list",
    "--json",
    ...config,
    "--dir",
    `${site.dir}/plugins`,
    "--data",
    `${site.dir}/data`,
  );
  assertEquals(other.code, 0);
  assert((await Deno.stat(`${site.dir}/data`)).isDirectory);
  const here = await createCordon(["list", "--json"], site.dir).output();
  assertStringIncludes(new TextDecoder().decode(here.stdout), '"policy"');

  await Deno.writeTextFile(
    `${site.dir}/cordon.toml`,
    "schema = 1\nplugin = 3\n[policy]\nmax_exposure = 12\n",
  );
  for (const command of ["check", "run", "list"]) {
    const wrong = await runCordon(command, "--json", ...config);
    assertEquals([wrong.code, wrong.json.error.code, wrong.json.error.problems.length], [
      3,
      "invalid_site",
      2,
    ]);
  }
  assertEquals((await runCordon("completions", "bash", ...config)).code, 0);
});

/** Whether this system has util-linux's `script`, which lends a command a terminal. */
function canLendTerminal(): boolean {
  if (Deno.build.os !== "linux") return false;
  try {
    return new Deno.Command("script", { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

Deno.test({
  name: "cordon run asks on a terminal, and the answers are kept",
  // Only a terminal shows this, and nothing but `script` lends one.
  ignore: !canLendTerminal(),
  async fn() {
    await using site = await makeSite();
    const command = [
      Deno.execPath(),
      "run",
      "-A",
      "--quiet",
      "--config",
      CONFIG,
      CLI,
      "run",
      "--once",
      ...site.flags,
    ];
    const terminal = new Deno.Command("script", {
      args: ["-qec", command.map((word) => `'${word}'`).join(" "), "/dev/null"],
      cwd: site.dir,
      env: { NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = terminal.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const writer = terminal.stdin.getWriter();
    let shown = "";
    const answer = async (question: string, line: string) => {
      while (!shown.includes(question)) {
        const { value, done } = await reader.read();
        assert(!done, shown);
        shown += value;
      }
      await writer.write(new TextEncoder().encode(`${line}\n`));
    };
    await answer("Grant to acme.weather: [a]ll", "c");
    await answer("Also “net api.test:443”", "n");
    while (true) {
      const { value, done } = await reader.read();
      if (done) break;
      shown += value;
    }
    await writer.close();
    assertEquals((await terminal.status).code, 0, shown);
    assertStringIncludes(shown, "it says: “draw maps”");
    assertStringIncludes(shown, "1 of 1 plugins run");
    assertStringIncludes(await Deno.readTextFile(`${site.dir}/data/grants.toml`), 'read = ["/srv/maps"]');
    assertEquals((await runCordon("run", "--once", ...site.flags)).code, 0);
  },
});
