/**
 * Who makes the host's end of a plugin's channel where that is not the usual
 * one: because it is recorded, or because it is a recording.
 *
 * @module
 */

import type { PermissionSet } from "../../permissions/permission_set.ts";
import type { RecordingHead } from "../../recording/recording.ts";
import type { ConnectPeer } from "../../sandbox/connect_peer.ts";
import type { PluginEntry } from "../plugin_table.ts";

/** What a plugin starts with. */
export interface StartFacts {
  /** What it may reach. */
  readonly permissions: PermissionSet;
  /** The folder its code runs from. */
  readonly codeDir: string;
  /** Its private folder. */
  readonly data: string;
  /** Its working folder. */
  readonly scratch: string;
  /** Values of variables. */
  readonly vars: Readonly<Record<string, string>>;
  /** Its configuration. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** Makes our end of channels. */
export interface PeerSource {
  /** Makes that of one that is about to start; undefined for the usual one. */
  connectFor(entry: PluginEntry, facts: StartFacts): ConnectPeer | undefined;
}

/** The folders of a plugin, as a recording names them. */
export function placesOf(
  { found: { dir } }: PluginEntry,
  { codeDir, data, scratch }: Pick<StartFacts, "codeDir" | "data" | "scratch">,
): RecordingHead["places"] {
  return { code: codeDir, plugin: dir, data, tmp: scratch };
}
