/**
 * A sandbox around a few lines of plugin code, without a host; gone with the block.
 *
 * @module
 */

import { createPermissionSet, type Permission } from "../../src/permissions/permission_set.ts";
import type { RpcPeer } from "../../src/rpc/peer.ts";
import { writeBootstrap } from "../../src/sandbox/bootstrap_file.ts";
import { createProcessSandboxes } from "../../src/sandbox/process_sandbox.ts";
import type { Sandbox, SandboxSpec } from "../../src/sandbox/sandbox.ts";

/** What a sandbox is opened with. */
export interface OpenPluginOptions extends Partial<Omit<SandboxSpec, "permissions">> {
  /** Permissions; `$DIR` stands for the folder of the test. */
  readonly permissions?: readonly Permission[];
  readonly transport?: "unix" | "stdio";
}

/** A sandbox whose plugin is loaded and activated. */
export interface OpenedPlugin extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly peer: RpcPeer;
  /** Folder of the test: sockets in `run`, the plugin in `code`, its folders in `data`, `scratch` and `deno`. */
  readonly dir: string;
  /** What the plugin printed: `stdout: …`, `stderr: …`. */
  readonly printed: readonly string[];
  /** Calls a method of the plugin. */
  readonly invoke: (method: string, ...args: unknown[]) => Promise<unknown>;
}

/** Facts of a sandbox in `dir`. */
export function createSpec(dir: string, { permissions = [], ...rest }: OpenPluginOptions = {}): SandboxSpec {
  return {
    id: "test.plugin",
    codeDir: `${dir}/code`,
    dataDir: `${dir}/data`,
    scratchDir: `${dir}/scratch`,
    denoDir: `${dir}/deno`,
    env: {},
    heapMib: undefined,
    bounds: { memoryBytes: undefined, descriptors: 256, fileBytes: undefined },
    handlers: new Map(),
    notifications: new Map(),
    onSpawn: () => {},
    onOutput: () => {},
    ...rest,
    permissions: createPermissionSet(
      permissions.map(({ kind, value }) => ({ kind, value: value.replace("$DIR", dir) })),
    ),
  };
}

/** Opens a sandbox, loads `code` and activates it. */
export async function openPlugin(code: string, options: OpenPluginOptions = {}): Promise<OpenedPlugin> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "cordon-sandbox-" }));
  const printed: string[] = [];
  const onOutput: SandboxSpec["onOutput"] = (stream, line) => void printed.push(`${stream}: ${line}`);
  try {
    for (const name of ["code", "data", "deno", "run", "scratch"]) await Deno.mkdir(`${dir}/${name}`);
    await Deno.writeTextFile(`${dir}/code/main.js`, code);
    const open = createProcessSandboxes({
      bootstrap: await writeBootstrap(`${dir}/bootstrap`),
      socketDir: `${dir}/run`,
      transport: options.transport,
    });
    const sandbox = await open(createSpec(dir, { ...options, onOutput }));
    const opened: OpenedPlugin = {
      sandbox,
      peer: sandbox.peer as RpcPeer,
      dir,
      printed,
      invoke: (method, ...args) => sandbox.peer.call("invoke", [method, args], { timeoutMs: 10_000 }),
      async [Symbol.asyncDispose]() {
        await sandbox[Symbol.asyncDispose]();
        await Deno.remove(dir, { recursive: true });
      },
    };
    try {
      await sandbox.peer.call("load", [{ entry: `file://${dir}/code/main.js` }]);
      await sandbox.peer.call("activate", [{
        id: "test.plugin",
        version: "1.0.0",
        config: {},
        vars: {},
        data: `${dir}/data`,
        subscribes: ["tick"],
      }]);
      return opened;
    } catch (error) {
      await sandbox[Symbol.asyncDispose]();
      throw error;
    }
  } catch (error) {
    await Deno.remove(dir, { recursive: true });
    throw error;
  }
}
