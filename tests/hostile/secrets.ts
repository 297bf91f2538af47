/**
 * Files outside every plugin's folder, each of which holds a canary, in all the
 * forms in which a module could ask for them.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { walk } from "@std/fs";
import { hashText } from "../../src/internal/hash.ts";

const COMMITTED = new URL("outside/", import.meta.url);

/** Writes the files: those of the repository and those that cannot stand there. */
export async function writeSecrets(dir: string, canary: string): Promise<void> {
  const map = { version: 3, sources: [`${canary}.ts`], names: [], mappings: "AAAA" };
  const files: Record<string, string> = {
    ".env": "CANARY=CANARY\n",
    "jsx-runtime.ts": 'export const jsx = () => "CANARY";\n',
    "secret.js.map": JSON.stringify(map),
    "node_modules/secret/index.js": 'module.exports = "CANARY";\n',
    "node_modules/secret/package.json": '{ "name": "secret", "main": "index.js" }\n',
  };
  for await (const { name } of Deno.readDir(COMMITTED)) {
    files[name] = await Deno.readTextFile(new URL(name, COMMITTED));
  }
  await Deno.mkdir(`${dir}/node_modules/secret`, { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${dir}/${file}`, text.replace(/CANARY(?!=)/, canary));
  }
  await Deno.writeFile(`${dir}/secret.wasm`, createModule(canary));
  using database = new DatabaseSync(`${dir}/secret.db`);
  database.exec("CREATE TABLE secrets (secret TEXT)");
  database.prepare("INSERT INTO secrets VALUES (?)").run(canary);
}

/** Makes a folder that attacks are granted, where somebody else has left links that lead out of it. */
export async function shareFolder(dir: string, outside: string): Promise<void> {
  await Deno.mkdir(`${dir}/inside`, { recursive: true });
  await Deno.writeTextFile(`${dir}/note.txt`, "shared");
  await Deno.symlink(`${outside}/secret.txt`, `${dir}/link.txt`);
  await Deno.symlink(outside, `${dir}/folder`);
  await Deno.link(`${outside}/secret.txt`, `${dir}/same.txt`);
}

/** A hash of the names and contents under a folder. */
export async function hashTree(dir: string): Promise<string> {
  const lines: string[] = [];
  for await (const { path, isFile } of walk(dir)) {
    lines.push(`${path} ${isFile ? (await Deno.readFile(path)).toHex() : ""}`);
  }
  return await hashText(lines.sort().join("\n"));
}

/** A WebAssembly module with a custom section. */
function createModule(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, bytes.length + 2, 1, 0x73, ...bytes]);
}
