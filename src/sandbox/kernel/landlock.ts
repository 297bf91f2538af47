/**
 * Puts a Landlock domain in force: files by path, TCP by port, and no signals
 * or abstract sockets to processes outside, as far as the kernel knows these.
 *
 * @module
 */

import type { PathRule, PathUse } from "./launch_order.ts";
import { type Libc, SystemCallError } from "./libc.ts";
import {
  LANDLOCK_ACCESS_FS as FS,
  LANDLOCK_ACCESS_FS_SINCE as SINCE,
  LANDLOCK_ACCESS_NET as NET,
  LANDLOCK_RULE,
  LANDLOCK_SCOPE,
} from "./linux.ts";

/**
 * What each use stands for. Links, devices, sockets and pipes are made by
 * nobody: a link could lead out of a folder that another program trusts.
 */
const RIGHTS: Readonly<Record<PathUse, bigint>> = {
  read: FS.READ_FILE | FS.READ_DIR,
  write: FS.WRITE_FILE | FS.REMOVE_DIR | FS.REMOVE_FILE | FS.MAKE_DIR | FS.MAKE_REG | FS.REFER | FS.TRUNCATE,
  execute: FS.EXECUTE,
};

/** Rights that a rule about a file, not a folder, may have. */
const FILE_RIGHTS = FS.EXECUTE | FS.WRITE_FILE | FS.READ_FILE | FS.TRUNCATE | FS.IOCTL_DEV;

/** Rights about files that a version of the interface handles. */
export function handledFileRights(version: number): bigint {
  return Object.entries(FS)
    .filter(([name]) => (SINCE[name as keyof typeof SINCE] ?? 1) <= version)
    .reduce((rights, [, right]) => rights | right, 0n);
}

/**
 * What a process may use; everything else it may not. Made before it is known
 * what for, so that the rules that all have in common are there in time.
 */
export class Domain {
  readonly #libc: Libc;
  readonly #version: number;
  readonly #files: bigint;
  readonly #ruleset: number;

  /** @param version Version of the interface, at least 1. */
  constructor(libc: Libc, version: number) {
    this.#libc = libc;
    this.#version = version;
    this.#files = handledFileRights(version);
    const ports = version >= 4 ? NET.BIND_TCP | NET.CONNECT_TCP : 0n;
    const scopes = version >= 6 ? LANDLOCK_SCOPE.ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE.SIGNAL : 0n;
    // The structure grew with the interface; an older kernel takes its beginning only.
    const length = version >= 6 ? 3 : version >= 4 ? 2 : 1;
    this.#ruleset = libc.createRuleset(new BigUint64Array([this.#files, ports, scopes].slice(0, length)));
  }

  /** Allows a file, or a folder with what is beneath it; what is not there stays closed. */
  allow({ path, uses }: PathRule): void {
    let descriptor: number;
    try {
      descriptor = this.#libc.openPath(path);
    } catch (error) {
      if (error instanceof SystemCallError && error.errno === 2) return;
      throw error;
    }
    const wanted = uses.reduce((rights, use) => rights | RIGHTS[use], 0n);
    const possible = Deno.lstatSync(path).isDirectory ? this.#files : this.#files & FILE_RIGHTS;
    // struct landlock_path_beneath_attr, packed.
    const attributes = new Uint8Array(12);
    const view = new DataView(attributes.buffer);
    view.setBigUint64(0, wanted & possible, true);
    view.setInt32(8, descriptor, true);
    this.#libc.addRule(this.#ruleset, LANDLOCK_RULE.PATH_BENEATH, attributes);
    this.#libc.close(descriptor);
  }

  /** Allows TCP ports; a kernel that does not know them leaves all open. */
  allowPorts(
    { connect, bind }: { readonly connect: readonly number[]; readonly bind: readonly number[] },
  ): void {
    if (this.#version < 4) return;
    for (const port of new Set([...connect, ...bind])) {
      const rights = (connect.includes(port) ? NET.CONNECT_TCP : 0n) |
        (bind.includes(port) ? NET.BIND_TCP : 0n);
      const attributes = new BigUint64Array([rights, BigInt(port)]);
      this.#libc.addRule(this.#ruleset, LANDLOCK_RULE.NET_PORT, new Uint8Array(attributes.buffer));
    }
  }

  /** Restricts this thread, and what it executes, for good. */
  enter(): void {
    this.#libc.restrictSelf(this.#ruleset);
  }
}
