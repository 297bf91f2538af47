import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { manifestText, writePlugin } from "../fixtures/start_host.ts";
import { runCordon } from "./run_cordon.ts";

const ignore = Deno.build.os === "windows";
const MAIN = `export const activate = () => ({
  list: (dir) => [...Deno.readDirSync(dir)].map(({ name }) => name),
  read: (path) => Deno.readTextFileSync(path),
});`;

Deno.test({
  name: "cordon learn shows what was used, and writes it into the manifest",
  ignore,
  async fn() {
    const wide = manifestText(
      "test.wide",
      '# too wide\n[[permissions.read]]\npaths = ["/usr/share/none", "${files}"]\n',
    );
    await using plugin = await writePlugin({ "plugin.toml": wide, "main.ts": MAIN });
    await using files = await writePlugin({ "a b.txt": "a" });
    await using other = await writePlugin({ "c.txt": "c" });
    const common = [
      "learn",
      "test.wide",
      "--dir",
      plugin.dir,
      "--var",
      `files=${files.dir}`,
      "--grant",
      "requested",
      "--call",
      `read "${files.dir}/a b.txt"`,
    ];

    const silent = await runCordon(...common, "--json");
    assertEquals([silent.code, silent.json.error.code], [5, "consent"]);

    const more = ["--call", `list "${other.dir}"`, "--yes"];
    const denied = await runCordon(...common, ...more, "--json");
    assertEquals(denied.code, 0, denied.stderr);
    assertEquals(denied.json.isExact, false);
    assertEquals(denied.json.failures.length, 1);
    assertEquals(denied.json.kept.map(({ text }: { text: string }) => text), ["${files}"]);
    assertEquals(denied.json.unused, [{ kind: "read", text: "/usr/share/none" }]);
    assertEquals(denied.json.added.map(({ text }: { text: string }) => text), [other.dir]);

    const incomplete = await runCordon(...common, ...more, "--write", "--json");
    assertEquals([incomplete.code, incomplete.json.error.code], [1, "learning_incomplete"]);
    assertEquals(await Deno.readTextFile(`${plugin.dir}/plugin.toml`), wide, "left alone");

    const written = await runCordon(...common, ...more, "--within", `read=${other.dir}`, "--write");
    assertEquals(written.code, 0, written.stderr);
    assertMatch(written.stdout, /^remove +read +\/usr\/share\/none/m);
    assertMatch(written.stdout, /^keep +read +\$\{files\}/m);
    assertStringIncludes(written.stderr, "Beyond its manifest it may use read=");
    assertEquals(
      await Deno.readTextFile(`${plugin.dir}/plugin.toml`),
      `${wide.replace('"/usr/share/none", ', "")}\n[[permissions.read]]\npaths = ["${other.dir}"]\n`,
    );
    const exact = await runCordon(...common, ...more, "--for", "50ms", "--write");
    assertStringIncludes(exact.stdout, "asks for exactly what was used");
    assertEquals((await Array.fromAsync(Deno.readDir(plugin.dir))).length, 2, "nothing else is left there");
  },
});

Deno.test("cordon learn says what it cannot read, and names a plugin that is not there", async () => {
  await using plugin = await writePlugin({ "plugin.toml": manifestText("test.plain"), "main.ts": MAIN });
  const cases: [string[], string][] = [
    [["--call", "read {"], "usage"],
    [["--call", ""], "usage"],
    [["--within", "run=/bin/sh"], "usage"],
    [["--for", "soon"], "usage"],
    [["--allow-undeclared"], "policy"],
  ];
  for (const [args, code] of cases) {
    const { json } = await runCordon("learn", "test.plain", "--dir", plugin.dir, ...args, "--yes", "--json");
    assertEquals(json.error.code, code, args.join(" "));
  }
  const { json } = await runCordon("learn", "test.other", "--dir", plugin.dir, "--yes", "--json");
  assertEquals(json.error.code, "not_found");
});
