/**
 * Why a new version did not take over.
 *
 * @module
 */

import { CordonError, errorMessage } from "../errors.ts";

/** What a takeover was doing. */
export type ReloadStep =
  | "start"
  | "drain"
  | "export"
  | "state"
  | "stop"
  | "import"
  | "health"
  | "switch";

const WORDS: Readonly<Record<ReloadStep, string>> = {
  start: "it did not start",
  drain: "what was under way could not be waited for",
  export: "the version that runs could not hand over its state",
  state: "the state does not keep to its schema",
  stop: "the version that ran did not end",
  import: "it could not take the state over",
  health: "it is not well",
  switch: "it could not be put in force",
};

/** A takeover that failed at one plugin. */
export class ReloadFailure extends Error {
  /** The plugin. */
  readonly id: string;
  /** What it was doing. */
  readonly step: ReloadStep;

  /**
   * @param id The plugin.
   * @param step What it was doing.
   * @param cause What happened.
   */
  constructor(id: string, step: ReloadStep, cause: unknown) {
    super(`${WORDS[step]}: ${errorMessage(cause).split("\n")[0]}`, { cause });
    this.id = id;
    this.step = step;
  }

  /** The error for whoever asked, where some version runs on. */
  toError(id: string, runsOn: string | undefined): CordonError {
    const because = this.id === id ? this.message : `"${this.id}", which changed with it: ${this.message}`;
    const goesOn = runsOn === undefined ? "" : ` (${runsOn} runs on)`;
    return new CordonError("reload_failed", `Cannot reload "${id}": ${because}${goesOn}`, {
      hint: this.cause instanceof CordonError && this.cause.hint !== undefined
        ? this.cause.hint
        : `See why: cordon why ${this.id}`,
      facts: { id: this.id, step: this.step },
      cause: this.cause,
    });
  }
}

/**
 * Takes a step.
 *
 * @throws {ReloadFailure} With what it failed with.
 */
export async function takeStep<Result>(
  id: string,
  step: ReloadStep,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (cause) {
    throw cause instanceof ReloadFailure ? cause : new ReloadFailure(id, step, cause);
  }
}
