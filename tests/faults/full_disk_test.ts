import { assertEquals, assertMatch } from "@std/assert";
import { manifestText, writePlugin } from "../fixtures/start_host.ts";

const PROGRAM = new URL("full_disk_host.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

/** A namespace in which we may mount a small disk that nobody else sees. */
const NAMESPACE = Deno.build.os === "linux" && Deno.uid() === 0
  ? ["--mount"]
  : ["--user", "--map-root-user", "--mount"];

/** Runs a shell script in it; `$1` is where the disk goes. */
function inNamespace(script: string, args: readonly string[]): Deno.Command {
  return new Deno.Command("unshare", {
    args: [...NAMESPACE, "sh", "-c", script, "sh", ...args],
    stdin: "null",
    stderr: "piped",
  });
}

/** Systems differ in whether a user may have such a namespace; without it no disk can be filled harmlessly. */
function canMount(): boolean {
  if (Deno.build.os !== "linux") return false;
  try {
    return inNamespace('mount -t tmpfs tmpfs "$1"', ["/tmp"]).outputSync().success;
  } catch {
    // There is no unshare.
    return false;
  }
}

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
    const disk = await Deno.makeTempDir({ prefix: "cordon-disk-" });
    const { stdout, stderr } = await inNamespace(
      'mount -t tmpfs -o size=24m tmpfs "$1" && exec "$2" run -A --quiet --config "$3" "$4" "$5" "$1"',
      [disk, Deno.execPath(), CONFIG, PROGRAM, plugins.dir],
    ).output();
    await Deno.remove(disk);
    const text = new TextDecoder();
    assertEquals(text.decode(stderr), "");
    const outcome = JSON.parse(text.decode(stdout));

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
