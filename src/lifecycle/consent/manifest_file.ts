/**
 * The manifest of a plugin folder as a file that can be changed.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import { MANIFEST_FILES } from "../discovery.ts";

/** Makes the new text of a manifest from its old one and its path. */
export type ManifestEdit = (text: string, path: string) => string;

/**
 * Changes the manifest of a plugin, which is replaced as a whole or left as it is.
 *
 * @param dir Folder of the plugin.
 * @param edit What is to change.
 * @returns The path of the manifest.
 * @throws {CordonError} `not_editable`, or `not_found` if there is no manifest.
 */
export async function rewriteManifest(dir: string, edit: ManifestEdit): Promise<string> {
  for (const name of MANIFEST_FILES) {
    const path = `${dir}/${name}`;
    let text: string;
    try {
      text = await Deno.readTextFile(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      throw error;
    }
    const edited = edit(text, path);
    const { mode } = await Deno.stat(path);
    const temporary = `${dir}/.${name}.${crypto.randomUUID().slice(0, 8)}`;
    try {
      await Deno.writeTextFile(temporary, edited, { createNew: true, ...(mode === null ? {} : { mode }) });
      await Deno.rename(temporary, path);
    } catch (error) {
      // It may not be there.
      await Deno.remove(temporary).catch(() => {});
      throw error;
    }
    return path;
  }
  throw new CordonError("not_found", `Cannot edit the manifest of "${dir}": there is none`);
}
