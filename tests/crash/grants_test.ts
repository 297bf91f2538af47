import { assert, assertEquals } from "@std/assert";
import { GrantBook } from "../../src/lifecycle/consent/grant_book.ts";
import { Registry } from "../../src/lifecycle/registry.ts";
import { findGrant } from "../../src/permissions/grants.ts";

const VICTIM = new URL("grants_victim.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

Deno.test("A host killed while it writes grants.toml leaves it whole, with every decision that was acknowledged", async () => {
  const dir = await Deno.makeTempDir({ prefix: "cordon-test-" });
  for (let round = 1; round <= 5; round++) {
    const victim = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--config", CONFIG, VICTIM, dir],
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = victim.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let told = "";
    while (told.split("\n").length <= 3 * round) {
      const { value, done } = await reader.read();
      assert(!done, told);
      told += value;
    }
    victim.kill("SIGKILL");
    for (let last = await reader.read(); !last.done; last = await reader.read()) told += last.value;
    await victim.status;
    const acknowledged = Number(told.slice(0, told.lastIndexOf("\n")).split("\n").at(-1));

    const notices: string[] = [];
    using registry = await Registry.open(dir, () => {});
    const book = await GrantBook.open(dir, registry, (message) => notices.push(message));
    const { version, permissions } = findGrant(book.grants, "acme.weather")!;
    assertEquals(notices, []);
    assertEquals(permissions.read.length, 500);
    assert(Number(version.split(".")[2]) >= acknowledged, `${version} after ${acknowledged}`);
  }
  await Deno.remove(dir, { recursive: true });
});
