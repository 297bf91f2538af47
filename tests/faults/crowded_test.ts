import { assertEquals, assertMatch } from "@std/assert";
import { manifestText, writePlugin } from "../fixtures/start_host.ts";
import { TIERS } from "./tiers.ts";

const PROGRAM = new URL("crowded_host.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

/** Descriptors that the host may have: few enough to run out of them at once. */
const DESCRIPTORS = 96;

const ECHO = "export const activate = () => ({ echo: (value) => value });";

for (const { tier, obstacle } of TIERS) {
  Deno.test({
    name: `A host of tier "${tier}" without a free descriptor refuses starts with the reason and goes on`,
    ignore: obstacle !== undefined || Deno.build.os === "windows",
    async fn() {
      await using plugins = await writePlugin({
        "plugins/subject/plugin.toml": manifestText("test.subject"),
        "plugins/subject/main.ts": ECHO,
        "plugins/bystander/plugin.toml": manifestText("test.bystander"),
        "plugins/bystander/main.ts": ECHO,
      });
      const host = new Deno.Command("sh", {
        args: [
          "-c",
          `ulimit -n ${DESCRIPTORS} && exec "$@"`,
          "sh",
          Deno.execPath(),
          ...["run", "-A", "--quiet", "--config", CONFIG, PROGRAM],
          ...[`${plugins.dir}/plugins`, `${plugins.dir}/data`, tier],
        ],
        stdin: "null",
      });
      const { stdout, stderr } = await host.output();
      assertEquals(new TextDecoder().decode(stderr), "");
      const outcome = JSON.parse(new TextDecoder().decode(stdout));
      assertEquals(outcome.call, "crowded");
      assertEquals(outcome.start[0], "start_failed");
      assertMatch(outcome.start[1], /too many open files/i);
      assertEquals(outcome.append, "done");
      assertEquals(outcome.states, ["running", "failed"]);
      assertEquals(outcome.callLater, "room");
      assertEquals(outcome.served, 2);
    },
  });
}
