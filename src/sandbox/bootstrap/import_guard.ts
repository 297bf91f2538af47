/**
 * Decides what a plugin in a worker can import. A process is started with
 * `--no-npm --no-remote`; a worker shares the host's flags, and what it imports
 * from a registry is downloaded without being asked for a permission.
 *
 * @module
 */

import { registerHooks } from "node:module";

/** Built-in modules that stay within the worker; the others reach the host's process or its threads. */
const OPEN_MODULES = [
  "assert",
  "assert/strict",
  "async_hooks",
  "buffer",
  "child_process",
  "console",
  "constants",
  "crypto",
  "dgram",
  "diagnostics_channel",
  "dns",
  "dns/promises",
  "events",
  "fs",
  "fs/promises",
  "http",
  "http2",
  "https",
  "net",
  "os",
  "path",
  "path/posix",
  "path/win32",
  "perf_hooks",
  "punycode",
  "querystring",
  "readline",
  "readline/promises",
  "sqlite",
  "stream",
  "stream/consumers",
  "stream/promises",
  "stream/web",
  "string_decoder",
  "timers",
  "timers/promises",
  "tls",
  "url",
  "util",
  "util/types",
  "zlib",
];

/**
 * Has every further import of this realm, `require()` included, lead to a file
 * or to an open built-in module. Files are checked by Deno's permissions.
 */
export function guardImports(): void {
  const NativeError = TypeError;
  // Without a prototype, and read with operators only: what the plugin patches is not asked.
  const open: Record<string, true> = Object.create(null);
  for (const name of OPEN_MODULES) open[name] = open[`node:${name}`] = true;

  const schemeOf = (text: string) => {
    let scheme = "";
    for (let at = 0; at < text.length; at++) {
      if (text[at] === ":") return scheme;
      scheme += text[at];
    }
    return "";
  };
  const isPath = (text: string) => text[0] === "." || text[0] === "/";

  registerHooks({
    resolve(specifier, context, next) {
      if (open[specifier] === true || isPath(specifier) || schemeOf(specifier) === "file") {
        const resolved = next(specifier, context);
        if (open[resolved.url] === true || schemeOf(resolved.url) === "file") return resolved;
      }
      throw new NativeError(
        `Cannot import "${specifier}": in a worker, plugins import files and plain built-in modules`,
      );
    },
  });
  // The hooks are run from lists; an accessor on a prototype could put another one in.
  Object.preventExtensions(Array.prototype);
  Object.preventExtensions(Object.prototype);
}
