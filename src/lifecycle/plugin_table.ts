/**
 * Every plugin the host knows, with its state; each move is checked against
 * the transition table and goes to the journal.
 *
 * @module
 */

import { CordonError, type Problem } from "../errors.ts";
import type { CheckReport } from "../installer/prepare.ts";
import type { SandboxExit, Tier } from "../sandbox/sandbox.ts";
import type { ExposurePlaces, ExposureSetting } from "../permissions/exposure_rule.ts";
import type { RequestVerdict } from "../permissions/request_verdict.ts";
import type { Admission, RequestVariable } from "./consent/admission.ts";
import type { FileHashes } from "./catalogue_entry.ts";
import type { ContractGuard } from "./capabilities/contract_guard.ts";
import type { PendingVersion, PluginConsent } from "./consent/consent.ts";
import type { FoundPlugin } from "./discovery.ts";
import { Degradations } from "./health/degradations.ts";
import { type HealthFinding, HealthRecord } from "./health/health_record.ts";
import type { PluginInstance } from "./instance.ts";
import type { PluginSupervision } from "./consent/plugin_supervision.ts";
import type { Registry } from "./registry.ts";
import type { ChosenVersion } from "./versions/rolled_back.ts";
import { type BlockReason, canMove, type PluginState } from "./state.ts";

/** What is told with a move. */
export interface MoveDetail {
  /** What a blocked plugin waits for. */
  readonly reason?: BlockReason;
  /** Why, as one sentence. */
  readonly message?: string;
  /** What to do about it. */
  readonly hint?: string;
  /** The restart that it waits for. */
  readonly restart?: PlannedRestart;
}

/** A restart of a plugin that ended. */
export interface PlannedRestart {
  /** Which one it is since the plugin ran well. */
  readonly attempt: number;
  /** When it is due, as an ISO date. */
  readonly at: string;
}

/** A plugin and where it stands. */
export interface PluginEntry {
  /** Plugin id, or the folder's name where the manifest cannot be read. */
  readonly id: string;
  /** Its folder and manifest. */
  readonly found: FoundPlugin;
  /** That it runs from the copy of an earlier version than its own folder holds. */
  rolledBack: ChosenVersion["rolledBack"];
  /** Where it stands. */
  state: PluginState;
  /** Since when, as an ISO 8601 date and time. */
  since: string;
  /** Why it stands there. */
  detail: MoveDetail;
  /** Everything wrong with it. */
  problems: readonly Problem[];
  /** What checking its files found. */
  report: CheckReport | undefined;
  /** The files it was read from. */
  files: FileHashes | undefined;
  /** What it asks for, and what came of that. */
  requests: readonly RequestVerdict[];
  /** The variables it names. */
  variables: readonly RequestVariable[];
  /** Where things are that its exposure depends on. */
  places: ExposurePlaces;
  /** Which of its resources are bounded here. */
  bounded: ExposureSetting["limits"];
  /** How strong its boundary will be. */
  expectedTier: Tier;
  /** What was decided about it. */
  consent: PluginConsent | undefined;
  /** Whether anybody looked at what it may reach. */
  seen: "given" | "unseen";
  /** A newer version of it that waits while this one runs. */
  pending: PendingEntry | undefined;
  /** What it may reach. */
  admitted: (Admission & { type: "admitted" }) | undefined;
  /** Its running incarnation. */
  instance: PluginInstance | undefined;
  /** Check the calls of the capabilities that its running incarnation provides with a contract, by name. */
  guards: ReadonlyMap<string, ContractGuard>;
  /** Decides about each check of its running incarnation, where it is supervised. */
  supervision: PluginSupervision | undefined;
  /** Why it is degraded while it runs. */
  readonly degradations: Degradations;
  /** What is known of its health, over all its runs. */
  readonly health: HealthRecord;
  /** A start that is under way. */
  starting: Promise<void> | undefined;
  /** A stop that is under way. */
  stopping: Promise<SandboxExit> | undefined;
  /** Settles when it can start again, while it is being stopped because it had nothing to do. */
  idling: Promise<void> | undefined;
  /** What a version of it knew, for the start that goes back to it. */
  inherited: { readonly state: unknown; readonly version: string } | undefined;
  /** A new version that is about to take over. */
  reloading: { readonly abort: (reason: string) => void; readonly done: Promise<void> } | undefined;
}

/** A newer version that waits, and the entry it would make. */
export interface PendingEntry extends PendingVersion {
  /** The plugin as it would be; in no table. */
  readonly draft: PluginEntry;
}

/** Codes of the error that a call to a plugin in some state fails with. */
export const BLOCK_CODES: Readonly<Record<BlockReason, string>> = {
  consent: "consent",
  policy: "policy",
  dependency: "dependency",
  conflict: "conflict",
  variable: "invalid_input",
  rejected: "rejected",
};

/** The plugins of a host, in the order of their ids. */
export class PluginTable {
  readonly #registry: Registry;
  readonly #entries = new Map<string, PluginEntry>();
  readonly #unnamed: PluginEntry[] = [];
  readonly #watchers: ((entry: PluginEntry) => void)[] = [];

