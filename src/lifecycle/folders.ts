/**
 * Where a host keeps things.
 *
 * @module
 */

import { dirname, join, resolve } from "node:path";
import { emptyDir, ensureDir, exists } from "@std/fs";
import { CordonError, errorMessage } from "../errors.ts";
import { DataLock } from "../store/data_lock.ts";

/** Longest path of a Unix socket on every system, less what a socket's name takes. */
const MAX_SOCKET_DIR = 80;

/** The folders of one plugin. */
export interface PluginFolders {
  /** Private to the plugin, kept. */
  readonly data: string;
  /** Working folder, emptied at each start. */
  readonly scratch: string;
  /** What Deno compiled for it. */
  readonly deno: string;
  /** Copies of its versions, each by its hash. */
  readonly versions: string;
}

/** The folders of a host, which holds the lock of its data folder. */
export class HostFolders implements AsyncDisposable {
  /** The data folder. */
  readonly data: string;
  /** Sockets of this host; gone when it closes. */
  readonly sockets: string;
  readonly #lock: DataLock;

  constructor(data: string, { sockets, lock }: { sockets: string; lock: DataLock }) {
    this.data = data;
    this.sockets = sockets;
    this.#lock = lock;
  }

  /**
   * Makes the folders of a host, and clears away what a killed one left.
   *
   * @throws {CordonError} `not_writable`, or `data_in_use` while another host runs on the data folder.
   */
  static async open(dataDir: string): Promise<HostFolders> {
    const path = resolve(dataDir);
    try {
      await Deno.mkdir(path, { recursive: true, mode: 0o700 });
      const data = await Deno.realPath(path);
      const lock = DataLock.acquire(data);
      try {
        await clearLeftovers(data);
        await ensureDir(join(data, "work"));
        return new HostFolders(data, { sockets: await makeSocketDir(data), lock });
      } catch (error) {
        lock[Symbol.dispose]();
        throw error;
      }
    } catch (cause) {
      if (cause instanceof CordonError) throw cause;
      throw new CordonError("not_writable", `Cannot use the data folder "${path}": ${errorMessage(cause)}`, {
        hint: "Name a folder you can write to, with --data",
        cause,
      });
    }
  }

  /** Short-lived files. */
  get work(): string {
    return join(this.data, "work");
  }

  /** The bootstrap. */
  get bootstrap(): string {
    return join(this.data, "bootstrap");
  }

  /** Copies of plugins with their packages bundled. */
  get prepared(): string {
    return join(this.data, "prepared");
  }

  /** Folders closed to every plugin. */
  get protected(): readonly string[] {
    return [this.data, this.sockets];
  }

  /** The folders of one plugin. */
  ofPlugin(id: string): PluginFolders {
    const dir = join(this.data, "plugins", id);
    return {
      data: join(dir, "data"),
      scratch: join(dir, "scratch"),
      deno: join(dir, "deno"),
      versions: join(dir, "versions"),
    };
  }

  /** Makes the folders of one plugin; its working folder begins empty. */
  async makeForPlugin(id: string): Promise<PluginFolders> {
    const folders = this.ofPlugin(id);
    if (isMade(folders)) return folders;
    await Promise.all([ensureDir(folders.data), emptyDir(folders.scratch), ensureDir(folders.deno)]);
    return folders;
  }

  /** Removes what lives only as long as the host. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.sockets, { recursive: true });
    this.#lock[Symbol.dispose]();
  }
}

/** Whether the folders are there and the working folder is empty, as after every regular end. */
function isMade({ data, scratch, deno }: PluginFolders): boolean {
  try {
    for (const _ of Deno.readDirSync(scratch)) return false;
    return [data, deno].every((path) => Deno.lstatSync(path).isDirectory);
  } catch {
    // Not there, or not ours to read: making them says which.
    return false;
  }
}

/** Sockets, short-lived files and half-made copies of a host that was killed; the lock says it is gone. */
async function clearLeftovers(data: string): Promise<void> {
  const leftovers = [`${data}/work`];
  for await (const { name } of Deno.readDir(data)) {
    if (name.startsWith("run-")) leftovers.push(`${data}/${name}`);
  }
  if (await exists(`${data}/prepared`)) {
    for await (const { name } of Deno.readDir(`${data}/prepared`)) {
      if (name.startsWith("making-")) leftovers.push(`${data}/prepared/${name}`);
    }
  }
  if (await exists(`${data}/bootstrap`)) {
    for await (const { name } of Deno.readDir(`${data}/bootstrap`)) {
      if (/\.js\.[\da-f-]{36}$/.test(name)) leftovers.push(`${data}/bootstrap/${name}`);
    }
  }
  for (const path of leftovers) if (await exists(path)) await Deno.remove(path, { recursive: true });
}

/** Absolute, with links resolved as far as the path exists. */
export function realPath(path: string): string {
  const absolute = resolve(path);
  try {
    return Deno.realPathSync(absolute);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound) || dirname(absolute) === absolute) return absolute;
    return join(realPath(dirname(absolute)), absolute.slice(dirname(absolute).length));
  }
}

/** In the data folder where that is short enough, else in the user's runtime folder, else among temporary files. */
async function makeSocketDir(dataDir: string): Promise<string> {
  const runtimeDir = Deno.env.get("XDG_RUNTIME_DIR");
  for (const base of [dataDir, runtimeDir]) {
    if (base === undefined || new TextEncoder().encode(base).length > MAX_SOCKET_DIR - 20) continue;
    try {
      return await Deno.makeTempDir({ dir: base, prefix: "run-" });
    } catch {
      // A runtime folder that is not ours: the next one will do.
    }
  }
  return await Deno.realPath(await Deno.makeTempDir({ prefix: "cordon-" }));
}
