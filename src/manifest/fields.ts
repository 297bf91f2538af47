/**
 * Fields that the model of manifests is made of.
 *
 * @module
 */

import { z } from "zod";
import { errorMessage } from "../errors.ts";
import { parseDuration } from "../internal/units.ts";

/** A string that `check` accepts without throwing; its message becomes the problem. */
export function checked(
  check: (text: string) => unknown,
  description: string,
  examples: string[],
): z.ZodString {
  return z.string().superRefine((text, context) => {
    try {
      check(text);
    } catch (error) {
      context.addIssue({ code: "custom", message: errorMessage(error) });
    }
  }).meta({ description, examples });
}

/** A text of some form; `expected` says which. */
export function matching(pattern: RegExp, expected: string): z.ZodString {
  return z.string().max(256).regex(pattern, { error: `expected ${expected}` });
}

/** A duration, with its default in the description. */
export function duration(description: string, fallback?: string): z.ZodString {
  return checked(parseDuration, described(description, fallback), ["250ms", "5s", "10m"]);
}

function described(description: string, fallback: string | undefined): string {
  return fallback === undefined ? description : `${description} Default: \`${fallback}\`.`;
}
