/**
 * Bundles the bootstrap into `src/sandbox/bootstrap_source.ts`, so that it
 * travels inside the library: `deno task bootstrap`. A test checks that the
 * committed file is current.
 *
 * @module
 */

const ROOT = new URL("../../", import.meta.url);

/** The constants of the module, their entries and what they are. */
const BUNDLES = [
  ["BOOTSTRAP_SOURCE", "main.ts", "The bootstrap of a process as one JavaScript module."],
  ["WORKER_BOOTSTRAP_SOURCE", "worker_main.ts", "The bootstrap of a worker as one JavaScript module."],
] as const;

/** The text that `src/sandbox/bootstrap_source.ts` ought to have. */
export async function renderBootstrapModule(): Promise<string> {
  const constants = await Promise.all(BUNDLES.map(async ([name, entry, description]) => {
    const lines = (await bundle(`src/sandbox/bootstrap/${entry}`)).trimEnd().split("\n");
    return [
      `/** ${description} */`,
      `export const ${name}: string = [`,
      ...lines.map((line) => `  ${JSON.stringify(line)},`),
      '].join("\\n");',
      "",
    ].join("\n");
  }));
  return ["// Made from bootstrap/ by `deno task bootstrap`. Change it there.", "", constants.join("\n")]
    .join("\n");
}

async function bundle(entry: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "deno", entry],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) throw new Error(`Cannot bundle ${entry}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  await Deno.writeTextFile(new URL("src/sandbox/bootstrap_source.ts", ROOT), await renderBootstrapModule());
}
