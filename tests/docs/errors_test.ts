import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

/** What an error is made by: its code is the next text, or one of the next two of a choice. */
const CODES = /(?:CordonError|super|fail)\(\s*(?:[\w.]+ \?[^"`;]*)?"([a-z_]+)"(?:\s*:\s*"([a-z_]+)")?,/g;
/** Not made by us: errors of later versions of the command line. */
const LATER = new Set(["unsolvable"]);

async function* listSources(dir: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    if (isDirectory) yield* listSources(new URL(`${name}/`, dir));
    // Bundles of other sources.
    else if (name.endsWith(".ts") && !name.endsWith("_source.ts")) yield new URL(name, dir);
  }
}

Deno.test("docs/errors.md has every code of an error in src, and no other", async () => {
  const page = await Deno.readTextFile(new URL("docs/errors.md", ROOT));
  const cells = page.split("\n").filter((line) => line.startsWith("| `")).map((line) => line.split("|")[1]!);
  const listed = cells.flatMap((cell) => [...cell.matchAll(/`([a-z_]+)`/g)].map(([, code]) => code!));
  assertEquals(listed, [...new Set(listed)], "a code is listed twice");
  const made = new Set<string>();
  let sources = "";
  for await (const file of listSources(new URL("src/", ROOT))) {
    const text = await Deno.readTextFile(file);
    sources += text;
    for (const [, ...codes] of text.matchAll(CODES)) codes.forEach((code) => code && made.add(code));
  }
  assert(made.size > 60, `${made.size} codes were found`);
  const { EXIT_CODES } = await import("../../src/errors.ts");
  for (const code of Object.keys(EXIT_CODES)) if (!LATER.has(code)) made.add(code);
  assertEquals([...made].filter((code) => !listed.includes(code)).sort(), [], "not on the page");
  assertEquals(listed.filter((code) => !sources.includes(`"${code}"`)), [], "not in the source");
});
