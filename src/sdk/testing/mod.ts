/**
 * Runs one plugin in memory, for the plugin's own tests: under the code of
 * the host and of a sandbox, with memory between them.
 *
 * @example A test of a plugin
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import type { PluginContext } from "@cordon/cordon/sdk";
 * import { startPlugin } from "@cordon/cordon/sdk/testing";
 *
 * // In a real test: import * as module from "./main.ts";
 * const module = {
 *   activate: (ctx: PluginContext) => ({
 *     greet: async (name: string) => {
 *       if (name === "") throw new TypeError("nobody there");
 *       await ctx.events.publish("greeter.said", { name });
 *       return `Hello ${name}`;
 *     },
 *   }),
 * };
 * // In a real test: new URL("plugin.toml", import.meta.url)
 * const manifest = `
 *   schema = 1
 *   [plugin]
 *   id = "acme.greeter"
 *   version = "1.0.0"
 *   main = "main.ts"
 *   [provides]
 *   greet = { version = "1.0.0", methods = ["greet"] }
 *   [events]
 *   publishes = ["greeter.said"]
 * `;
 *
 * await using plugin = await startPlugin(module, { manifest });
 * assertEquals(await plugin.call("greet", "Ada"), "Hello Ada");
 * assertEquals(plugin.published, [{ topic: "greeter.said", value: { name: "Ada" } }]);
 * await assertRejects(() => plugin.call("greet", ""), Error, "nobody there");
 * ```
 *
 * @module
 */

export { CordonError, type CordonErrorOptions } from "../../errors.ts";
export type * from "../mod.ts";
export type { FakeCapabilities } from "./fake_capabilities.ts";
export type { ReplayDifference, ReplayReport } from "../../recording/replay_report.ts";
export type { ReplayOptions } from "../../recording/replayer.ts";
export { replayRecording, type ReplayRecordingOptions } from "./replay_recording.ts";
export { startPlugin, type StartPluginOptions } from "./start_plugin.ts";
export type { StartedPlugin } from "./started_plugin.ts";
export type { PublishedEvent, PublishOrigin } from "./test_bus.ts";
export type { LoggedRecord } from "./test_host.ts";
export type { AnswerOf, ArgumentsOf, MethodsOf, ObjectIn, TestableModule } from "./testable_module.ts";
