/**
 * Looks on while an incarnation runs, so that its crash can be told: what it
 * said last, since when it ran, from which files, and what it was handed.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import { CordonError } from "../../errors.ts";
import type { LogRecord } from "../../internal/log_record.ts";
import { listSecrets } from "../../recording/text_values.ts";
import { RemoteError } from "../../rpc/remote_error.ts";
import type { SandboxExit } from "../../sandbox/sandbox.ts";
import type { PluginInstance } from "../instance.ts";
import type { WatchedPlugin } from "../limits/watched_plugin.ts";
import type { PluginEntry } from "../plugin_table.ts";
import type { Registry } from "../registry.ts";
import { createBundlePlaces } from "./bundle_places.ts";
import { type CrashFacts, type CrashReading, createCrashReport } from "./crash_report.ts";
import { LastLines } from "./last_lines.ts";
import { createSecretFilter } from "./secret_filter.ts";

/** Codes of starts that failed by what the plugin did, not by what kept it from being tried. */
const CRASHES: ReadonlySet<string> = new Set(["start_failed", "limit_exceeded"]);

/** Lines after which no further cause is told. */
const MAX_THROWN = 200;

/** What an incarnation runs from, and what it was handed. */
export interface WitnessedStart {
  /** Folder of its code. */
  readonly codeDir: string;
  /** URL of its main module. */
  readonly entry: string;
  /** Variables of the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables of its manifest. */
  readonly vars: Readonly<Record<string, string>>;
  /** Its configuration. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** What is known of its end. */
export interface WitnessedEnd extends Pick<CrashFacts, "phase" | "message" | "exit"> {
  /** Why its start failed. */
  readonly cause?: unknown;
}

/** What an incarnation is made of, as far as it came. */
export interface WitnessedParts {
  /** What runs. */
  readonly plan: Pick<PluginEntry, "id" | "found" | "report">;
  /** Its limits. */
  readonly watched: Pick<WatchedPlugin, "breach" | "describe"> | undefined;
  /** Its calls. */
  readonly instance: Pick<PluginInstance, "unanswered"> | undefined;
}

/** Looks on while one incarnation runs. */
export class CrashWitness {
  readonly #beganAt = performance.now();
  readonly #lines = new LastLines();
  readonly #registry: Pick<Registry, "keepCrash" | "plugins">;
  readonly #parts: () => WitnessedParts;
  #start: WitnessedStart | undefined;

  /**
   * @param registry Keeps reports.
   * @param parts What it looks at at the end.
   */
  constructor(
    registry: Pick<Registry, "keepCrash" | "plugins">,
    parts: () => WitnessedParts,
  ) {
    this.#registry = registry;
    this.#parts = parts;
  }

  /** Takes a line that was logged or printed. */
  hear(source: LogRecord["source"], line: string): void {
    this.#lines.add(source, line);
  }

  /** Sees it start. */
  see(start: WitnessedStart): void {
    this.#start = start;
  }

  /** Tells why it did not start, where that is a crash. */
  reportStart(error: unknown, exit: SandboxExit | undefined): void {
    if (!(error instanceof CordonError) || !CRASHES.has(error.code)) return;
    this.report({ phase: "start", message: error.message, exit, cause: error });
  }

  /** Tells its crash, and has that kept. */
  report({ cause, ...end }: WitnessedEnd): void {
    const { plan, watched, instance } = this.#parts();
    const { id, found } = plan;
    const { version } = found.manifest!;
    const thrown = listThrown(cause);
    const hash = this.#findHash(id, version);
    const report = createCrashReport({
      id,
      version,
      ...(hash === undefined ? {} : { hash }),
      time: new Date().toISOString(),
      uptimeMs: Math.round(performance.now() - this.#beganAt),
      ...end,
      ...(watched?.breach === undefined ? {} : { breach: watched.breach }),
      limits: watched?.describe() ?? [],
      calls: instance?.unanswered.describe() ?? { count: 0, methods: [] },
      ...(thrown.length === 0 ? {} : { thrown }),
      lines: this.#lines.list(),
    }, this.#createReading(plan));
    this.#registry.keepCrash(id, JSON.stringify(report));
  }

  /** The hash of the files of a version; where several were seen it is not known which one ran. */
  #findHash(id: string, version: string): string | undefined {
    const seen = this.#registry.plugins.versions(id).filter((each) => each.version === version);
    return seen.length === 1 ? seen[0]!.hash : undefined;
  }

  #createReading({ found, report }: WitnessedParts["plan"]): CrashReading {
    const { codeDir, entry, env, vars, config } = this.#start ??
      { codeDir: found.dir, entry: "", env: {}, vars: {}, config: {} };
    const codeUrl = `${pathToFileURL(codeDir).href}/`;
    const secrets = listSecrets(config, found.manifest!.config?.secrets ?? []);
    const bundle = decodeURIComponent(entry.slice(codeUrl.length));
    const readable = new Set([...report?.files ?? [], bundle]);
    return {
      codeUrl,
      hideSecrets: createSecretFilter({ env, vars, secrets }),
      findSource: codeDir === found.dir ? (place) => place : createBundlePlaces({
        bundle,
        read: (file) => readable.has(file) ? tryRead(`${codeDir}/${file}`) : undefined,
      }),
    };
  }
}

/** What plugin code threw, as lines: the error and its causes. */
function listThrown(cause: unknown): string[] {
  const lines: string[] = [];
  for (let error = cause; error instanceof Error && lines.length < MAX_THROWN; error = error.cause) {
    if (!(error instanceof RemoteError)) continue;
    const { remoteName, remoteStack, message } = error;
    const own = remoteStack?.includes(message)
      ? remoteStack
      : `${remoteName}: ${message}\n${remoteStack ?? ""}`;
    lines.push(...`${lines.length === 0 ? "" : "Caused by: "}${own.trimEnd()}`.split("\n"));
  }
  return lines;
}

function tryRead(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    // The copy may have been cleared away meanwhile: then places in it stay as they are.
    return undefined;
  }
}
