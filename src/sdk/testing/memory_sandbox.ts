/**
 * A sandbox without walls: the plugin's own module under the plugin side of a
 * real sandbox, in this process and over a stream in memory.
 *
 * @module
 */

import { errorMessage } from "../../errors.ts";
import type { DeadlineOptions } from "../../rpc/deadlines.ts";
import { RpcPeer } from "../../rpc/peer.ts";
import { HOST_BOUNDS } from "../../rpc/peer_bounds.ts";
import { createPluginPeer } from "../../sandbox/bootstrap/plugin.ts";
import type { Sandbox, SandboxExit, SandboxSpec, SandboxStopOptions } from "../../sandbox/sandbox.ts";
import type { PluginModule } from "../context.ts";
import { createChannelPair } from "./memory_channel.ts";
import type { TestableModule } from "./testable_module.ts";

/** A test may hold time still, and looks for timers that were left behind. */
export const TEST_DEADLINES: DeadlineOptions = { now: () => Date.now(), keepsTimer: false };

// Deno loads its timers at their first use, and runs waiting microtasks in the midst of that: an
// answer in memory would come before its deadline is set.
clearTimeout(undefined);

/** What a memory sandbox is opened with. */
export interface MemorySandboxOptions {
  /** The plugin's main module. */
  readonly module: TestableModule;
  /** Milliseconds for a plugin that is not stopped in order to end by itself. */
  readonly graceMs: number;
}

/** A plugin in this process. */
export class MemorySandbox implements Sandbox {
  readonly tier = "worker";
  readonly notes = [];
  readonly pid = undefined;
  readonly peer: RpcPeer;
  readonly exited: Promise<SandboxExit>;
  readonly #graceMs: number;
  #rung: SandboxExit["rung"];

  /**
   * @param spec What it is made for; what says where the plugin may reach holds nothing here.
   * @param options The plugin.
   */
  constructor(spec: SandboxSpec, options: MemorySandboxOptions) {
    this.#graceMs = options.graceMs;
    const [ours, theirs] = createChannelPair();
    const plugin = createPluginPeer(theirs, {
      importModule: () => Promise.resolve(options.module as Partial<PluginModule>),
      deadlines: TEST_DEADLINES,
    });
    this.peer = new RpcPeer(ours, { ...HOST_BOUNDS, ...spec, deadlines: TEST_DEADLINES });
    this.exited = Promise.all([this.peer.run(), plugin.run()]).then(([reason]) => {
      if (reason !== undefined) {
        spec.onOutput("stderr", `[cordon] connection closed: ${errorMessage(reason)}`);
      }
      return { code: 0, signal: undefined, rung: this.#rung };
    });
  }

  /**
   * Ends the plugin and the connection to it.
   *
   * @throws {CordonError} What the plugin threw, which a host would only note.
   */
  async stop({ graceMs, reason }: SandboxStopOptions): Promise<SandboxExit> {
    this.#rung = "closed";
    try {
      await this.peer.call("deactivate", [reason], { timeoutMs: graceMs });
      this.#rung = "asked";
    } finally {
      this.peer.close();
      await this.exited;
    }
    return await this.exited;
  }

  /** Ends a plugin whose start failed. */
  async [Symbol.asyncDispose](): Promise<void> {
    // One that cannot even stop says nothing better.
    await this.stop({ graceMs: this.#graceMs, reason: "the start failed" }).catch(() => {});
  }
}
