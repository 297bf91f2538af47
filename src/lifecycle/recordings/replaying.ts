/**
 * A plugin that runs alone against a recording: in its sandbox, with no more
 * than it had then and is granted now.
 *
 * @module
 */

import { CordonError, errorMessage } from "../../errors.ts";
import type { PluginFolders } from "../folders.ts";
import {
  createPermissionSet,
  diff,
  intersect,
  type Permission,
  type PermissionSet,
} from "../../permissions/permission_set.ts";
import type { Recording } from "../../recording/recording.ts";
import { ReplayPeer } from "../../recording/replay_peer.ts";
import type { ReplayReport } from "../../recording/replay_report.ts";
import type { ReplayOptions } from "../../recording/replayer.ts";
import { IgnoreRules } from "../../recording/ignore_rules.ts";
import { findMoves, type Places } from "../../recording/steps.ts";
import { createReplacer } from "../../recording/text_values.ts";
import type { ConnectPeer } from "../../sandbox/connect_peer.ts";
import { type PeerSource, placesOf, type StartFacts } from "./peer_source.ts";
import type { PluginEntry } from "../plugin_table.ts";

/** What the replay of a plugin comes to. */
export interface PluginReplay extends ReplayReport {
  /** What it is granted now, did not have then, and was not given. */
  readonly withheld: readonly Permission[];
}

/** What a replay is done with. */
export interface ReplaySteps {
  /** The folders of the plugin here. */
  readonly folders: PluginFolders;
  /** Starts it without those it needs. */
  readonly start: () => Promise<void>;
}

/** Replays one recording once. */
export class Replaying implements PeerSource {
  readonly #recording: Recording;
  readonly #options: ReplayOptions;
  readonly #report = Promise.withResolvers<ReplayReport>();
  #isConnected = false;

  /**
   * @param recording The recording.
   * @param options What is compared, and how patiently.
   * @throws {CordonError} `invalid_input` for a rule that names nothing, or where nothing was recorded.
   */
  constructor(recording: Recording, options: ReplayOptions = {}) {
    this.#recording = recording;
    this.#options = options;
    if (recording.frames.length === 0) {
      throw new CordonError("invalid_input", `Cannot replay "${this.id}": nothing was recorded of it`);
    }
    // Said before anything runs.
    void new IgnoreRules([...recording.head.ignore, ...options.ignore ?? []]);
  }

  /** Id of the plugin. */
  get id(): string {
    return this.#recording.head.plugin.id;
  }

  /**
   * Replays the recording with a plugin that is admitted; it keeps what it had then of what it has now.
   *
   * @throws {CordonError} Why it cannot be started.
   */
  async run(entry: PluginEntry, { folders, start }: ReplaySteps): Promise<PluginReplay> {
    const { permissions, vars } = entry.admitted!;
    const places = placesOf(entry, { codeDir: entry.found.dir, ...folders });
    const narrowed = intersect(permissions, this.#recordedPermissions({ places, vars }));
    entry.admitted = { ...entry.admitted!, permissions: narrowed };
    const withheld = diff(permissions, narrowed).narrowed;
    const failure = await start().then(() => undefined, (error: unknown) => ({ error }));
    if (failure !== undefined && !this.#isConnected) throw failure.error;
    const report = await this.#report.promise;
    const { difference } = report;
    if (failure === undefined || difference?.type !== "ended") return { ...report, withheld };
    // Why it did not start says more than that it ended.
    return { ...report, withheld, difference: { ...difference, message: errorMessage(failure.error) } };
  }

  connectFor(entry: PluginEntry, facts: StartFacts): ConnectPeer | undefined {
    if (entry.id !== this.id) return undefined;
    return (stream, listening) => {
      this.#isConnected = true;
      const peer = new ReplayPeer(stream, this.#recording, {
        ...this.#options,
        here: { places: placesOf(entry, facts), vars: facts.vars },
        listening,
      });
      void peer.done.then((report) => this.#report.resolve(report));
      return peer;
    };
  }

  /** What it had then, by its folders and variables as they are here. */
  #recordedPermissions(here: Places): PermissionSet {
    const { head } = this.#recording;
    const move = createReplacer(findMoves(head, here), { isPath: true });
    return createPermissionSet(head.permissions.map(({ kind, value }) => ({ kind, value: move(value) })));
  }
}
