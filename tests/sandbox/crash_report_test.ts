import { assertEquals } from "@std/assert";
import { omitSourceLines } from "../../src/sandbox/crash_report.ts";

function filter(lines: readonly string[]): string[] {
  const passed: string[] = [];
  const report = omitSourceLines((line) => passed.push(line));
  for (const line of lines) report.take(line);
  report.end();
  return passed;
}

Deno.test("omitSourceLines() leaves out the line above a caret, and the caret, in a report", () => {
  assertEquals(
    filter(["error: Uncaught Error: x", "root:secret", "\t  ^", "    at a.ts:1:1", "Caused by: y", "s", "^"]),
    ["error: Uncaught Error: x", "    at a.ts:1:1", "Caused by: y"],
  );
});

Deno.test("omitSourceLines() finds a report behind text without an end of line", () => {
  assertEquals(filter(["printed error: Uncaught (in promise) x", "secret", " ^"]), [
    "printed error: Uncaught (in promise) x",
  ]);
  // The line may have been cut inside the first words of the report.
  assertEquals(filter(["x".repeat(8_192), "rror: Uncaught x", "secret", "^"]), [
    "x".repeat(8_192),
    "rror: Uncaught x",
  ]);
});

Deno.test("omitSourceLines() passes other lines on at once", () => {
  const passed: string[] = [];
  const report = omitSourceLines((line) => passed.push(line));
  report.take("underlined");
  report.take("   ^");
  assertEquals(passed, ["underlined", "   ^"]);
});
