/**
 * Whether the system can tell of changes in a folder, or whether it has to be
 * looked at again and again.
 *
 * @module
 */

import { statfs } from "node:fs/promises";

/** Types of file systems whose changes may be made on another machine, where nobody here hears of them. */
const REMOTE_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB"],
  [0x01021997, "9P"],
  [0x65735546, "FUSE"],
  [0x00c36400, "Ceph"],
  [0x5346414f, "AFS"],
  [0x786f4256, "VirtualBox"],
  [0x19830326, "BeeGFS"],
]);

/** Most folders beneath one root; beyond that it holds more than plugins. */
const MAX_FOLDERS = 50_000;

/** Why a folder cannot be watched; undefined where it can. */
export async function findObstacle(dir: string): Promise<string | undefined> {
  const remote = await findRemoteFileSystem(dir);
  if (remote !== undefined) return `it is on a network or shared file system (${remote})`;
  return findLinkedFolder(dir);
}

async function findRemoteFileSystem(dir: string): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  // Types are 32 bits wide, and come with their sign.
  return REMOTE_FILE_SYSTEMS.get(Number((await statfs(dir)).type) >>> 0);
}

/** Watching follows links out of the folder: one to `/` would have all of the machine watched. */
function findLinkedFolder(dir: string): string | undefined {
  const open = [dir];
  let count = 0;
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    if (++count > MAX_FOLDERS) return `it holds more than ${MAX_FOLDERS} folders`;
    try {
      for (const { name, isDirectory, isSymlink } of Deno.readDirSync(folder)) {
        const path = `${folder}/${name}`;
        if (isDirectory) open.push(path);
        else if (isSymlink && leadsToFolder(path)) return `"${path}" is a link to a folder`;
      }
    } catch {
      // It has gone, or is closed to this user and so to the watch.
    }
  }
  return undefined;
}

function leadsToFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    // It leads nowhere.
    return false;
  }
}
