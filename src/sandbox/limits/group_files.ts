/**
 * The few operations on control files that groups take; a test gives its own.
 *
 * @module
 */

/** Reads and writes the files of control groups. */
export interface GroupFiles {
  /** The text of a file; undefined when it cannot be read. */
  read(path: string): string | undefined;
  /** Writes a value; throws when the kernel refuses it. */
  write(path: string, value: string): void;
  /** Writes a value that the kernel takes its time for, without having everybody else wait. */
  writeSlow(path: string, value: string): Promise<void>;
  /** Makes a group; one that is there is fine. */
  makeGroup(path: string): void;
  /** Removes an empty group. */
  removeGroup(path: string): void;
  /** Names of the groups inside. */
  listGroups(path: string): string[];
}

/** Those of the kernel. */
export const KERNEL_FILES: GroupFiles = {
  read(path) {
    try {
      return Deno.readTextFileSync(path);
    } catch {
      // What cannot be read is not there for us.
      return undefined;
    }
  },
  write(path, value) {
    Deno.writeTextFileSync(path, value, { create: false });
  },
  async writeSlow(path, value) {
    await Deno.writeTextFile(path, value, { create: false });
  },
  makeGroup(path) {
    try {
      Deno.mkdirSync(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  },
  removeGroup(path) {
    Deno.removeSync(path);
  },
  listGroups(path) {
    try {
      return [...Deno.readDirSync(path)].filter((entry) => entry.isDirectory).map((entry) => entry.name);
    } catch {
      // No folder, no groups.
      return [];
    }
  },
};
