/**
 * Makes text from outside safe to show on a terminal.
 *
 * @module
 */

// deno-lint-ignore no-control-regex -- control characters are what this removes
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Replaces control characters and direction overrides, keeping tab and newline. */
export function sanitizeText(text: string): string {
  return text.replace(CONTROL, "\ufffd");
}
