/**
 * What a sandbox is to the rest of Cordon, whatever it is made of.
 *
 * @module
 */

import type { PermissionSet } from "../permissions/permission_set.ts";
import type { Supervisor } from "../permissions/supervision.ts";
import type { PeerOptions, RpcPeer } from "../rpc/peer.ts";
import type { ConnectPeer } from "./connect_peer.ts";

/** How strong the boundary is: `os` adds kernel confinement to Deno's permissions, `worker` shares our process. */
export type Tier = "os" | "deno" | "worker";

/** The rungs of the kill ladder, in order. */
export type KillRung = "asked" | "closed" | "terminated" | "killed";

/** How a sandbox ended. */
export interface SandboxExit {
  /** Exit code of the process. */
  readonly code: number;
  /** Signal that ended it. */
  readonly signal: string | undefined;
  /** Which rung of the kill ladder it took; undefined when it ended by itself. */
  readonly rung: KillRung | undefined;
  /** Why, where the sandbox itself had to end it. */
  readonly reason?: string;
}

/** Bounds of a whole process, which the kernel puts on it where it can. */
export interface ProcessBounds {
  /** Memory of the process, not of its JavaScript heap alone. */
  readonly memoryBytes: number | undefined;
  /** Files and sockets open at once. */
  readonly descriptors: number;
  /** Size of a file that it writes. */
  readonly fileBytes: number | undefined;
}

/** What a sandbox is made for; what it may ask and tell the host, and how far it is listened to, is its peer's. */
export interface SandboxSpec
  extends
    Pick<PeerOptions, "hold" | "onRefused" | "onStreamFault" | "streamIdleMs">,
    Required<Pick<PeerOptions, "handlers" | "notifications">> {
  /** Plugin id. */
  readonly id: string;
  /** The folder the plugin's code runs from; always readable to it. */
  readonly codeDir: string;
  /** Everything else it may reach. */
  readonly permissions: PermissionSet;
  /** The plugin's private folder. */
  readonly dataDir: string;
  /** Its working folder. */
  readonly scratchDir: string;
  /** Where Deno keeps what it compiled for it. */
  readonly denoDir: string;
  /** Environment variables granted, by exact name. */
  readonly env: Readonly<Record<string, string>>;
  /** Bound of the JavaScript heap. */
  readonly heapMib: number | undefined;
  /** Bounds of the process. */
  readonly bounds: ProcessBounds;
  /** Decides about each single check of the plugin; without one its permissions are fixed at the start. */
  readonly supervisor?: Supervisor;
  /** Told the process id the moment there is one. */
  readonly onSpawn: (pid: number) => void;
  /** Takes each line that the plugin prints. */
  readonly onOutput: (stream: "stdout" | "stderr", line: string) => void;
  /** Makes our end of the channel. @default {one that nobody listens to} */
  readonly connect?: ConnectPeer;
}

/** What accompanies a stop. */
export interface SandboxStopOptions {
  /** Milliseconds for the plugin to end by itself. */
  readonly graceMs: number;
  /** Told to the plugin. */
  readonly reason: string;
  /** Begins at the last rung: what it does meanwhile would harm others. @default {false} */
  readonly isUrgent?: boolean;
}

/** A place where one plugin runs. */
export interface Sandbox extends AsyncDisposable {
  /** How strong its boundary is. */
  readonly tier: Tier;
  /** What the kernel's hold on it is wider or narrower in than its permissions, as sentences. */
  readonly notes: readonly string[];
  /** Process id, where it is a process. */
  readonly pid: number | undefined;
  /** The connection to the plugin. */
  readonly peer: Pick<RpcPeer, "agree" | "call" | "notify" | "openStreams" | "originOf">;
  /** Settles when it has ended, however that came about. */
  readonly exited: Promise<SandboxExit>;
  /** Ends it by the kill ladder: ask, close the channel, SIGTERM, SIGKILL. */
  stop(options: SandboxStopOptions): Promise<SandboxExit>;
}

/** Opens sandboxes of one kind. */
export type OpenSandbox = (
  spec: SandboxSpec,
  options?: { readonly signal?: AbortSignal },
) => Promise<Sandbox>;
