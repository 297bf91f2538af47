/**
 * A sandbox that is looked at: what it sends and prints is counted, and its end
 * is the end of all its processes.
 *
 * @module
 */

import type { OpenSandbox, Sandbox, SandboxExit, SandboxSpec } from "../../sandbox/sandbox.ts";

/** Who looks. */
export interface SandboxWatcher {
  /** Told the process id the moment there is one. */
  readonly onSpawn: (pid: number) => void;
  /** Settles when that process is bounded. */
  readonly attached: () => Promise<void>;
  /** Told when there is a connection. */
  readonly onOpen: (sandbox: Sandbox) => void;
  /** Told of each record and each printed line, `line` being one on stderr. */
  readonly onRecord: (line?: string) => void;
  /** Told what the plugin answered to a ping. */
  readonly onPong: (count: unknown) => void;
  /** Settles when the plugin may be read on; undefined when that is now. */
  readonly hold: () => Promise<void> | undefined;
  /** Told before it is stopped. */
  readonly onStop: () => void;
  /** Ends what is left when its process has ended; undefined when it never opened. */
  readonly onEnd: (exit: SandboxExit | undefined) => Promise<void>;
}

/** Opens sandboxes that are looked at. */
export function watchSandbox(open: OpenSandbox, watcher: SandboxWatcher): OpenSandbox {
  return async (spec, options) => {
    try {
      const sandbox = await open(listen(spec, watcher), options);
      await watcher.attached();
      watcher.onOpen(sandbox);
      return wrap(sandbox, watcher);
    } catch (error) {
      await watcher.onEnd(undefined);
      throw error;
    }
  };
}

function listen(spec: SandboxSpec, { onSpawn, onRecord, onPong, hold }: SandboxWatcher): SandboxSpec {
  const log = spec.notifications.get("log");
  return {
    ...spec,
    hold,
    onSpawn: (pid) => {
      onSpawn(pid);
      spec.onSpawn(pid);
    },
    onOutput: (stream, line) => {
      onRecord(stream === "stderr" ? line : undefined);
      spec.onOutput(stream, line);
    },
    notifications: new Map([
      ...spec.notifications,
      ["pong", ([count]) => onPong(count)],
      ["log", (params) => {
        onRecord();
        log?.(params);
      }],
    ]),
  };
}

function wrap(sandbox: Sandbox, { onStop, onEnd }: SandboxWatcher): Sandbox {
  const exited = sandbox.exited.then(async (exit) => {
    await onEnd(exit);
    return exit;
  });
  return {
    tier: sandbox.tier,
    notes: sandbox.notes,
    pid: sandbox.pid,
    peer: sandbox.peer,
    exited,
    async stop(options) {
      onStop();
      await sandbox.stop(options);
      return await exited;
    },
    async [Symbol.asyncDispose]() {
      onStop();
      await sandbox[Symbol.asyncDispose]();
      await exited;
    },
  };
}
