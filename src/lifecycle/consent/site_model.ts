/**
 * The model of `cordon.toml`, and its way into what a host is opened with.
 *
 * @module
 */

import { isAbsolute, resolve } from "node:path";
import { z } from "zod";
import { errorMessage } from "../../errors.ts";
import { parseShare, parseSize } from "../../internal/units.ts";
import { type DocumentReading, readDocument } from "../../manifest/document.ts";
import { CAPABILITY_NAME, PLUGIN_ID } from "../../manifest/model_values.ts";
import { isPathKind, listVariables, parsePermission } from "../../permissions/parse.ts";
import {
  createPermissionSet,
  type Permission,
  PERMISSION_KINDS,
  type PermissionKind,
} from "../../permissions/permission_set.ts";
import { LIMIT_NAMES } from "../../sandbox/limits/limit.ts";
import { realPath } from "../folders.ts";
import type { HostOptions } from "../host_options.ts";

/** Longest file, in characters. */
const MAX_LENGTH = 64 * 1024;

/** What a site file says, as {@linkcode openHost} takes it. */
export type SiteOptions = Partial<
  Pick<HostOptions, "plugins" | "data" | "vars" | "providers" | "policy" | "limits">
>;

/** Text that `parse` takes without throwing; its message becomes the problem. */
function parsed(parse: (text: string) => unknown): z.ZodType<string> {
  return z.string().superRefine((text, context) => {
    try {
      parse(text);
    } catch (error) {
      context.addIssue({ code: "custom", message: errorMessage(error) });
    }
  });
}

const folder = z.string().min(1, { error: "a folder has no name" });
const variable = z.string().regex(/^[a-z][a-z0-9_]*$/, { error: 'expected a name in lower case, as "maps"' });
const capability = z.string().max(256).regex(CAPABILITY_NAME, {
  error: 'expected a capability, as "geocode"',
});
const pluginId = z.string().regex(PLUGIN_ID, { error: 'expected a plugin id, as "acme.weather"' });
const values = (kind: PermissionKind) => z.array(parsed((text) => parseBound(kind, text, "/"))).optional();

const model = z.strictObject({
  schema: z.literal(1, { error: "expected 1, the only version of this format there is" }),
  plugins: z.array(folder).min(1).optional(),
  data: folder.optional(),
  vars: z.record(variable, z.string()).optional(),
  providers: z.record(capability, pluginId).optional(),
  policy: z.strictObject({
    max_exposure: z.number().min(0).max(10, { error: "expected a number from 0 to 10" }).optional(),
    tier: z.enum(["os", "deno"]).optional(),
    require_tier: z.enum(["os", "deno"]).optional(),
    tier_fallback: z.boolean().optional(),
    allow_run: z.boolean().optional(),
    allow_ffi: z.boolean().optional(),
    allow_worker: z.boolean().optional(),
    require_limits: z.array(z.enum(LIMIT_NAMES)).optional(),
    use_cgroups: z.boolean().optional(),
    cpu_excess: z.enum(["throttle", "stop"]).optional(),
    supervise: z.array(pluginId).optional(),
    ceiling: z.strictObject({
      net: values("net"),
      read: values("read"),
      write: values("write"),
      env: values("env"),
      sys: values("sys"),
      run: values("run"),
      ffi: values("ffi"),
    }).optional(),
  }).optional(),
  limits: z.strictObject({
    memory: parsed(parseSize).optional(),
    cpu: parsed(parseShare).optional(),
    storage: parsed(parseSize).optional(),
    file_size: parsed(parseSize).optional(),
    descriptors: z.int().min(16).max(1_000_000).optional(),
    threads: z.int().min(16).max(100_000).optional(),
  }).optional(),
});

/** Reads the text of a site file that lies in `dir`. */
export function readSite(text: string, dir: string): DocumentReading<SiteOptions> {
  const reading = readDocument(text, {
    model,
    maxLength: MAX_LENGTH,
    purpose: "a site file holds a few decisions",
    reference: "docs/site.md",
  });
  return reading.type === "refused" ? reading : { type: "read", data: toOptions(reading.data, dir) };
}

function toOptions(
  { plugins, data, vars, providers, policy, limits }: z.infer<typeof model>,
  dir: string,
): SiteOptions {
  return {
    ...plugins && { plugins: plugins.map((folder) => resolve(dir, folder)) },
    ...data !== undefined && { data: resolve(dir, data) },
    ...vars && { vars: mapValues(vars, (value) => isRelative(value) ? resolve(dir, value) : value) },
    ...providers && { providers },
    ...policy && { policy: toPolicy(policy, dir) },
    ...limits && {
      limits: {
        ...limits.memory !== undefined && { memoryBytes: parseSize(limits.memory) },
        ...limits.cpu !== undefined && { cpuShare: parseShare(limits.cpu) },
        ...limits.storage !== undefined && { storageBytes: parseSize(limits.storage) },
        ...limits.file_size !== undefined && { fileBytes: parseSize(limits.file_size) },
        ...limits.descriptors !== undefined && { descriptors: limits.descriptors },
        ...limits.threads !== undefined && { threads: limits.threads },
      },
    },
  };
}

function toPolicy(
  policy: NonNullable<z.infer<typeof model>["policy"]>,
  dir: string,
): NonNullable<SiteOptions["policy"]> {
  const { ceiling } = policy;
  return {
    ...policy.max_exposure !== undefined && { maxExposure: policy.max_exposure },
    ...policy.tier && { tier: policy.tier },
    ...policy.require_tier && { requireTier: policy.require_tier },
    ...policy.tier_fallback !== undefined && { tierFallback: policy.tier_fallback },
    ...policy.allow_run !== undefined && { allowRun: policy.allow_run },
    ...policy.allow_ffi !== undefined && { allowFfi: policy.allow_ffi },
    ...policy.allow_worker !== undefined && { allowWorker: policy.allow_worker },
    ...policy.require_limits && { requireLimits: policy.require_limits },
    ...policy.use_cgroups !== undefined && { useCgroups: policy.use_cgroups },
    ...policy.cpu_excess && { cpuExcess: policy.cpu_excess },
    ...policy.supervise && { supervise: policy.supervise },
    ...ceiling && {
      ceiling: createPermissionSet(
        PERMISSION_KINDS.flatMap((kind) => (ceiling[kind] ?? []).map((text) => parseBound(kind, text, dir))),
      ),
    },
  };
}

/** A value of the ceiling; `$PLUGIN`, `$DATA` and `$TMP` stay, since they are each plugin's own. */
function parseBound(kind: PermissionKind, text: string, dir: string): Permission {
  if (listVariables(text).length > 0) {
    throw new SyntaxError(`"${text}" holds a variable: name the value itself`);
  }
  if (isPathKind(kind) && /^\$(PLUGIN|DATA|TMP)(\/|$)/.test(text)) {
    const own = { pluginDir: "/$PLUGIN", dataDir: "/$DATA", tmpDir: "/$TMP", vars: {} };
    const { value } = parsePermission(kind, text, { ...own, realPath: (path) => path });
    return { kind, value: value.slice(1) };
  }
  const isFile = (isPathKind(kind) || kind === "run") && text !== "" && !text.includes("$");
  const value = isFile ? resolve(dir, text) : text;
  return parsePermission(kind, value, {
    pluginDir: dir,
    dataDir: dir,
    tmpDir: dir,
    vars: {},
    realPath,
  });
}

function isRelative(value: string): boolean {
  return /^\.{1,2}([/\\]|$)/.test(value) && !isAbsolute(value);
}

function mapValues(
  record: Readonly<Record<string, string>>,
  map: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
