/**
 * The manifest of a plugin folder as a file that can be changed.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import { editPermissions, type PermissionEdit } from "../manifest/edit.ts";
import { MANIFEST_FILES } from "./discovery.ts";

/**
 * Changes what a plugin asks for in its manifest, which is replaced as a whole or left as it is.
 *
 * @param dir Folder of the plugin.
 * @returns The path of the manifest.
 * @throws {CordonError} `not_editable`, or `not_found` if there is no manifest.
 */
export async function rewriteManifest(dir: string, edit: PermissionEdit): Promise<string> {
  for (const name of MANIFEST_FILES) {
    const path = `${dir}/${name}`;
    let text: string;
    try {
      text = await Deno.readTextFile(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      throw error;
    }
    const edited = editPermissions(text, path, edit);
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
