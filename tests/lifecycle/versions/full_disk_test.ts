import { assertEquals, assertMatch } from "@std/assert";
import { canMount, runOnSmallDisk } from "../../faults/small_disk.ts";
import { manifestText, writePlugin } from "../../fixtures/start_host.ts";

const PROGRAM = new URL("full_disk_keeper.ts", import.meta.url).pathname;
const MAIN = 'export const activate = () => ({ answer: () => "here" });';

Deno.test({
  name: "A disk without room for a copy costs the way back, and nothing else",
  ignore: !canMount(),
  async fn() {
    await using plugins = await writePlugin({
      "large/plugin.toml": manifestText("test.large"),
      "large/main.ts": MAIN,
      "large/asset.bin": new Uint8Array(30 * 1024 * 1024),
    });
    const { stdout, stderr } = await runOnSmallDisk(PROGRAM, { folder: plugins.dir, mib: 24 });
    assertEquals(stderr, "");
    const { notices, state, answer, kept, told } = JSON.parse(stdout);
    assertMatch(notices.join("\n"), /^1\.0\.0 of "test\.large" is not kept.*No space left/);
    assertEquals([state, answer, kept, told], ["running", "here", [], ["test.large"]]);
  },
});
