import { assertEquals, assertThrows } from "@std/assert";
import { CordonError } from "@cordon/cordon";
import { IgnoreRules } from "../../src/recording/ignore_rules.ts";

Deno.test("IgnoreRules cover messages by name, and values by the way to them", () => {
  const rules = new IgnoreRules(["log", "result.value.took", "query.value.*.score"]);
  assertEquals(rules.coversMessage(["log"]), true);
  assertEquals(rules.coversMessage(["result", "query"]), false);
  const isIgnored = rules.pathsOf(["result", "query"]);
  const cases: [path: string, ignored: boolean][] = [
    ["value.took", true],
    ["value.3.score", true],
    ["value", false],
    ["value.3", false],
    ["value.3.score.more", false],
  ];
  for (const [path, ignored] of cases) assertEquals(isIgnored(path.split(".")), ignored, path);
  assertEquals(rules.pathsOf(["result", "status"])(["value", "3", "score"]), false);
});

Deno.test("IgnoreRules refuse what names nothing, and more of them than anybody needs", () => {
  const cases = [[""], ["a..b"], [".a"], ["*"], ["*.value"], ["x".repeat(600)], Array(300).fill("log")];
  for (const texts of cases) {
    assertEquals(assertThrows(() => new IgnoreRules(texts), CordonError).code, "invalid_input");
  }
});
