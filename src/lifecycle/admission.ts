/**
 * Decides whether a plugin may start, and with what: engines, variables,
 * consent, ceilings, and that it cannot reach Cordon's own files.
 *
 * @module
 */

import { parse, parseRange, satisfies } from "@std/semver";
import { CORDON_VERSION } from "../internal/version.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { decideEffective, resolveRequest } from "../permissions/effective.ts";
import { isPathKind, listVariables, type PermissionScope } from "../permissions/parse.ts";
import {
  isInside,
  listPermissions,
  NO_PERMISSIONS,
  type Permission,
  type PermissionSet,
} from "../permissions/permission_set.ts";
import { judgeRequests, type RequestVerdict } from "../permissions/request_verdict.ts";
import type { LimitPolicy } from "./plugin_limits.ts";
import type { BlockReason } from "./state.ts";

/** What the site allows. */
export interface Policy extends LimitPolicy {
  /** What any plugin may have at most; undefined stands for no bound. */
  readonly ceiling?: PermissionSet;
  /** The weakest boundary allowed. @default {"deno"} */
  readonly requireTier?: "os" | "deno";
  /** Whether plugins may run as workers of the host's process, in a tier weaker than any other. @default {false} */
  readonly allowWorker?: boolean;
}

/** Whose consent counts: what was stored, or whatever the manifest asks for. */
export type GrantMode = "stored" | "requested";

/** Where things are, and what the administrator decided. */
export interface AdmissionContext {
  /** The plugin's folder, real. */
  readonly dir: string;
  /** Its private folder. */
  readonly dataDir: string;
  /** Its scratch folder. */
  readonly scratchDir: string;
  /** Folders of Cordon's own, closed to every plugin. */
  readonly protectedDirs: readonly string[];
  /** Values of variables, as given. */
  readonly vars: Readonly<Record<string, string>>;
  /** Whose consent counts. */
  readonly grant: GrantMode;
  /** What the site allows. */
  readonly policy: Policy;
  /** Whether a permission whose variable has no value is left out instead of blocking. */
  readonly assumeVariables: boolean;
  /** Makes a path absolute and resolves its links. */
  readonly realPath: (path: string) => string;
  /** Version of Deno. */
  readonly denoVersion: string;
}

/** A variable that a manifest names. */
export interface RequestVariable {
  /** Its name. */
  readonly name: string;
  /** Its value where none is given. */
  readonly default: string | undefined;
  /** Its value here. */
  readonly value: string | undefined;
}

/** A plugin that may start, or what it waits for. */
export type Admission =
  | {
    readonly type: "admitted";
    /** What it may reach. */
    readonly permissions: PermissionSet;
    /** What it may do without and does not have. */
    readonly withheld: readonly Permission[];
    /** Values of the variables its manifest names. */
    readonly vars: Readonly<Record<string, string>>;
  }
  | {
    readonly type: "blocked";
    /** What it waits for. */
    readonly reason: BlockReason;
    /** Why, as one sentence. */
    readonly message: string;
    /** What to do about it. */
    readonly hint: string;
  }
  | { readonly type: "invalid"; readonly messages: readonly string[] };

/** Decides about one plugin. */
export function admit(manifest: Manifest, context: AdmissionContext): Admission {
  const subject = `Cannot start "${manifest.id}"`;
  const engine = checkEngines(manifest, context.denoVersion);
  if (engine !== undefined) {
    return blocked("dependency", `${subject}: ${engine}`, "Install versions that fit");
  }
  if (manifest.run.mode === "worker" && context.policy.allowWorker !== true) {
    return blocked(
      "policy",
      `${subject}: it asks for mode "worker", which shares Cordon's own process and can end it, use up its memory or block a thread for good`,
      'Use run.mode = "process", or allow it with policy.allowWorker where processes cannot be started',
    );
  }
  if (context.policy.requireTier === "os") {
    return blocked(
      "policy",
      `${subject}: policy demands tier "os", and this host offers tier "${
        manifest.run.mode === "worker" ? "worker" : "deno"
      }"`,
      "Relax require_tier",
    );
  }

  const inside = context.protectedDirs.find((dir) => isInside(dir, context.dir));
  if (inside !== undefined) {
    return blocked(
      "policy",
      `${subject}: its own folder, which it may read, holds Cordon's data folder "${inside}"`,
      "Name a data folder outside the plugin, as --data ../.cordon",
    );
  }

  const scope = toScope(manifest, context);
  const request = resolveRequest(manifest.permissions, scope);
  if (request.problems.length > 0) {
    return { type: "invalid", messages: request.problems.map(({ path, message }) => `${path}: ${message}`) };
  }
  if (request.missingVariables.length > 0 && !context.assumeVariables) {
    const names = request.missingVariables.map((name) => `"${name}"`).join(", ");
    const flags = request.missingVariables.map((name) => `--var ${name}=…`).join(" ");
    return blocked("variable", `${subject}: its permissions need a value for ${names}`, `Add ${flags}`);
  }

  const { permissions, notGranted, aboveCeiling } = decideEffective(request, boundsOf(context));
  if (aboveCeiling.length > 0) {
    return blocked(
      "policy",
      `${subject}: policy forbids ${formatPermissions(aboveCeiling)}`,
      "Raise the ceiling or do without",
    );
  }
  if (notGranted.length > 0) {
    return blocked(
      "consent",
      `${subject}: nobody granted it ${formatPermissions(notGranted)}`,
      "Add --grant requested to grant what manifests ask for",
    );
  }
  const exposed = [...listPermissions(permissions)].find((permission) => isProtected(permission, context));
  if (exposed !== undefined) {
    return blocked(
      "policy",
      `${subject}: ${exposed.kind} of "${exposed.value}" would open Cordon's own data`,
      "Grant a narrower folder, or move the data folder with --data",
    );
  }
  const withheld = [...listPermissions(request.optional)].filter(({ kind, value }) =>
    !permissions[kind].includes(value)
  );
  return { type: "admitted", permissions, withheld, vars: scope.vars };
}

