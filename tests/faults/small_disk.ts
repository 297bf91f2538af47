/**
 * Runs a program with a small disk of its own that nobody else sees.
 *
 * @module
 */

/** A namespace in which we may mount one. */
const NAMESPACE = Deno.build.os === "linux" && Deno.uid() === 0
  ? ["--mount"]
  : ["--user", "--map-root-user", "--mount"];

const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

function inNamespace(script: string, args: readonly string[]): Deno.Command {
  return new Deno.Command("unshare", {
    args: [...NAMESPACE, "sh", "-c", script, "sh", ...args],
    stdin: "null",
    stderr: "piped",
  });
}

/** Systems differ in whether a user may have such a namespace; without it no disk can be filled harmlessly. */
export function canMount(): boolean {
  if (Deno.build.os !== "linux") return false;
  try {
    return inNamespace('mount -t tmpfs tmpfs "$1"', ["/tmp"]).outputSync().success;
  } catch {
    // There is no unshare.
    return false;
  }
}

/** Runs a program with a folder and a disk of some MiB as its arguments; returns what it printed. */
export async function runOnSmallDisk(
  program: string,
  { folder, mib }: { folder: string; mib: number },
): Promise<{ stdout: string; stderr: string }> {
  const disk = await Deno.makeTempDir({ prefix: "cordon-disk-" });
  try {
    const { stdout, stderr } = await inNamespace(
      'mount -t tmpfs -o size="$6m" tmpfs "$1" && exec "$2" run -A --quiet --config "$3" "$4" "$5" "$1"',
      [disk, Deno.execPath(), CONFIG, program, folder, String(mib)],
    ).output();
    const text = new TextDecoder();
    return { stdout: text.decode(stdout), stderr: text.decode(stderr) };
  } finally {
    await Deno.remove(disk);
  }
}
