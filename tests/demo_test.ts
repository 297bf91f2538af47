import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";

Deno.test("deno task demo builds, serves, searches and checks the docs, and shows one refusal", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", new URL("../plugins/demo.ts", import.meta.url).pathname],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  for (const name of ["files", "links", "markdown", "search", "site", "web"]) {
    assertMatch(text, new RegExp(`^cordon\\.${name} +1\\.0\\.0 +running`, "m"));
  }
  const [, pages, written] = /^(\d+) pages, (\d+) files written, 0 skipped$/m.exec(text) ?? [];
  assertEquals(Number(pages) >= 8, true);
  assertEquals(Number(written) >= Number(pages), true);
  assertMatch(text, /^served at http:\/\/127\.0\.0\.1:\d+\/: "[^"]*Cordon[^"]*"/m);
  assertStringIncludes(text, "docs/sandbox.md");
  assertMatch(text, /^CONTRIBUTING\.md:\d+ {2}links\/README\.md /m);
  assertMatch(text, /^refused: Requires read access to "[^"]+README\.md"$/m);
});
