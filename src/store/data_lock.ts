/**
 * One host per data folder: a lock that the kernel gives back when its holder
 * ends, however it ends.
 *
 * @module
 */

import { CordonError } from "../errors.ts";

/** Holds the lock of a data folder. */
export class DataLock implements Disposable {
  readonly #file: Deno.FsFile;

  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /**
   * Takes the lock.
   *
   * @throws {CordonError} `data_in_use`, with the process that holds it.
   */
  static acquire(dataDir: string): DataLock {
    const path = `${dataDir}/host.lock`;
    const file = Deno.openSync(path, { read: true, write: true, create: true, mode: 0o600 });
    if (!file.tryLockSync(true)) {
      file.close();
      const pid = readHolder(path);
      throw new CordonError(
        "data_in_use",
        `Cannot use the data folder "${dataDir}": process ${pid ?? "unknown"} runs a host on it`,
        { hint: "Steer that host, stop it, or name another folder with --data", facts: { pid } },
      );
    }
    try {
      file.truncateSync();
      file.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
      return new DataLock(file);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Gives the lock back. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** Process that holds, or last held, the lock of a data folder. */
export function readHolder(path: string): number | undefined {
  try {
    const pid = Number.parseInt(Deno.readTextFileSync(path), 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch {
    // No file, or one being written: nobody can be named.
    return undefined;
  }
}
