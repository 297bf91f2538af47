/**
 * What a replay does not compare: `log` passes over whole messages,
 * `result.value.took` over a part of them. The first word names messages: a
 * request or notification by its method, an answer by `result` or `error` or
 * by the method of the plugin that it answers. The words after it lead to a
 * value, `*` standing for any key; what is beneath it is passed over too.
 *
 * @module
 */

import { CordonError } from "../errors.ts";

const MAX_RULES = 256;
const MAX_LENGTH = 512;

/** Rules, ready to be asked. */
export class IgnoreRules {
  readonly #rules: readonly (readonly string[])[];

  /**
   * @param texts The rules.
   * @throws {CordonError} `invalid_input`.
   */
  constructor(texts: readonly string[]) {
    if (texts.length > MAX_RULES) {
      throw new CordonError("invalid_input", `Cannot ignore that: there are more than ${MAX_RULES} rules`);
    }
    this.#rules = texts.map((text) => {
      const words = text.split(".");
      if (text.length <= MAX_LENGTH && words.every((word) => word !== "") && words[0] !== "*") return words;
      throw new CordonError("invalid_input", `Cannot ignore "${text.slice(0, 80)}": it names no message`, {
        hint: "Name a message, and the way to a value in it: log, result.value.took, query.value.*.time",
      });
    });
  }

  /** Whether messages of one of these names are passed over. */
  coversMessage(names: readonly string[]): boolean {
    return this.#rules.some((words) => words.length === 1 && names.includes(words[0]!));
  }

  /** Says of paths in a message of these names whether they are passed over. */
  pathsOf(names: readonly string[]): (path: readonly string[]) => boolean {
    const paths = this.#rules.filter(([name, ...path]) => names.includes(name!) && path.length > 0)
      .map((words) => words.slice(1));
    return (path) =>
      paths.some((rule) =>
        rule.length === path.length && rule.every((word, index) => word === "*" || word === path[index])
      );
  }
}
