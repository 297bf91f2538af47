import { assertEquals, assertMatch } from "@std/assert";
import { manifestText, writePlugin } from "../fixtures/start_host.ts";
import { canMount, runOnSmallDisk } from "./small_disk.ts";

const PROGRAM = new URL("full_disk_host.ts", import.meta.url).pathname;
const ECHO = 'export const activate = () => ({ echo(value) { console.log("echo"); return value; } });';

Deno.test({
  name: "A host whose disk is full says so, keeps its plugins running and loses nothing it acknowledged",
  ignore: !canMount(),
  async fn() {
    await using plugins = await writePlugin({
      "subject/plugin.toml": manifestText("test.subject"),
      "subject/main.ts": ECHO,
      "bystander/plugin.toml": manifestText("test.bystander", '[health]\nrestart = "never"\n'),
      "bystander/main.ts": ECHO,
    });
    const { stdout, stderr } = await runOnSmallDisk(PROGRAM, { folder: plugins.dir, mib: 24 });
    assertEquals(stderr, "");
    const outcome = JSON.parse(stdout);

    const full = /Cannot write the database: database or disk is full/;
    assertEquals(outcome.append[0], "not_writable");
    assertMatch(outcome.append[1], full);
    assertEquals(outcome.keptAfterFailure, 0);
    assertEquals(outcome.call, "on a full disk");
    assertEquals(outcome.states, ["failed", "stopped"]);
    assertMatch(outcome.start.join(" "), full);
    assertEquals(outcome.open[0], "not_writable");
    assertMatch(outcome.notices.join("\n"), /What happens to plugins cannot be kept/);
    assertMatch(outcome.notices.join("\n"), /Cannot write the log "DATA/);

    assertEquals(outcome.callLater, "room");
    assertEquals(outcome.noticesLater, ["What happens to plugins is kept again"]);
    assertEquals(outcome.journal, [
      "plugin.exit test.bystander",
      "plugin.state test.bystander failed",
      "plugin.state test.subject stopping",
      "plugin.exit test.subject",
      "plugin.state test.subject stopped",
      "plugin.state test.subject starting",
      "plugin.state test.subject failed",
      "plugin.state test.subject starting",
      "plugin.state test.subject running",
    ]);
    assertEquals(outcome.registry, [
      { id: "test.bystander", state: "failed" },
      { id: "test.subject", state: "stopped" },
    ]);
    assertEquals(outcome.lastLine, "echo");
  },
});
