/**
 * The two kinds of failure a caller meets: `CordonError` for what somebody can
 * act on, and everything else for bugs. `code` is stable; the sentence is not.
 *
 * @module
 */

/** What accompanies a {@linkcode CordonError}. */
export interface CordonErrorOptions {
  /** What to do about it, as one sentence. */
  readonly hint?: string;
  /** Facts for programs: paths, ids, figures. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * A failure the caller can act on.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { CordonError } from "@cordon/cordon";
 *
 * const error = new CordonError("not_running", 'Cannot call "acme.geo": it is not running', {
 *   hint: "Start it first",
 * });
 * assertEquals(error.code, "not_running");
 * assertEquals(error.toJSON().hint, "Start it first");
 * ```
 */
export class CordonError extends Error {
  /** Name of the class. */
  override readonly name: string = "CordonError";
  /** Stable, machine-readable kind of the failure, such as `not_running`. */
  readonly code: string;
  /** What to do about it, as one sentence. */
  readonly hint: string | undefined;
  /** Facts for programs: paths, ids, figures. */
  readonly facts: Readonly<Record<string, unknown>>;

  /**
   * Makes an error.
   *
   * @param code Stable kind of the failure.
   * @param message What failed and where, as one sentence without a full stop.
   * @param options Hint, facts and cause.
   */
  constructor(code: string, message: string, options: CordonErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.hint = options.hint;
    this.facts = options.facts ?? {};
  }

  /** The shape that `--json` prints under `error`. */
  toJSON(): Record<string, unknown> {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...this.facts,
    };
  }
}

/** One thing wrong with a manifest or a plugin folder. */
export interface Problem {
  /** File it is in, when the problem belongs to one. */
  readonly file?: string;
  /** Path inside the document, such as `permissions.net[0].hosts[1]`. */
  readonly path?: string;
  /** Line, counted from 1, when it is known. */
  readonly line?: number;
  /** What is wrong and what would do, as one sentence. */
  readonly message: string;
}

/** A plugin folder that cannot be used, with every problem found in it. */
export class InvalidPluginError extends CordonError {
  /** Name of the class. */
  override readonly name: string = "InvalidPluginError";
  /** Every problem found. */
  readonly problems: readonly Problem[];

  /**
   * Makes an error.
   *
   * @param subject Path of the manifest or folder.
   * @param problems Every problem found; at least one.
   * @param options Cause, where there is one.
   */
  constructor(subject: string, problems: readonly Problem[], options: { cause?: unknown } = {}) {
    const lines = problems.map((problem) => `  ${formatProblem(problem)}`);
    super(
      "invalid_plugin",
      `Cannot use "${subject}": ${problems.length} ${problems.length === 1 ? "problem" : "problems"}\n${
        lines.join("\n")
      }`,
      { facts: { subject, problems }, ...options },
    );
    this.problems = problems;
  }
}

/** Renders a problem as `file:line: path: message`. */
export function formatProblem({ file, path, line, message }: Problem): string {
  const place = file === undefined
    ? (line === undefined ? "" : `line ${line}: `)
    : `${file}${line === undefined ? "" : `:${line}`}: `;
  return `${place}${path ? `${path}: ` : ""}${message}`;
}

/** The message of anything thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether something thrown came from the operating system: a full disk, a missing file. */
export function isSystemError(error: unknown): boolean {
  return error instanceof Error && /\(os error \d+\)/.test(error.message);
}

/** Exit codes of the command line, by error code; every other failure exits 1. */
export const EXIT_CODES: Readonly<Record<string, number>> = {
  usage: 2,
  invalid_input: 3,
  invalid_argument: 3,
  invalid_plugin: 3,
  invalid_site: 3,
  not_found: 3,
  conflict: 4,
  no_plugins: 3,
  dependency: 4,
  unsolvable: 4,
  consent: 5,
  policy: 5,
  rejected: 5,
  invalid_grants: 5,
  not_running: 6,
  plugin_down: 6,
  interrupted: 130,
};

/** The exit code that a failure ends the command with. */
export function exitCodeOf(error: unknown): number {
  return error instanceof CordonError ? EXIT_CODES[error.code] ?? 1 : 1;
}
