/**
 * The command line and the environment of a sandbox: what its permissions
 * become, and nothing inherited.
 *
 * @module
 */

import { renderPermissionFlags } from "../permissions/deno_options.ts";
import {
  covers,
  createPermissionSet,
  listPermissions,
  type Permission,
  type PermissionSet,
} from "../permissions/permission_set.ts";
import type { SandboxSpec } from "./sandbox.ts";

/** Flags of every sandbox, and of the launcher: no configuration, no package resolution, no network loading, no prompt. */
export const FIXED_FLAGS: readonly string[] = [
  "--quiet",
  "--no-prompt",
  "--no-config",
  "--no-lock",
  "--no-npm",
  "--no-remote",
  "--cached-only",
  "--no-check",
  "--node-modules-dir=none",
];

/** The command line of a sandbox. */
export function renderArguments(
  spec: SandboxSpec,
  { bootstrap, socket, tier }: { bootstrap: string; socket: string | undefined; tier: "os" | "deno" },
): string[] {
  const channel: Permission[] = socket === undefined
    ? []
    : [{ kind: "net", value: `unix:${socket}` }, { kind: "read", value: socket }, {
      kind: "write",
      value: socket,
    }];
  const own: PermissionSet = createPermissionSet([
    ...listPermissions(spec.permissions),
    { kind: "read", value: spec.codeDir },
  ]);
  // Revoking a path inside a granted folder would take the folder: such a kind is kept.
  const kept = channel.filter((permission) => covers(own, permission)).map(({ kind }) => kind);
  return [
    "run",
    ...FIXED_FLAGS,
    `--location=https://${spec.id}.plugin.invalid/`,
    ...(spec.heapMib === undefined ? [] : [`--v8-flags=--max-old-space-size=${spec.heapMib}`]),
    ...renderPermissionFlags(createPermissionSet([...listPermissions(own), ...channel])),
    bootstrap,
    socket === undefined ? "stdio" : "unix",
    socket ?? "",
    kept.join(","),
    tier === "os" ? "" : listRemovals(own).join(","),
  ];
}

/**
 * Classes of Node that do what permissions do not cover, and what the kernel
 * stops in tier `os`. Loading them takes up to a quarter of a start each.
 */
function listRemovals({ write }: PermissionSet): string[] {
  return write.length === 0 ? ["threads"] : ["threads", "wasi"];
}

/**
 * The environment of a sandbox: what was granted by name, and what steers Deno.
 *
 * @param broker Socket of the permission broker of a supervised one.
 */
export function renderEnvironment(spec: SandboxSpec, broker?: string): Record<string, string> {
  return {
    ...spec.env,
    ...(Deno.build.os === "windows" ? { SystemRoot: Deno.env.get("SystemRoot") ?? "C:\\Windows" } : {}),
    DENO_DIR: spec.denoDir,
    DENO_NO_PACKAGE_JSON: "1",
    DENO_NO_PROMPT: "1",
    DENO_NO_UPDATE_CHECK: "1",
    ...(broker === undefined ? {} : { DENO_PERMISSION_BROKER_PATH: broker }),
    HOME: spec.scratchDir,
    NO_COLOR: "1",
    TMPDIR: spec.scratchDir,
  };
}
