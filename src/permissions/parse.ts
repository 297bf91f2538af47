/**
 * From what a manifest says to canonical permissions. Values are data, never
 * flags: whatever Deno could read as a list, a wildcard or a range is refused.
 *
 * @module
 */

import { isInside, type Permission, type PermissionKind } from "./permission_set.ts";

/** Where the `$` names of a manifest lead, and what its variables stand for. */
export interface PermissionScope {
  /** The plugin's folder. */
  readonly pluginDir: string;
  /** The plugin's private folder. */
  readonly dataDir: string;
  /** The plugin's scratch folder. */
  readonly tmpDir: string;
  /** Values of variables; those used in paths absolute. */
  readonly vars: Readonly<Record<string, string>>;
  /** Resolves symlinks of the part of a path that exists. */
  readonly realPath: (path: string) => string;
}

/** A value refused, or a variable without a value. */
export class PermissionValueError extends Error {
  override readonly name: string = "PermissionValueError";
  /** The variable that has no value, when that is the reason. */
  readonly variable: string | undefined;

  /**
   * @param message What is wrong, without the place.
   * @param variable The variable that has no value.
   */
  constructor(message: string, variable?: string) {
    super(message);
    this.variable = variable;
  }
}

/** Names of `--allow-sys`, by Deno 2.9. */
export const SYS_NAMES: ReadonlySet<string> = new Set([
  "cpus",
  "getegid",
  "getPriority",
  "gid",
  "homedir",
  "hostname",
  "loadavg",
  "networkInterfaces",
  "osRelease",
  "osUptime",
  "setPriority",
  "statfs",
  "systemMemoryInfo",
  "uid",
  "userInfo",
  "username",
]);

/** Variables that change what Deno or the loader does, and so are never granted. */
const REFUSED_ENV = /^(DENO_|OTEL_|LD_|DYLD_|NODE_OPTIONS$|NODE_EXTRA_CA_CERTS$|SSL_CERT_|NPM_CONFIG_|V8_)/i;

const VARIABLE = /\$\{([a-z][a-z0-9_]*)(?:=([^{}$]*))?\}/g;
// deno-lint-ignore no-control-regex -- control characters are what this finds
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** Names of the variables in a manifest value, with their defaults. */
export function listVariables(text: string): { name: string; fallback: string | undefined }[] {
  return [...text.matchAll(VARIABLE)].map(([, name, fallback]) => ({ name: name!, fallback }));
}

/**
 * Checks a value as far as that is possible without knowing the variables.
 *
 * @throws {PermissionValueError} If no variable could make it acceptable.
 */
export function checkPermissionText(kind: PermissionKind, text: string): void {
  checkText(text);
  if (/\$\{/.test(text.replaceAll(VARIABLE, ""))) {
    throw new PermissionValueError(
      `"${text}" has a variable that is not of the form \${name} or \${name=default}`,
    );
  }
  if (listVariables(text).every(({ fallback }) => fallback !== undefined) || isPathKind(kind)) {
    const vars = Object.fromEntries(
      listVariables(text).map(({ name, fallback }) => [name, fallback ?? "/v"]),
    );
    const scope = {
      // A manifest may be checked on another system than the one it is for.
      pluginDir: isDrivePath(text) ? "C:\\p" : "/p",
      dataDir: "/d",
      tmpDir: "/t",
      vars: isPathKind(kind) ? absolute(vars) : vars,
    };
    parsePermission(kind, text, { ...scope, realPath: (path) => path });
  }
}

/**
 * The canonical permission that a manifest value stands for.
 *
 * @throws {PermissionValueError} If the value is refused or a variable has no value.
 */
export function parsePermission(kind: PermissionKind, text: string, scope: PermissionScope): Permission {
  checkText(text);
  const value = text.replaceAll(VARIABLE, (_, name: string, fallback?: string) => {
    const given = Object.hasOwn(scope.vars, name) ? scope.vars[name] : fallback;
    if (given === undefined) throw new PermissionValueError(`variable "${name}" has no value`, name);
    return given;
  });
  checkText(value);
  switch (kind) {
    case "net":
      return { kind, value: parseHost(value) };
    case "read":
    case "write":
    case "ffi":
      return { kind, value: parsePath(value, scope) };
    case "run":
      return { kind, value: parseProgram(value, scope) };
    case "env":
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(value)) {
        throw new PermissionValueError(
          `"${value}" is no name of a variable: name each one exactly, without wildcards`,
        );
      }
      if (REFUSED_ENV.test(value)) {
        throw new PermissionValueError(`"${value}" steers the runtime and is never granted`);
      }
      return { kind, value };
    case "sys":
      if (!SYS_NAMES.has(value)) {
        throw new PermissionValueError(`"${value}" is none of ${[...SYS_NAMES].join(" ")}`);
      }
      return { kind, value };
    default:
      return kind satisfies never;
  }
}

/** Whether values of this kind are paths that cover what lies beneath them. */
export function isPathKind(kind: PermissionKind): boolean {
  return kind === "read" || kind === "write" || kind === "ffi";
}

function absolute(vars: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(vars).map(([name, value]) => [name, value.startsWith("/") ? value : `/${value}`]),
  );
}