  /** @param registry Keeps every move. */
  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** Takes up a plugin that was found. */
  add({ found, report, files, rolledBack }: ChosenVersion): PluginEntry {
    const entry: PluginEntry = {
      id: found.id,
      found,
      rolledBack,
      state: "discovered",
      since: new Date().toISOString(),
      detail: {},
      problems: [...found.problems, ...report?.problems ?? []],
      report,
      files,
      requests: [],
      variables: [],
      places: {},
      bounded: { memory: false, cpu: false },
      expectedTier: "deno",
      consent: undefined,
      seen: "given",
      pending: undefined,
      admitted: undefined,
      instance: undefined,
      guards: new Map(),
      supervision: undefined,
      degradations: new Degradations(),
      health: new HealthRecord(),
      starting: undefined,
      stopping: undefined,
      idling: undefined,
      inherited: undefined,
      reloading: undefined,
    };
    if (found.manifest !== undefined) this.#entries.set(found.id, entry);
    else this.#unnamed.push(entry);
    return entry;
  }

  /**
   * Forgets a plugin that has gone. Whoever removes it has stopped it.
   *
   * @throws {RangeError} If it runs, or is about to.
   */
  remove(entry: PluginEntry): void {
    if (entry.instance !== undefined || entry.starting !== undefined || entry.stopping !== undefined) {
      throw new RangeError(`Cannot remove "${entry.id}": it is ${entry.state}`);
    }
    if (this.#entries.get(entry.id) === entry) this.#entries.delete(entry.id);
    const index = this.#unnamed.indexOf(entry);
    if (index >= 0) this.#unnamed.splice(index, 1);
    this.#registry.note("plugin.removed", { dir: entry.found.dir }, entry.id);
    this.tell(entry);
  }

  /** All of them, by id. */
  list(): PluginEntry[] {
    return [...this.#entries.values(), ...this.#unnamed].sort((
      a,
      b,
    ) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  }

  /** The one with this id; one whose manifest is broken goes by its folder's name. */
  find(id: string): PluginEntry | undefined {
    return this.#entries.get(id) ?? this.#unnamed.find((entry) => entry.id === id);
  }

  /**
   * The one with this id.
   *
   * @throws {CordonError} `not_found`.
   */
  require(id: string): PluginEntry {
    const entry = this.find(id);
    if (entry !== undefined) return entry;
    const known = this.list().map((other) => other.id).join(", ");
    throw new CordonError("not_found", `Cannot find the plugin or capability "${id}"`, {
      hint: known === "" ? "There are no plugins" : `There are ${known}`,
    });
  }

  /** Moves a plugin to another state. */
  move(entry: PluginEntry, to: PluginState, detail: MoveDetail = {}): void {
    if (!canMove(entry.state, to)) {
      throw new RangeError(`Cannot move "${entry.id}" from ${entry.state} to ${to}`);
    }
    const from = entry.state;
    entry.state = to;
    entry.since = new Date().toISOString();
    entry.detail = detail;
    this.#registry.keepMove(entry, from);
    this.tell(entry);
  }

  /** Has a function told of each plugin that has moved, is another version or has gone. */
  watch(onChange: (entry: PluginEntry) => void): void {
    this.#watchers.push(onChange);
  }

  /** Tells those who watch that a plugin has changed. */
  tell(entry: PluginEntry): void {
    for (const onChange of this.#watchers) onChange(entry);
  }

  /** Takes what somebody found about the health of a plugin, and moves one that runs to where all of that puts it. */
  judgeHealth(entry: PluginEntry, finding: HealthFinding): void {
    const { id, degradations } = entry;
    const { source, status, reason = `it is ${status}` } = finding;
    const isNews = status === "ok" ? degradations.clear(source) : degradations.set(source, reason);
    if (isNews && entry.health.keep(finding)) this.#registry.note("plugin.health", { ...finding }, id);
    if (degradations.reason === undefined) {
      if (entry.state === "degraded") this.move(entry, "running");
      return;
    }
    const detail = {
      message: `"${id}" is degraded: ${degradations.reason}`,
      hint: `See what its health was like: cordon info ${id}`,
    };
    if (entry.state === "running") this.move(entry, "degraded", detail);
    else if (entry.state === "degraded" && isNews) entry.detail = detail;
  }

  /** The error for whoever needs a plugin that cannot be had. */
  refusal(entry: PluginEntry): CordonError {
    const { reason, message, hint, restart } = entry.detail;
    const code = entry.state === "invalid"
      ? "invalid_plugin"
      : entry.state === "blocked" && reason !== undefined
      ? BLOCK_CODES[reason]
      : entry.state === "failed"
      ? "start_failed"
      : entry.state === "backoff"
      ? "plugin_down"
      : "not_running";
    const retryAfterMs = restart && Math.max(0, Date.parse(restart.at) - Date.now());
    return new CordonError(code, message ?? `Cannot use "${entry.id}": it is ${entry.state}`, {
      ...(hint === undefined ? {} : { hint }),
      facts: { id: entry.id, state: entry.state, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    });
  }
}
