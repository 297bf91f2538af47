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

/** What is allowed; everything else is not. */
export interface Domain {
  readonly rules: readonly PathRule[];
  readonly connectPorts: readonly number[];
  readonly bindPorts: readonly number[];
}

/** Rights about files that a version of the interface handles. */
export function handledFileRights(version: number): bigint {
  return Object.entries(FS)
    .filter(([name]) => (SINCE[name as keyof typeof SINCE] ?? 1) <= version)
    .reduce((rights, [, right]) => rights | right, 0n);
}

/**
 * Restricts this thread, and what it executes, to a domain.
 *
 * @param version Version of the interface, at least 1.
 * @throws {SystemCallError} If anything fails but a path that is not there, which then stays closed.
 */
export function enterDomain(libc: Libc, { rules, connectPorts, bindPorts }: Domain, version: number): void {
  const files = handledFileRights(version);
  const ports = version >= 4 ? NET.BIND_TCP | NET.CONNECT_TCP : 0n;
  const scopes = version >= 6 ? LANDLOCK_SCOPE.ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE.SIGNAL : 0n;
  // The structure grew with the interface; an older kernel takes its beginning only.
  const length = version >= 6 ? 3 : version >= 4 ? 2 : 1;
  const ruleset = libc.createRuleset(new BigUint64Array([files, ports, scopes].slice(0, length)));
  for (const rule of rules) addPath(libc, ruleset, { rule, handled: files });
  if (version >= 4) {
    for (const port of new Set([...connectPorts, ...bindPorts])) {
      const rights = (connectPorts.includes(port) ? NET.CONNECT_TCP : 0n) |
        (bindPorts.includes(port) ? NET.BIND_TCP : 0n);
      const attributes = new BigUint64Array([rights, BigInt(port)]);
      libc.addRule(ruleset, LANDLOCK_RULE.NET_PORT, new Uint8Array(attributes.buffer));
    }
  }
  libc.restrictSelf(ruleset);
}

function addPath(
  libc: Libc,
  ruleset: number,
  { rule: { path, uses }, handled }: { rule: PathRule; handled: bigint },
): void {
  let descriptor: number;
  try {
    descriptor = libc.openPath(path);
  } catch (error) {
    // Nothing there, nothing to allow.
    if (error instanceof SystemCallError && error.errno === 2) return;
    throw error;
  }
  const wanted = uses.reduce((rights, use) => rights | RIGHTS[use], 0n);
  const rights = wanted & handled & (Deno.lstatSync(path).isDirectory ? handled : FILE_RIGHTS);
  // struct landlock_path_beneath_attr, packed.
  const attributes = new Uint8Array(12);
  const view = new DataView(attributes.buffer);
  view.setBigUint64(0, rights, true);
  view.setInt32(8, descriptor, true);
  libc.addRule(ruleset, LANDLOCK_RULE.PATH_BENEATH, attributes);
  libc.close(descriptor);
}
