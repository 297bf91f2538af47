/**
 * What the kernel is told to hold a sandbox to: its effective permissions once
 * more, as files, ports and bounds, for the launcher.
 *
 * @module
 */

import { basename, dirname } from "node:path";
import { classifyHost } from "../permissions/host_class.ts";
import { isInside, type PermissionSet } from "../permissions/permission_set.ts";
import type { LaunchOrder, PathRule } from "./kernel/launch_order.ts";
import type { SandboxSpec } from "./sandbox.ts";

/**
 * What V8 and Deno map for writing before any plugin code runs, and reserve
 * while it does. A bound on data less than this ends every start.
 */
const RUNTIME_DATA_BYTES = 600 * 2 ** 20;

/** The caches of Deno are files, too; a smaller bound would break every start. */
const MIN_FILE_BYTES = 8 * 2 ** 20;

/** Where DNS answers what does not fit into a datagram. */
const DNS_PORT = 53;

/** Addresses of hosts that can be this machine's own. */
const OWN_ADDRESSES: ReadonlySet<string> = new Set(["loopback", "any", "internal"]);

/** Folders of programs and their libraries, readable to a plugin that runs programs. */
const SOFTWARE = ["/usr", "/bin", "/lib", "/lib64", "/etc/alternatives"];

/** What answering a granted fact about the system reads. */
const SYS_FILES: Readonly<Record<string, readonly string[]>> = {
  cpus: ["/proc/cpuinfo", "/proc/stat", "/sys/devices/system/cpu"],
  osRelease: ["/proc/sys/kernel/osrelease"],
  systemMemoryInfo: ["/proc/meminfo"],
  userInfo: ["/etc/passwd"],
  username: ["/etc/passwd"],
};

/** An order, and what could not be said exactly in it. */
export interface Confinement {
  /** For the launcher. */
  readonly order: LaunchOrder;
  /** What the kernel's hold is wider or narrower in than the permissions, as sentences. */
  readonly notes: readonly string[];
}

/** Whether a plugin can do what Deno does not see: run a program or load native code. */
export function leavesDeno({ run, ffi }: PermissionSet): boolean {
  return run.length > 0 || ffi.length > 0;
}

/** Plans the confinement of a sandbox. */
export function planConfinement(
  spec: SandboxSpec,
  { argv, env, bootstrap }: Pick<LaunchOrder, "argv" | "env"> & { readonly bootstrap: string },
): Confinement {
  const { permissions, bounds } = spec;
  const notes: string[] = [];
  const hosts = permissions.net.map(splitHost);
  const bindPorts = hosts.filter(({ host }) => OWN_ADDRESSES.has(classifyHost(host))).map(({ port }) => port);
  const resolvesNames = hosts.some(({ name }) => !isAddress(name));
  return {
    notes,
    order: {
      argv,
      env,
      cwd: spec.scratchDir,
      rules: [
        { path: bootstrap, uses: ["read"] },
        { path: spec.codeDir, uses: ["read"] },
        { path: spec.denoDir, uses: ["read", "write"] },
        ...permissions.read.flatMap((path) => planRead(path, notes)),
        ...permissions.write.flatMap((path) => planWrite(path, spec, notes)),
        ...permissions.run.flatMap(planProgram),
        ...(leavesDeno(permissions) ? listSoftware() : []),
        ...permissions.sys.flatMap((name) => SYS_FILES[name] ?? []).map((path): PathRule => ({
          path,
          uses: ["read"],
        })),
        ...permissions.ffi.map((path): PathRule => ({ path, uses: ["read"] })),
      ],
      connectPorts: [...hosts.map(({ port }) => port), ...(resolvesNames ? [DNS_PORT] : [])],
      bindPorts,
      calls: {
        internet: hosts.length > 0,
        listens: bindPorts.length > 0,
        asksNetwork: resolvesNames || permissions.sys.includes("networkInterfaces"),
        // What leaves Deno's permissions could reach any service of the system by its socket.
        unix: !leavesDeno(permissions),
      },
      resolvesNames,
      limits: {
        descriptors: bounds.descriptors,
        fileBytes: bounds.fileBytes === undefined ? undefined : Math.max(MIN_FILE_BYTES, bounds.fileBytes),
        dataBytes: bounds.memoryBytes === undefined ? undefined : RUNTIME_DATA_BYTES + bounds.memoryBytes,
      },
    },
  };
}

function planRead(path: string, notes: string[]): PathRule[] {
  if (exists(path)) return [{ path, uses: ["read"] }];
  notes.push(`"${path}" is not there: it stays closed until the plugin is started again`);
  return [];
}

/**
 * A rule needs something that exists. What is not there is made where it is to
 * be a folder; a file is left to the plugin, which then may write beside it as
 * far as the kernel is concerned.
 */
function planWrite(path: string, { dataDir, scratchDir }: SandboxSpec, notes: string[]): PathRule[] {
  if (exists(path)) return [{ path, uses: ["write"] }];
  const own = [dataDir, scratchDir].find((dir) => isInside(path, dir));
  if (own !== undefined) return [{ path: own, uses: ["write"] }];
  if (!basename(path).includes(".")) {
    try {
      Deno.mkdirSync(path, { recursive: true });
      return [{ path, uses: ["write"] }];
    } catch (error) {
      notes.push(`"${path}" is not there and cannot be made: ${(error as Error).message}`);
      return [];
    }
  }
  const parent = dirname(path);
  if (!exists(parent)) {
    notes.push(
      `"${path}" is not there, nor is its folder: it stays closed until the plugin is started again`,
    );
    return [];
  }
  notes.push(`"${path}" is not there: the kernel holds its folder "${parent}" open, Deno the file alone`);
  return [{ path: parent, uses: ["write"] }];
}

/** A program with the interpreter that its first line names. */
function planProgram(path: string): PathRule[] {
  const rule: PathRule = { path, uses: ["read", "execute"] };
  const interpreter = readInterpreter(path);
  return interpreter === undefined ? [rule] : [rule, { path: interpreter, uses: ["read", "execute"] }];
}

function readInterpreter(path: string): string | undefined {
  try {
    using file = Deno.openSync(path);
    const head = new Uint8Array(256);
    const text = new TextDecoder().decode(head.subarray(0, file.readSync(head) ?? 0));
    const named = /^#!\s*(\/\S+)/.exec(text)?.[1];
    return named === undefined ? undefined : Deno.realPathSync(named);
  } catch {
    // It cannot be read or is not there: then it cannot be run either.
    return undefined;
  }
}

function listSoftware(): PathRule[] {
  return SOFTWARE.flatMap((path) => {
    try {
      return [{ path: Deno.realPathSync(path), uses: ["read" as const] }];
    } catch {
      // Systems differ in which of them there are.
      return [];
    }
  });
}

function splitHost(value: string): { host: string; name: string; port: number } {
  const at = value.lastIndexOf(":");
  return { host: value, name: value.slice(0, at), port: Number(value.slice(at + 1)) };
}

function isAddress(name: string): boolean {
  return name.startsWith("[") || /^[\d.]+$/.test(name);
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}
