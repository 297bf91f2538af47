import type { Command } from "./command.ts";

/** Options of {@linkcode ValidationError}. */
export interface ValidationErrorOptions {
  /** The exit code the program should end with. */
  exitCode?: number;
}

/** Says that a command is used wrongly. */
export class ValidationError extends Error {
  /** The exit code the program should end with. */
  readonly exitCode: number;
  /** The command that is used wrongly. */
  // deno-lint-ignore no-explicit-any
  cmd?: Command<any>;

  /** Creates the error from its message. */
  constructor(message: string, { exitCode = 2 }: ValidationErrorOptions = {}) {
    super(message);
    this.exitCode = exitCode;
  }
}
