/**
 * Hostile plugins: one folder an attack, `<class>/<attack>/`, each a whole
 * plugin and beside it `expect.toml`, which says what has to come of it.
 *
 * An attack has a method `attack(facts)`: what it returns is what it got, unless
 * that begins with `closed:`; when it throws, it was stopped.
 *
 * @module
 */

import { exists } from "@std/fs";
import { parse } from "@std/toml";

/** Classes of attacks, as the folders are called. */
export const CLASSES = [
  "imports",
  "folder",
  "links",
  "environment",
  "processes",
  "native",
  "network",
  "storage",
  "workers",
  "channel",
  "realm",
  "resources",
  "kernel",
] as const;

/** Tiers that each attack is carried out on. */
export const TIERS = ["deno", "os"] as const;

/** A tier that attacks are carried out on. */
export type AttackedTier = typeof TIERS[number];

/** What can come of an attack. */
export const VERDICTS = ["refused before start", "closed", "open"] as const;

/** What came of an attack. */
export type Verdict = typeof VERDICTS[number];

/** What has to come of an attack on one tier. */
export interface Expectation {
  readonly verdict: Verdict;
  /** What stops it, or why it is open. */
  readonly by: string;
  /** Text that an answer, a reason, the log or the journal has to hold. */
  readonly evidence: string | readonly string[];
}

/** What cannot stand in a repository, or would steer our own tools: paths in the folder of the plugin. */
export interface Making {
  /** Files with their text. */
  readonly files?: Readonly<Record<string, string>>;
  /** Files with their bytes, as base64. */
  readonly bytes?: Readonly<Record<string, string>>;
  /** Symbolic links with their targets; `$OUTSIDE` stands for the folder of secrets. */
  readonly symlinks?: Readonly<Record<string, string>>;
  /** Hard links with the file they share. */
  readonly hard_links?: Readonly<Record<string, string>>;
  readonly fifos?: readonly string[];
  /** Device files: takes root. */
  readonly devices?: readonly string[];
  /** A folder of `runners/` to add: it runs `thread.ts` in a thread, or `program.ts` as a granted program. */
  readonly runner?: "thread" | "program";
}

/** What a machine must have for an attack to be tried there. */
export interface Needs {
  /** The rights of root, because others are refused for reasons of their own. */
  readonly root?: boolean;
  /** Programs that are there. */
  readonly programs?: readonly string[];
  /** In tier `os`, the version of Landlock's interface that brought what stops it. */
  readonly landlock?: number;
}

/** One attack. */
export interface Attack {
  readonly className: string;
  readonly name: string;
  /** Its folder in the repository. */
  readonly dir: string;
  /** Missing when there is none in `expect.toml`. */
  readonly deno: Expectation | undefined;
  /** Where it differs from tier `deno`. */
  readonly os: Expectation | undefined;
  readonly make: Making;
  readonly needs: Needs;
}

/** Why an attack cannot be tried on this machine; undefined when it can. */
export async function obstacleTo(
  { needs: { root = false, programs = [], landlock = 0 } }: Attack,
  tier: AttackedTier,
  machine: { readonly isRoot: boolean; readonly landlock: number },
): Promise<string | undefined> {
  if (root && !machine.isRoot) return "it takes root";
  if (tier === "os" && landlock > machine.landlock) {
    return `it takes version ${landlock} of Landlock's interface`;
  }
  for (const path of programs) if (!await exists(path)) return `it takes ${path}`;
  return undefined;
}

/** What has to come of an attack on a tier. */
export function expectationOf({ deno, os }: Attack, tier: AttackedTier): Expectation {
  return (tier === "os" ? os : undefined) ?? deno!;
}

/** Reads the attacks of a class, by name. */
export async function readAttacks(className: string): Promise<Attack[]> {
  const root = new URL(`${className}/`, import.meta.url).pathname;
  const attacks: Attack[] = [];
  for await (const { name, isDirectory } of Deno.readDir(root)) {
    if (isDirectory) attacks.push(await readAttack(`${root}${name}`, { className, name }));
  }
  return attacks.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function readAttack(
  dir: string,
  { className, name }: { className: string; name: string },
): Promise<Attack> {
  const text = await Deno.readTextFile(`${dir}/expect.toml`).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  });
  const { deno, os, make = {}, needs = {} } = parse(text) as Partial<Attack>;
  return { className, name, dir, deno, os, make, needs };
}
