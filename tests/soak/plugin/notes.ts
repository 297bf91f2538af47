/**
 * What a plugin did, line by line in its `$DATA`. A line is with the kernel
 * before what it tells of counts, so that killing the plugin loses none.
 *
 * @module
 */

/** What is told, each in a file of its own. */
export type Kind = "lives" | "acked" | "taken" | "done" | "errors";

/** Writes down what a plugin did. */
export class Notes {
  /** Which of its lives this is, from 1. */
  readonly life: number;
  readonly #dir: string;
  readonly #files = new Map<Kind, Deno.FsFile>();

  /** @param dir The plugin's `$DATA`. */
  constructor(dir: string) {
    this.#dir = dir;
    this.write("lives", `${Deno.pid}`);
    this.life = Deno.readTextFileSync(`${dir}/lives`).split("\n").length - 1;
  }

  /** Writes a line. */
  write(kind: Kind, line: string): void {
    let file = this.#files.get(kind);
    if (file === undefined) {
      this.#files.set(kind, file = Deno.openSync(`${this.#dir}/${kind}`, { append: true, create: true }));
    }
    file.writeSync(new TextEncoder().encode(`${line}\n`));
  }

  /** Writes down what failed. */
  fail(action: string, error: unknown): void {
    const { code, name, message } = error as { code?: unknown; name?: string; message?: string };
    this.write("errors", JSON.stringify([action, typeof code === "string" ? code : name, message]));
  }
}

/** The error for what must never be. */
export function wrong(what: string, facts: unknown): Error {
  return Object.assign(new Error(JSON.stringify(facts)), { code: `wrong_${what}` });
}
