/**
 * From the text of a manifest to a `Manifest`, or to every problem in it.
 *
 * @module
 */

import { parse as parseToml } from "@std/toml";
import type { z } from "zod";
import { errorMessage, InvalidPluginError, type Problem } from "../errors.ts";
import { parseDuration, parseRate, parseShare, parseSize } from "../internal/units.ts";
import { PERMISSION_KINDS } from "../permissions/permission_set.ts";
import { checkWhole } from "./check_whole.ts";
import { describeJsonError } from "./json_error.ts";
import { formatKeyPath } from "./key_path.ts";
import { locateJson, locateToml, type Location } from "./locate.ts";
import { MAX_MANIFEST_BYTES } from "./limits.ts";
import type { Manifest, PermissionRequest } from "./manifest.ts";
import { type ManifestDocument, manifestModel, PERMISSION_FIELDS } from "./model.ts";

/** Most problems reported of one manifest. */
const MAX_PROBLEMS = 50;

/**
 * Parses a manifest.
 *
 * @param text Its text.
 * @param file Its path; `.json` is read as JSON, anything else as TOML.
 * @throws {InvalidPluginError} With every problem, each with its path and line.
 */
export function parseManifest(text: string, file: string): Manifest {
  const name = file.split(/[/\\]/).at(-1)!;
  const fail = (problems: Problem[], cause?: unknown): never => {
    throw new InvalidPluginError(
      file,
      problems.map((problem) => ({ file: name, ...problem })),
      cause === undefined ? {} : { cause },
    );
  };
  if (text.length > MAX_MANIFEST_BYTES) {
    fail([{ message: `is larger than ${MAX_MANIFEST_BYTES / 1024} KiB: a manifest holds metadata only` }]);
  }
  const isJson = file.endsWith(".json");
  let document: unknown;
  try {
    document = isJson ? JSON.parse(text) : parseToml(text);
  } catch (cause) {
    fail([isJson ? jsonProblem(text, cause as Error) : tomlProblem(cause)], cause);
  }
  const locations = isJson ? locateJson(text) : locateToml(text);
  const result = manifestModel.safeParse(document, { reportInput: true });
  const problems = [
    ...locations.duplicates.map((path) => ({ path: formatKeyPath(path), message: "stands here twice" })),
    ...(result.success ? [] : result.error.issues.flatMap(toProblems)),
    ...checkWhole(document),
  ].map((problem) => withLine(problem, locations));
  if (problems.length > MAX_PROBLEMS) {
    const rest = problems.length - MAX_PROBLEMS;
    problems.splice(MAX_PROBLEMS, rest, { message: `and ${rest} more problems` });
  }
  if (!result.success || problems.length > 0) return fail(problems);
  return toManifest(result.data);
}

function toManifest(document: ManifestDocument): Manifest {
  const {
    plugin,
    engines = {},
    run = {},
    requires = {},
    events = {},
    limits = {},
    health = {},
    reload = {},
  } = document;
  const { optional = {}, ...required } = requires;
  return {
    id: plugin.id,
    version: plugin.version,
    main: plugin.main,
    name: plugin.name ?? plugin.id,
    description: plugin.description ?? "",
    license: plugin.license,
    homepage: plugin.homepage,
    categories: plugin.categories ?? [],
    stage: plugin.stage ?? "stable",
    engines: { cordon: engines.cordon, deno: engines.deno },
    run: {
      mode: run.mode ?? "process",
      phase: run.phase ?? "services",
      activate: run.activate ?? ["startup"],
      idleStopMs: run.idle_stop === undefined ? undefined : parseDuration(run.idle_stop),
    },
    permissions: toRequests(document),
    requires: required as Record<string, string>,
    optional,
    conflicts: document.conflicts ?? {},
    provides: document.provides ?? {},
    uses: Object.fromEntries(
      Object.entries(document.uses ?? {}).map(([name, use]) => [
        name,
        typeof use === "string"
          ? { version: use, optional: false }
          : { version: use.version, optional: use.optional ?? false },
      ]),
    ),
    events: { publishes: events.publishes ?? [], subscribes: events.subscribes ?? [] },
    limits: {
      memoryBytes: limits.memory === undefined ? undefined : parseSize(limits.memory),
      cpuShare: limits.cpu === undefined ? undefined : parseShare(limits.cpu),
      callTimeoutMs: parseDuration(limits.call_timeout ?? "5s"),
      startTimeoutMs: parseDuration(limits.start_timeout ?? "10s"),
      storageBytes: limits.storage === undefined ? undefined : parseSize(limits.storage),
      fileBytes: limits.file_size === undefined ? undefined : parseSize(limits.file_size),
      descriptors: limits.descriptors,
      threads: limits.threads,
      logRate: parseRate(limits.log_rate ?? "200/s"),
    },
    health: {
      intervalMs: parseDuration(health.interval ?? "15s"),
      timeoutMs: parseDuration(health.timeout ?? "3s"),
      restart: health.restart ?? "on-failure",
      backoffMs: [parseDuration(health.backoff?.[0] ?? "1s"), parseDuration(health.backoff?.[1] ?? "1m")],
      maxRestarts: parseRate(health.max_restarts ?? "5/10m"),
    },
    reload: {
      state: reload.state ?? "none",
      exclusive: reload.exclusive ?? false,
      drainMs: parseDuration(reload.drain ?? "5s"),
    },
    config: document.config && {
      schema: document.config.schema,
      version: document.config.version ?? 1,
      secrets: document.config.secrets ?? [],
    },
    ui: document.ui,
  };
}

function toRequests({ permissions = {} }: ManifestDocument): PermissionRequest[] {
  return PERMISSION_KINDS.flatMap((kind) =>
    (permissions[kind] ?? []).map((entry) => ({
      kind,
      // The model holds one list of strings under the kind's own key.
      values: (entry as Record<string, unknown>)[PERMISSION_FIELDS[kind]] as string[],
      reason: entry.reason as string | undefined,
      optional: entry.optional as boolean | undefined ?? false,
    }))
  );
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

function toProblems(issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path;
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        path: formatKeyPath([...path, key]),
        message: formatKeyPath([...path, key]) === "permissions.import"
          ? "import is never granted: npm and jsr imports are bundled when the plugin is prepared"
          : "is not known here: see docs/manifest.md for what is",
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
