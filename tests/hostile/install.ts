/**
 * Puts hostile plugins into place, with what cannot stand in a repository.
 *
 * @module
 */

import type { Attack } from "./corpus.ts";

const RUNNERS = new URL("runners", import.meta.url).pathname;

/** Puts a copy of an attack into `dir`. */
export async function install(
  { dir: source, make }: Attack,
  { dir, outside }: { dir: string; outside: string },
): Promise<void> {
  await copyFolder(source, dir);
  if (make.runner !== undefined) await copyFolder(`${RUNNERS}/${make.runner}`, dir);
  const place = async (file: string) => {
    const path = `${dir}/${file}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    return path;
  };
  const isThere = new Set((await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name));
  for (
    const file of [
      ...Object.keys(make.symlinks ?? {}),
      ...Object.keys(make.hard_links ?? {}),
      ...make.fifos ?? [],
    ]
  ) {
    if (isThere.has(file)) await Deno.remove(`${dir}/${file}`);
  }
  for (const [file, text] of Object.entries(make.files ?? {})) {
    await Deno.writeTextFile(await place(file), text);
  }
  for (const [file, text] of Object.entries(make.bytes ?? {})) {
    await Deno.writeFile(await place(file), Uint8Array.fromBase64(text));
  }
  for (const [file, target] of Object.entries(make.symlinks ?? {})) {
    await Deno.symlink(target.replace("$OUTSIDE", outside), await place(file));
  }
  for (const [file, target] of Object.entries(make.hard_links ?? {})) {
    await Deno.link(target.replace("$OUTSIDE", outside), await place(file));
  }
  for (const file of make.fifos ?? []) await run("mkfifo", await place(file));
  for (const file of make.devices ?? []) await run("mknod", await place(file), "c", "1", "5");
  await forbidRestarts(`${dir}/plugin.toml`);
}

/** Each attack is carried out once: what ended by it does not begin anew beside the next one. */
async function forbidRestarts(path: string): Promise<void> {
  const file = await Deno.lstat(path).catch(() => undefined);
  // Some attack by their manifest.
  if (file?.isFile !== true || file.nlink !== 1) return;
  const text = await Deno.readTextFile(path);
  if (text.includes("[health]") || !text.includes("[plugin]")) return;
  await Deno.writeTextFile(path, `${text}\n[health]\nrestart = "never"\n`);
}

/** Copies a plugin's folder, without what is expected of it. */
export async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (name === "expect.toml") continue;
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args }).output();
  if (!success) throw new Error(`Cannot run "${program}": ${new TextDecoder().decode(stderr)}`);
}
