import { assertEquals, assertStringIncludes } from "@std/assert";
import { renderReference } from "../tools/write_reference.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("What is generated in docs/ is current", async () => {
  for (const [file, text] of await renderReference()) {
    assertEquals(
      await Deno.readTextFile(new URL(`docs/${file}`, ROOT)),
      text,
      `run "deno task docs" for docs/${file}`,
    );
  }
});

Deno.test("Every relative link in the README and in docs/ leads to a file", async () => {
  const pages = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "links/README.md"];
  for await (const { name } of Deno.readDir(new URL("docs/", ROOT))) {
    if (name.endsWith(".md")) pages.push(`docs/${name}`);
  }
  for (const page of pages) {
    const text = await Deno.readTextFile(new URL(page, ROOT));
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#\s]+)/g)) {
      const info = await Deno.stat(new URL(target!, new URL(page, ROOT)));
      assertEquals(info.isFile, true, `${page} links to ${target}`);
    }
  }
});

Deno.test("README and CI use the same Deno, and no package.json lists it", async () => {
  const versions = new Set<string>();
  for (const file of ["README.md", ".ci/run", ".github/workflows/ci.yml"]) {
    const text = await Deno.readTextFile(new URL(file, ROOT));
    assertStringIncludes(text, "npx -y deno@");
    for (const [, version] of text.matchAll(/deno@(\d+\.\d+\.\d+)/g)) versions.add(version!);
  }
  assertEquals([...versions], ["2.9.6"]);
});
