/**
 * Reads a document that people write, against a model: either all of it is
 * right, or every problem in it is told at once, each with its line.
 *
 * @module
 */

import { parse as parseToml } from "@std/toml";
import type { z } from "zod";
import { errorMessage, type Problem } from "../errors.ts";
import { describeJsonError } from "./json_error.ts";
import { formatKeyPath } from "./key_path.ts";
import { locateJson, locateToml, type Location } from "./locate.ts";

/** Most problems reported of one document. */
const MAX_PROBLEMS = 50;

/** How a document is read. */
export interface DocumentRules<Model extends z.ZodType> {
  /** What is allowed where. */
  readonly model: Model;
  /** Whether it is JSON; TOML otherwise. */
  readonly isJson?: boolean;
  /** Longest text, in characters. */
  readonly maxLength: number;
  /** What such a document is for; said of one that is too long. */
  readonly purpose: string;
  /** Where the keys are described. */
  readonly reference: string;
  /** Words for single keys that are not known, by their path. */
  readonly refusedKeys?: Readonly<Record<string, string>>;
  /** Finds what a model of single fields cannot see; takes a document of any shape. */
  readonly checkWhole?: (document: unknown) => readonly Problem[];
}

/** A document that is right, or everything that is wrong with it. */
export type DocumentReading<Data> =
  | { readonly type: "read"; readonly data: Data }
  | { readonly type: "refused"; readonly problems: readonly Problem[]; readonly cause?: unknown };

/** Reads a document. */
export function readDocument<Model extends z.ZodType>(
  text: string,
  rules: DocumentRules<Model>,
): DocumentReading<z.infer<Model>> {
  const { model, isJson = false, maxLength, purpose, checkWhole } = rules;
  if (text.length > maxLength) {
    const message = `is larger than ${maxLength / 1024} KiB: ${purpose}`;
    return { type: "refused", problems: [{ message }] };
  }
  let document: unknown;
  try {
    document = isJson ? JSON.parse(text) : parseToml(text);
  } catch (cause) {
    const problem = isJson ? jsonProblem(text, cause as Error) : tomlProblem(cause);
    return { type: "refused", problems: [problem], cause };
  }
  const locations = isJson ? locateJson(text) : locateToml(text);
  const result = model.safeParse(document, { reportInput: true });
  const problems: Problem[] = [
    ...locations.duplicates.map((path) => ({ path: formatKeyPath(path), message: "stands here twice" })),
    ...(result.success ? [] : result.error.issues.flatMap((issue) => toProblems(issue, rules))),
    ...checkWhole?.(document) ?? [],
  ].map((problem) => withLine(problem, locations));
  if (problems.length > MAX_PROBLEMS) {
    const rest = problems.length - MAX_PROBLEMS;
    problems.splice(MAX_PROBLEMS, rest, { message: `and ${rest} more problems` });
  }
  return result.success && problems.length === 0
    ? { type: "read", data: result.data }
    : { type: "refused", problems };
}

function jsonProblem(text: string, cause: Error): Problem {
  const { message, line } = describeJsonError(text, cause);
  return { ...(line === undefined ? {} : { line }), message: `is not JSON: ${message}` };
}

function tomlProblem(cause: unknown): Problem {
  const message = errorMessage(cause).split("\n")[0]!;
  const line = /line (\d+)/i.exec(message)?.[1];
  return {
    ...(line === undefined ? {} : { line: Number(line) }),
    message: cause instanceof SyntaxError
      ? `is not TOML: ${message}`
      : `is not TOML that can be read: ${message}`,
  };
}

function toProblems(
  issue: z.core.$ZodIssue,
  { reference, refusedKeys = {} }: Pick<DocumentRules<z.ZodType>, "reference" | "refusedKeys">,
): Problem[] {
  const path = issue.path;
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => formatKeyPath([...path, key])).map((name) => ({
        path: name,
        message: Object.hasOwn(refusedKeys, name)
          ? refusedKeys[name]!
          : `is not known here: see ${reference} for what is`,
      }));
    case "invalid_key":
      return [{ path: formatKeyPath(path), message: issue.issues[0]?.message ?? issue.message }];
    case "invalid_type":
      return [{
        path: formatKeyPath(path),
        message: issue.input === undefined
          ? `is missing: expected ${issue.expected}`
          : `expected ${issue.expected}`,
      }];
    default:
      return [{ path: formatKeyPath(path), message: issue.message }];
  }
}

/** Adds the line of the path, or of the nearest thing around it. */
function withLine(problem: Problem, { lines }: Location): Problem {
  for (let path = problem.path; path !== undefined && problem.line === undefined;) {
    const line = lines.get(path);
    if (line !== undefined) return { ...problem, line };
    const shorter = path.replace(/(\[\d+\]|\.?[A-Za-z0-9_-]+|\.?"[^"]*")$/, "");
    path = shorter === path || shorter === "" ? undefined : shorter;
  }
  return problem;
}
