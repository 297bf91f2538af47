/**
 * Decides whether a plugin may start, and with what: engines, variables,
 * consent, ceilings, and that it cannot reach Cordon's own files.
 *
 * @module
 */

import { parse, parseRange, satisfies } from "@std/semver";
import { CORDON_VERSION } from "../../internal/version.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { decideEffective } from "../../permissions/effective.ts";
import { findGrant, findRefusal, type Grants } from "../../permissions/grants.ts";
import { isPathKind, listVariables } from "../../permissions/parse.ts";
import {
  isInside,
  listPermissions,
  type Permission,
  type PermissionSet,
} from "../../permissions/permission_set.ts";
import { findSupervisionObstacle } from "../../permissions/supervision.ts";
import { judgeRequests, type RequestVerdict } from "../../permissions/request_verdict.ts";
import { type AdmissionContext, boundsOf, isSupervised, readRequest } from "./plugin_request.ts";
import type { BlockReason } from "../state.ts";

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
  const tier = manifest.run.mode === "worker" ? "worker" : context.tier;
  if (context.policy.requireTier === "os" && tier !== "os") {
    return blocked(
      "policy",
      `${subject}: policy demands tier "os", and it would run in tier "${tier}"`,
      "See what this machine can do: cordon doctor",
    );
  }
  if (context.policy.requireTier === "os" && context.policy.tierFallback === true) {
    return blocked(
      "policy",
      `${subject}: policy demands tier "os" and allows to fall back from it`,
      "Decide for require_tier or tier_fallback",
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

  const { request, scope } = readRequest(manifest, context);
  if (request.problems.length > 0) {
    return { type: "invalid", messages: request.problems.map(({ path, message }) => `${path}: ${message}`) };
  }
  if (request.missingVariables.length > 0 && !context.assumeVariables) {
    const names = request.missingVariables.map((name) => `"${name}"`).join(", ");
    const flags = request.missingVariables.map((name) => `--var ${name}=…`).join(" ");
    return blocked("variable", `${subject}: its permissions need a value for ${names}`, `Add ${flags}`);
  }

  const bounds = boundsOf(manifest, { request, scope, context });
  const { permissions, notGranted, aboveCeiling } = decideEffective(request, bounds);
  if (aboveCeiling.length > 0) {
    return blocked(
      "policy",
      `${subject}: policy forbids ${formatPermissions(aboveCeiling)}`,
      "Raise the ceiling or do without",
    );
  }
  const excess = describeExcess(request.required, context);
  if (excess !== undefined) {
    return blocked("policy", `${subject}: ${excess}`, "Raise max_exposure or do without");
  }
  const refusal = findRefusal(context.grants, manifest.id, manifest.version);
  if (context.grant === "stored" && (notGranted.length > 0 || refusal !== undefined)) {
    const why = refusal === undefined
      ? describeMissing(manifest, notGranted, context.grants)
      : `${manifest.version} was refused on ${refusal.refused.slice(0, 10)}`;
    const hint = `cordon grant ${manifest.id} (while developing: --grant requested)`;
    return blocked("consent", `${subject}: ${why}`, hint);
  }
  const exposed = [...listPermissions(permissions)].find((permission) => isProtected(permission, context));
  if (exposed !== undefined) {
    return blocked(
      "policy",
      `${subject}: ${exposed.kind} of "${exposed.value}" would open Cordon's own data`,
      "Grant a narrower folder, or move the data folder with --data",
    );
  }
  const grantedExcess = describeExcess(permissions, context);
  if (grantedExcess !== undefined) {
    const hint = `Take back what it can do without: cordon revoke ${manifest.id} --only kind:value`;
    return blocked("policy", `${subject}: ${grantedExcess}`, hint);
  }
  const obstacle = isSupervised(manifest.id, context)
    ? findSupervisionObstacle({ mode: manifest.run.mode, permissions, os: context.os })
    : undefined;
  if (obstacle !== undefined) {
    return blocked(
      "policy",
      `${subject}: it is to be supervised, and ${obstacle}`,
      "Take it out of policy.supervise, or grant less",
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
  const { request, scope } = readRequest(manifest, context);
  const named = new Map(
    manifest.permissions.flatMap(({ values }) => values.flatMap(listVariables))
      .map(({ name, fallback }) => [name, fallback]),
  );
  return {
    requests: judgeRequests(manifest.permissions, {
      ...boundsOf(manifest, { request, scope, context }),
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

function describeMissing(
  { id, version }: Manifest,
  notGranted: readonly Permission[],
  grants: Grants,
): string {
  const missing = formatPermissions(notGranted);
  const grant = findGrant(grants, id);
  return grant === undefined || grant.version === version
    ? `nobody granted it ${missing}`
    : `${version} asks for more than was granted to ${grant.version}: ${missing}`;
}

/** Why permissions come to more exposure than the policy allows; undefined where they do not. */
function describeExcess(
  permissions: PermissionSet,
  { policy, scoreOf }: AdmissionContext,
): string | undefined {
  if (policy.maxExposure === undefined) return undefined;
  const { score, reasons } = scoreOf(permissions);
  if (score <= policy.maxExposure) return undefined;
  const shown = reasons.slice(0, 3).map(({ text, points }) => `${text} (${points})`).join(", ");
  return `its exposure would be ${score}, and policy allows ${policy.maxExposure} at most: it ${shown}`;
}

/** Whether a path permission covers or lies in a folder of Cordon's own, but for the plugin's own. */
export function isProtected(
  { kind, value }: Permission,
  context: Pick<AdmissionContext, "dir" | "dataDir" | "scratchDir" | "protectedDirs">,
): boolean {
  const own = [context.dataDir, context.scratchDir, context.dir];
  const within = (inner: string, outer: string) => inner === outer || isInside(inner, outer);
  return isPathKind(kind) && !own.some((dir) => within(value, dir)) &&
    context.protectedDirs.some((dir) => within(dir, value) || within(value, dir));
}

function blocked(reason: BlockReason, message: string, hint: string): Admission {
  return { type: "blocked", reason, message, hint };
}