function checkText(text: string): void {
  if (text === "") throw new PermissionValueError("a value is empty");
  if (text.length > 4096) throw new PermissionValueError("a value is longer than 4,096 characters");
  if (CONTROL.test(text)) throw new PermissionValueError(`${JSON.stringify(text)} holds a control character`);
  if (!text.isWellFormed()) throw new PermissionValueError("a value is not well-formed Unicode");
  if (text !== text.trim()) throw new PermissionValueError(`"${text}" begins or ends with white space`);
  if (text.includes(",")) throw new PermissionValueError(`"${text}" holds a comma: give one value an entry`);
  if (text.includes("*")) throw new PermissionValueError(`"${text}" holds a wildcard: name each value`);
}

/**
 * `host:port` with a host name or an IP address in canonical form.
 *
 * @throws {PermissionValueError} If it is none.
 */
export function parseHost(text: string): string {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+):([0-9]{1,5})$/.exec(text);
  if (match === null) {
    if (/^[a-z]+:/i.test(text) && !/^[^:]+:\d*$/.test(text)) {
      throw new PermissionValueError(`"${text}" is no host: give "host:port", without a scheme or path`);
    }
    throw new PermissionValueError(`"${text}" has no port: give "host:port", as "api.example.org:443"`);
  }
  const [, host, port] = match as unknown as [string, string, string];
  if (Number(port) < 1 || Number(port) > 65_535 || String(Number(port)) !== port) {
    throw new PermissionValueError(`"${text}" has no port from 1 to 65535`);
  }
  return `${host.startsWith("[") ? parseIpv6(host) : parseHostName(host)}:${port}`;
}

function parseIpv6(host: string): string {
  const parsed = URL.parse(`http://${host}/`);
  if (parsed === null) throw new PermissionValueError(`"${host}" is no IPv6 address`);
  return parsed.hostname;
}

function parseHostName(host: string): string {
  if (
    host.length > 253 || !/^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*$/.test(host)
  ) {
    throw new PermissionValueError(
      `"${host}" is no host name: give letters, digits, "-" and "." (names in other scripts as "xn--…"), no range, no path`,
    );
  }
  const name = host.toLowerCase();
  if (name === "unix" || name === "vsock") {
    throw new PermissionValueError(`"${host}" is no host name: Deno reads it as a kind of socket`);
  }
  // Other spellings of an address, such as 127.1 or 0x7f.0.0.1, would be two names for one thing.
  const isNumeric = /^(0x[0-9a-f]*|\d+)$/.test(name.split(".").at(-1)!);
  if (isNumeric && !/^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(name)) {
    throw new PermissionValueError(`"${host}" is no IPv4 address in its usual form, as "127.0.0.1"`);
  }
  return name;
}

function parsePath(text: string, scope: PermissionScope): string {
  const match = /^\$(PLUGIN|DATA|TMP)(?=\/|$)/.exec(text);
  const roots = { PLUGIN: scope.pluginDir, DATA: scope.dataDir, TMP: scope.tmpDir };
  const root = match === null ? "" : roots[match[1] as keyof typeof roots];
  const rest = match === null ? text : text.slice(match[0].length);
  if (rest.includes("$")) {
    throw new PermissionValueError(`"${text}" holds a "$": only $PLUGIN, $DATA and $TMP begin a path`);
  }
  if (match === null && !isAbsolute(rest, scope)) {
    throw new PermissionValueError(
      `"${text}" is not absolute: begin with "/", $PLUGIN, $DATA, $TMP or a variable`,
    );
  }
  if (rest.split(/[/\\]/).includes("..")) throw new PermissionValueError(`"${text}" holds ".."`);
  const path = scope.realPath(normalize(root + rest));
  checkText(path);
  if (root !== "" && path !== root && !isInside(path, root)) {
    throw new PermissionValueError(`"${text}" leads to "${path}", which is outside ${match![0]}`);
  }
  return path;
}

function parseProgram(text: string, scope: PermissionScope): string {
  if (!isAbsolute(text, scope)) {
    throw new PermissionValueError(
      `"${text}" is no absolute program: give its whole path, as "/usr/bin/git"`,
    );
  }
  if (text.split(/[/\\]/).includes("..")) throw new PermissionValueError(`"${text}" holds ".."`);
  const program = scope.realPath(normalize(text));
  checkText(program);
  return program;
}

function isAbsolute(path: string, { pluginDir }: PermissionScope): boolean {
  // Where there are no drives, "C:\x" is the name of a file in the host's working folder.
  return path.startsWith("/") || (isDrivePath(path) && isDrivePath(pluginDir));
}

function isDrivePath(path: string): boolean {
  return /^[A-Za-z]:[/\\]/.test(path);
}

/** Drops empty and `.` segments and a slash at the end. */
function normalize(path: string): string {
  if (isDrivePath(path)) {
    const [drive, ...segments] = path.split(/[/\\]+/);
    return `${drive}\\${segments.filter((segment) => segment !== "" && segment !== ".").join("\\")}`;
  }
  return `/${path.split("/").filter((segment) => segment !== "" && segment !== ".").join("/")}`;
}
