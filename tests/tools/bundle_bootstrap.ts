/**
 * Bundles the bootstrap into `src/sandbox/bootstrap_source.ts`, so that it
 * travels inside the library: `deno task bootstrap`. A test checks that the
 * committed file is current.
 *
 * @module
 */

const ROOT = new URL("../../", import.meta.url);

/** The text that `src/sandbox/bootstrap_source.ts` ought to have. */
export async function renderBootstrapModule(): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "deno", "src/sandbox/bootstrap/main.ts"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) throw new Error(`Cannot bundle the bootstrap: ${new TextDecoder().decode(stderr)}`);
  const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
  return [
    "// Made from bootstrap/ by `deno task bootstrap`. Change it there.",
    "",
    "/** The bootstrap as one JavaScript module. */",
    "export const BOOTSTRAP_SOURCE: string = [",
    ...lines.map((line) => `  ${JSON.stringify(line)},`),
    '].join("\\n");',
    "",
  ].join("\n");
}

if (import.meta.main) {
  await Deno.writeTextFile(new URL("src/sandbox/bootstrap_source.ts", ROOT), await renderBootstrapModule());
}
