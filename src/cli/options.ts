/**
 * The options that every command shares, from the command line to what a host
 * is opened with.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { CordonError } from "../errors.ts";
import type { HostOptions } from "../lifecycle/host_options.ts";
import type { SiteOptions } from "../lifecycle/consent/site_model.ts";
import type { Output } from "./output.ts";

/** What a command gets to work with. */
export interface CommandContext {
  /** Where it prints. */
  readonly output: Output;
  /** Its options, by their name in camel case. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What the site's file says, where there is one. */
  readonly site?: SiteOptions;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
}

/** The host options that the shared command line options stand for. */
export function toHostOptions(context: CommandContext, dirs: readonly string[] = []): HostOptions {
  const { options, output, signal, site = {} } = context;
  const named = [...dirs, ...(options.dir as string[] | undefined) ?? []];
  return {
    plugins: named.length > 0 ? named : site.plugins ?? [existsSync("plugins") ? "plugins" : "."],
    data: dataDir(context),
    vars: { ...site.vars, ...parseVariables((options.var as string[] | undefined) ?? []) },
    grant: parseGrant(options.grant as string | undefined),
    policy: site.policy,
    limits: site.limits,
    providers: site.providers,
    onNotice: (message) => output.notice(message),
    signal,
  };
}

/** The data folder: by default beside the plugins, never inside one that the command stands in. */
export function dataDir({ options, site }: CommandContext): string {
  const isPlugin = ["plugin.toml", "plugin.json"].some((name) => existsSync(name));
  return (options.data as string | undefined) ?? site?.data ?? (isPlugin ? "../.cordon" : ".cordon");
}

function parseVariables(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map((text) => {
    const match = /^([a-z][a-z0-9_]*)=(.*)$/s.exec(text);
    if (match === null) {
      throw new CordonError("usage", `Cannot read --var "${text}": expected name=value`, {
        hint: "For example --var input=./docs",
      });
    }
    return [match[1]!, match[2]!];
  }));
}

function parseGrant(text: string | undefined): "stored" | "requested" {
  if (text === undefined) return "stored";
  if (text === "requested") return text;
  throw new CordonError("usage", `Cannot read --grant "${text}": expected "requested"`);
}
