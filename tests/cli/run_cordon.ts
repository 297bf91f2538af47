/**
 * Runs the command line as a process, as its users do.
 *
 * @module
 */

const CLI = new URL("../../cli.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

/** What a command printed and how it ended. */
export interface CordonRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The one JSON document on stdout. */
  // deno-lint-ignore no-explicit-any -- tests look into documents of many shapes
  readonly json: any;
}

/** Runs `cordon` in a folder of its own. */
export async function runCordon(...args: string[]): Promise<CordonRun> {
  const cwd = await Deno.makeTempDir({ prefix: "cordon-cli-" });
  try {
    const { code, stdout, stderr } = await createCordon(args, cwd).output();
    const text = new TextDecoder().decode(stdout);
    return {
      code,
      stdout: text,
      stderr: new TextDecoder().decode(stderr),
      get json() {
        return JSON.parse(text);
      },
    };
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
}

/** The command as a process that is still to be started. */
export function createCordon(
  args: readonly string[],
  cwd: string,
  options: Pick<Deno.CommandOptions, "detached"> = {},
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--config", CONFIG, CLI, ...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...options,
  });
}
