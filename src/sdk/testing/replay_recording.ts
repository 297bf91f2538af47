/**
 * A recording as a regression test.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import { settlesWithin } from "../../internal/settles_within.ts";
import { readRecording } from "../../recording/recording_file.ts";
import type { Recording } from "../../recording/recording.ts";
import { ReplayPeer } from "../../recording/replay_peer.ts";
import type { ReplayOptions } from "../../recording/replayer.ts";
import type { ReplayReport } from "../../recording/replay_report.ts";
import { PROTOCOL } from "../../rpc/handshake.ts";
import { createPluginPeer } from "../../sandbox/bootstrap/plugin.ts";
import type { PluginModule } from "../context.ts";
import { createChannelPair } from "./memory_channel.ts";
import type { TestableModule } from "./testable_module.ts";

/** Longest wait for the plugin to end what it does. */
const STOP_MS = 5_000;

/** What is compared, and what the plugin is given. */
export interface ReplayRecordingOptions extends ReplayOptions {
  /** Values of variables that are others here than where it was recorded. @default {{}} */
  readonly vars?: Readonly<Record<string, string>>;
  /** The plugin's private folder: `ctx.data`. @default {as recorded} */
  readonly data?: string;
}

/**
 * Runs a plugin in this process against what `cordon record` wrote: it is
 * started, called and answered as it was then, and has to do what it did.
 * Permissions are not enforced: the test's own hold.
 *
 * @param module The plugin's main module.
 * @param recording Path or URL of the recording.
 * @param options What is not compared, and what is elsewhere.
 * @returns What was compared.
 * @throws {CordonError} `replay_differs` with the first difference; `not_found`, `not_readable` or
 * `invalid_input` for the recording.
 *
 * @example A test that holds a plugin to what it did when it was recorded
 * ```ts ignore
 * import { replayRecording } from "@cordon/cordon/sdk/testing";
 *
 * // In a real test: import * as module from "./main.ts";
 * const module = { activate: () => ({ today: () => "sunny" }) };
 *
 * Deno.test("The plugin does what it did", async () => {
 *   await replayRecording(module, new URL("testdata/today.jsonl", import.meta.url), {
 *     ignore: ["result.value.time"],
 *   });
 * });
 * ```
 */
export async function replayRecording(
  module: TestableModule,
  recording: string | URL,
  options: ReplayRecordingOptions = {},
): Promise<ReplayReport> {
  const report = await replay(module, await readRecording(recording), options);
  const { difference } = report;
  if (difference === undefined) return report;
  const place = `line ${difference.line} of the recording`;
  throw new CordonError("replay_differs", `Cannot replay: ${difference.message} (${place})`, {
    facts: { ...difference },
    ...(difference.path === undefined ? {} : { hint: `Pass it over: ignore: ["${difference.path}"]` }),
  });
}

async function replay(
  module: TestableModule,
  recording: Recording,
  { vars = {}, data, ...options }: ReplayRecordingOptions,
): Promise<ReplayReport> {
  const { head } = recording;
  const here = {
    vars: { ...head.vars, ...vars },
    places: { ...head.places, ...(data === undefined ? {} : { data }) },
  };
  const [ours, theirs] = createChannelPair();
  const host = new ReplayPeer(ours, recording, { ...options, here });
  const plugin = createPluginPeer(theirs, {
    importModule: () => Promise.resolve(module as Partial<PluginModule>),
  });
  const running = Promise.all([host.run(), plugin.run()]);
  // What they answer is compared as everything is.
  for (
    const [method, request] of [["load", { protocol: PROTOCOL }], ["activate", {
      data: here.places.data,
      vars: here.vars,
    }]]
  ) {
    host.call(method as string, [request]).catch(() => {});
  }
  try {
    return await host.done;
  } finally {
    await settlesWithin(host.call("deactivate", ["the replay is over"]), STOP_MS).catch(() => {});
    host.close();
    await running;
  }
}
