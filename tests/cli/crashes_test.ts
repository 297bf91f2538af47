import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { manifestText, writePlugin } from "../fixtures/start_host.ts";
import { runCordon } from "./run_cordon.ts";

Deno.test("cordon crashes shows how plugins ended, and cordon why tells of the last time", async (test) => {
  await using plugin = await writePlugin({
    "plugin.toml": manifestText("local.broken"),
    "main.ts":
      `export function activate() {\n  console.error("token=s3cret");\n  throw new TypeError("no luck");\n}\n`,
  });
  const data = await Deno.makeTempDir({ prefix: "cordon-crashes-" });
  const flags = ["--dir", plugin.dir, "--data", data];
  try {
    const none = await runCordon("crashes", ...flags);
    assertEquals([none.code, none.stdout], [0, "No plugin has crashed.\n"]);
    assertEquals((await runCordon("run", plugin.dir, "--data", data, "--once")).code, 1);

    await test.step("as a table", async () => {
      const [heading, row] = (await runCordon("crashes", ...flags)).stdout.split("\n");
      assertMatch(heading!, /^TIME +PLUGIN +VERSION +WHILE +WHAT$/);
      assertMatch(row!, /local\.broken +1\.0\.0 +starting +TypeError: no luck \(main\.ts:3:9\)$/);
    });

    await test.step("with --last as a page", async () => {
      const { stdout } = await runCordon("crashes", "local.broken", "--last", ...flags);
      assertMatch(stdout, /^local\.broken crashed 20/);
      for (const part of ["What it threw\n  TypeError: no luck\n    at ", "token=(secret)", "memory: "]) {
        assertStringIncludes(stdout, part);
      }
      assert(!stdout.includes("s3cret"));
    });

    await test.step("as JSON", async () => {
      const { json } = await runCordon("crashes", "local.broken", "--json", ...flags);
      assertEquals([json.crashes.length, json.crashes[0].phase], [1, "start"]);
      assertEquals(json.crashes[0].error.at, { file: "main.ts", line: 3, column: 9 });
    });

    await test.step("in cordon why", async () => {
      const { json } = await runCordon("why", "local.broken", "--json", ...flags);
      assertEquals(json.crash.summary, "TypeError: no luck (main.ts:3:9)");
      const { stdout } = await runCordon("why", "local.broken", ...flags);
      assertStringIncludes(stdout, "TypeError: no luck (main.ts:3:9) (cordon crashes local.broken --last)");
    });

    await test.step("and refuses a plugin that is not there", async () => {
      const { code, json } = await runCordon("crashes", "no.body", "--json", ...flags);
      assertEquals([code, json.error.code], [3, "not_found"]);
    });
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});
