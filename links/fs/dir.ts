import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Makes sure that a directory exists, with its parents. */
export async function ensureDir(dir: string | URL): Promise<void> {
  await Deno.mkdir(dir, { recursive: true });
}

/** Makes sure that a directory exists and holds nothing. */
export async function emptyDir(dir: string | URL): Promise<void> {
  await ensureDir(dir);
  const path = dir instanceof URL ? fileURLToPath(dir) : dir;
  const entries = await Array.fromAsync(Deno.readDir(path));
  await Promise.all(entries.map(({ name }) => Deno.remove(join(path, name), { recursive: true })));
}
