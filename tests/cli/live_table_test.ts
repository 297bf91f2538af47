import { assertEquals } from "@std/assert";
import { LiveTable } from "../../src/cli/live_table.ts";

/** What a table writes, without what has the terminal show it at once. */
function createTable(width: number): { table: LiveTable; take: () => string; terminal: { width: number } } {
  let written = "";
  const terminal = {
    width,
    raw: (text: string) => void (written += text.replace("\x1b[?2026h", "").replace("\x1b[?2026l", "")),
  };
  const take = () => {
    const text = written;
    written = "";
    return text;
  };
  return { table: new LiveTable(terminal), take, terminal };
}

Deno.test("LiveTable draws over what it drew, and prints lines above it", () => {
  const { table, take } = createTable(80);
  table.show(["one", "two"]);
  assertEquals(take(), "\x1b[Jone\ntwo\n");
  table.show(["three"]);
  assertEquals(take(), "\x1b[2A\x1b[Jthree\n");
  table.print(["log"]);
  assertEquals(take(), "\x1b[1A\x1b[Jlog\nthree\n");
  table.show([]);
  assertEquals(take(), "\x1b[1A\x1b[J");
  table.print(["last"]);
  assertEquals(take(), "\x1b[Jlast\n");
});

Deno.test("LiveTable finds its lines again when the terminal became narrower", () => {
  const { table, take, terminal } = createTable(80);
  table.show([`\x1b[32m${"x".repeat(45)}\x1b[0m`, ""]);
  take();
  terminal.width = 20;
  table.show(["y"]);
  assertEquals(take(), "\x1b[4A\x1b[Jy\n");
});
