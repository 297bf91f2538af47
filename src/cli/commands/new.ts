/**
 * `cordon new NAME`: the folder of a new plugin.
 *
 * @module
 */

import { dirname, resolve } from "node:path";
import { CordonError, errorMessage, InvalidPluginError, isSystemError } from "../../errors.ts";
import { parseManifest } from "../../manifest/parse.ts";
import type { CommandContext } from "../options.ts";
import { createPluginFiles, type NewPlugin } from "../scaffold.ts";

const DEFAULT_PUBLISHER = "local";

/** Makes `./NAME` and says what to do next. */
export async function newPlugin({ output, options }: CommandContext, name = ""): Promise<number> {
  const plugin = parseName(name, options.publisher as string | undefined);
  const files = await createPluginFiles(plugin);
  const dir = resolve(name);
  await writeFolder(dir, files);
  const id = `${plugin.publisher}.${plugin.name}`;
  output.document({ id, dir, files: Object.keys(files) });
  output.line(`Made ${id} in ./${name}: ${Object.keys(files).join(", ")}`);
  output.line();
  output.line("Next:");
  for (
    const command of [
      `cordon test ./${name}`,
      `cordon call ${plugin.name} hello '"Ada"' --dir ./${name}`,
      `cordon run ./${name}`,
    ]
  ) output.line(`  ${command}`);
  return 0;
}

/** By the rule of the manifest, which is asked itself. */
function parseName(name: string, publisher: string | undefined): NewPlugin {
  const [first = "", ...rest] = name.split(".");
  const plugin = rest.length === 0
    ? { publisher: publisher ?? DEFAULT_PUBLISHER, name: first, folder: name }
    : { publisher: first, name: rest.join("."), folder: name };
  if (publisher !== undefined && publisher !== plugin.publisher) {
    throw new CordonError(
      "invalid_input",
      `Cannot make "${name}" for the publisher "${publisher}": the name has a publisher of its own`,
      { hint: `Give the name alone: cordon new ${plugin.name} --publisher ${publisher}` },
    );
  }
  const id = `${plugin.publisher}.${plugin.name}`;
  const document = { schema: 1, plugin: { id, version: "0.1.0", main: "main.ts" } };
  try {
    parseManifest(JSON.stringify(document), "plugin.json");
  } catch (cause) {
    if (!(cause instanceof InvalidPluginError)) throw cause;
    throw new CordonError("invalid_input", `Cannot make "${id}": ${cause.problems[0]!.message}`, {
      hint:
        `Use letters, digits and "-"; a name without publisher gets that of --publisher, or "${DEFAULT_PUBLISHER}"`,
      cause,
    });
  }
  return plugin;
}

/** Writes a folder as a whole: into one beside it, which then gets its name. */
async function writeFolder(dir: string, files: Readonly<Record<string, string>>): Promise<void> {
  await assertFree(dir);
  try {
    const temporary = await Deno.makeTempDir({ dir: dirname(dir), prefix: ".cordon-new-" });
    try {
      // Of the usual mode: a temporary folder is closed to everybody else.
      const making = `${temporary}/plugin`;
      await Deno.mkdir(making);
      for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${making}/${name}`, text);
      // Where there is an empty one, it may be in the way of the new one.
      await Deno.remove(dir).catch(ignoreMissing);
      await Deno.rename(making, dir);
    } finally {
      await Deno.remove(temporary, { recursive: true });
    }
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    throw new CordonError("not_writable", `Cannot make "${dir}": ${errorMessage(cause)}`, {
      hint: "Go to a folder you can write to",
      cause,
    });
  }
}

async function assertFree(dir: string): Promise<void> {
  const refuse = (state: string) => {
    throw new CordonError("invalid_input", `Cannot make "${dir}": ${state}`, {
      hint: "Choose another name, or move away what is there",
    });
  };
  try {
    for await (const _ of Deno.readDir(dir)) refuse("it exists and is not empty");
  } catch (error) {
    if (error instanceof Deno.errors.NotADirectory) refuse("there is a file of that name");
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
