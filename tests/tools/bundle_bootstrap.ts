/**
 * Bundles what runs in processes of its own into modules, so that it travels
 * inside the library: `deno task bootstrap`. A test checks that the committed
 * files are current.
 *
 * @module
 */

const ROOT = new URL("../../", import.meta.url);

/** The modules made, and in each the constants with their entries and what they are. */
const MODULES = [
  {
    path: "src/sandbox/bootstrap_source.ts",
    origin: "bootstrap/",
    bundles: [
      ["BOOTSTRAP_SOURCE", "bootstrap/main.ts", "The bootstrap of a process as one JavaScript module."],
      [
        "WORKER_BOOTSTRAP_SOURCE",
        "bootstrap/worker_main.ts",
        "The bootstrap of a worker as one JavaScript module.",
      ],
    ],
  },
  {
    path: "src/sandbox/launcher_source.ts",
    origin: "kernel/",
    bundles: [["LAUNCHER_SOURCE", "kernel/launcher_main.ts", "The launcher as one JavaScript module."]],
  },
] as const;

/** The texts that the generated modules ought to have, by path. */
export async function renderEmbeddedModules(): Promise<Map<string, string>> {
  return new Map(
    await Promise.all(MODULES.map(async ({ path, origin, bundles }): Promise<[string, string]> => {
      const constants = await Promise.all(bundles.map(async ([name, entry, description]) => {
        const lines = (await bundle(`src/sandbox/${entry}`)).trimEnd().split("\n");
        return [
          `/** ${description} */`,
          `export const ${name}: string = [`,
          ...lines.map((line) => `  ${JSON.stringify(line)},`),
          '].join("\\n");',
          "",
        ].join("\n");
      }));
      const head = `// Made from ${origin} by \`deno task bootstrap\`. Change it there.`;
      return [path, [head, "", constants.join("\n")].join("\n")];
    })),
  );
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
  for (const [path, text] of await renderEmbeddedModules()) {
    await Deno.writeTextFile(new URL(path, ROOT), text);
  }
}