/** What each value that the manifest asks for comes to, and the values of its variables. */
export function judgePlugin(
  manifest: Manifest,
  context: AdmissionContext,
): { requests: RequestVerdict[]; variables: RequestVariable[] } {
  const scope = toScope(manifest, context);
  const named = new Map(
    manifest.permissions.flatMap(({ values }) => values.flatMap(listVariables))
      .map(({ name, fallback }) => [name, fallback]),
  );
  return {
    requests: judgeRequests(manifest.permissions, {
      ...boundsOf(context),
      scope,
      isProtected: (permission) => isProtected(permission, context),
    }),
    variables: [...named].map(([name, fallback]) => ({ name, default: fallback, value: scope.vars[name] })),
  };
}

/** Renders permissions for people: `read "/docs", net "127.0.0.1:8080"`. */
export function formatPermissions(permissions: Iterable<Permission>): string {
  return [...permissions].map(({ kind, value }) => `${kind} "${value}"`).join(", ");
}

function checkEngines({ engines }: Manifest, denoVersion: string): string | undefined {
  if (engines.cordon !== undefined && !satisfies(parse(CORDON_VERSION), parseRange(engines.cordon))) {
    return `it needs Cordon ${engines.cordon}, and this is ${CORDON_VERSION}`;
  }
  if (engines.deno !== undefined && !satisfies(parse(denoVersion), parseRange(engines.deno))) {
    return `it needs Deno ${engines.deno}, and this is ${denoVersion}`;
  }
  return undefined;
}

function toScope(manifest: Manifest, context: AdmissionContext): PermissionScope {
  return {
    pluginDir: context.dir,
    dataDir: context.dataDir,
    tmpDir: context.scratchDir,
    vars: resolveVariables(manifest, context),
    realPath: context.realPath,
  };
}

function boundsOf(
  { grant, policy }: AdmissionContext,
): Record<"grant" | "ceiling", PermissionSet | undefined> {
  return { grant: grant === "requested" ? undefined : NO_PERMISSIONS, ceiling: policy.ceiling };
}

/** The variables that the manifest names; those used in paths absolute. */
function resolveVariables(
  { permissions }: Manifest,
  { vars, realPath }: AdmissionContext,
): Record<string, string> {
  const resolved: Record<string, string> = {};
  for (const { kind, values } of permissions) {
    for (const { name, fallback } of values.flatMap(listVariables)) {
      const value = Object.hasOwn(vars, name) ? vars[name] : fallback;
      if (value === undefined) continue;
      if (isPathKind(kind)) resolved[name] = value === "" ? "" : realPath(value);
      else resolved[name] ??= value;
    }
  }
  return resolved;
}

/** Whether a path permission covers or lies in a folder of Cordon's own, but for the plugin's own two. */
function isProtected({ kind, value }: Permission, context: AdmissionContext): boolean {
  const own = [context.dataDir, context.scratchDir, context.dir];
  const within = (inner: string, outer: string) => inner === outer || isInside(inner, outer);
  return isPathKind(kind) && !own.some((dir) => within(value, dir)) &&
    context.protectedDirs.some((dir) => within(dir, value) || within(value, dir));
}

function blocked(reason: BlockReason, message: string, hint: string): Admission {
  return { type: "blocked", reason, message, hint };
}
