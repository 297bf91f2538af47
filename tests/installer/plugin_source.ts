/**
 * Plugin folders to check and prepare, with the folders that this takes; gone with the block.
 *
 * @module
 */

import type { PluginSource } from "../../src/installer/prepare.ts";

/** A folder for plugins and what is made of them. */
export interface Workshop extends AsyncDisposable {
  readonly dir: string;
  /** Options of `checkSources()`. */
  readonly check: { readonly workDir: string };
  /** Options of `prepareSource()`. */
  readonly prepare: { readonly preparedDir: string };
  /** Writes a plugin; `$DIR` in a file stands for the folder of the test. */
  readonly write: (name: string, files: Readonly<Record<string, string>>) => Promise<PluginSource>;
}

/** Opens a workshop. */
export async function openWorkshop(): Promise<Workshop> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "cordon-installer-" }));
  await Deno.mkdir(`${dir}/work`);
  return {
    dir,
    check: { workDir: `${dir}/work` },
    prepare: { preparedDir: `${dir}/prepared` },
    async write(name, files) {
      for (const [file, text] of Object.entries(files)) {
        const path = `${dir}/${name}/${file}`;
        await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
        await Deno.writeTextFile(path, text.replaceAll("$DIR", dir));
      }
      return { dir: `${dir}/${name}`, main: "main.ts" };
    },
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}
