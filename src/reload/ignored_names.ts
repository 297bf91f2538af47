/**
 * Names of files and folders whose changes concern no plugin: what editors,
 * version control and package tools leave beside the code.
 *
 * @module
 */

const IGNORED_NAMES: ReadonlySet<string> = new Set([
  ".git",
  ".hg",
  ".svn",
  ".jj",
  "node_modules",
  "__pycache__",
  ".idea",
  ".vscode",
  ".DS_Store",
  "Thumbs.db",
  // Vim asks by it whether the folder can be written.
  "4913",
]);

/** Backups, swap files and locks of editors, and what copying tools write into before they rename it. */
const IGNORED_PATTERN = /~$|^\.#|^#.*#$|\.sw[a-z]$|\.(?:tmp|temp|part|crdownload)$|^\.goutputstream-|___jb_/;

/** Whether a file or folder with this name concerns no plugin. */
export function isIgnoredName(name: string): boolean {
  return IGNORED_NAMES.has(name) || IGNORED_PATTERN.test(name);
}

/** Whether a path, relative to what is watched, leads to or through something with such a name. */
export function isIgnoredPath(path: string): boolean {
  return path.split(/[/\\]/).some(isIgnoredName);
}
