/**
 * Starts a plugin in memory.
 *
 * @module
 */

import { assertDeclared, type FakeCapabilities } from "./fake_capabilities.ts";
import { readManifest, resolveVariables } from "./manifest_source.ts";
import { showOrigin } from "./show_origin.ts";
import { InMemoryPlugin, type StartedPlugin } from "./started_plugin.ts";
import { TestHost } from "./test_host.ts";
import type { MethodsOf, TestableModule } from "./testable_module.ts";

/** With what a plugin is started. */
export interface StartPluginOptions {
  /**
   * Its manifest: a path, a URL, or the text itself. Every rule of the host holds for it.
   *
   * @default {"plugin.toml"}, in the current folder
   */
  readonly manifest?: string | URL;
  /** Values of the `${variables}` that its permissions name; those of paths absolute. @default {{}} */
  readonly vars?: Readonly<Record<string, string>>;
  /** Its configuration: `ctx.config`. @default {{}} */
  readonly config?: Readonly<Record<string, unknown>>;
  /**
   * What there is of the capabilities under `[uses]`, by name: an object with
   * the methods, or another started plugin that provides it; what is not here is
   * unavailable. They are looked up at each call, so a test may change them.
   *
   * @default {{}}
   */
  readonly capabilities?: FakeCapabilities;
  /** Its private folder: `ctx.data`. Nothing is made there. @default {"/data"} */
  readonly data?: string;
}

/**
 * Starts a plugin in this process, under the code of the host and of a
 * sandbox, but without the sandbox: what the plugin did not declare is refused,
 * and values are copied, as they will be. Permissions are not enforced: the
 * test's own hold.
 *
 * @param module The plugin's main module.
 * @param options Its manifest and what it is given.
 * @returns The plugin, to be called, sent events, looked at and stopped.
 * @throws {CordonError} `invalid_plugin` with every problem of the manifest,
 * `invalid_input`, or `start_failed` with the reason.
 *
 * @example A plugin that uses a capability and listens to an event
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { PluginContext } from "@cordon/cordon/sdk";
 * import { startPlugin } from "@cordon/cordon/sdk/testing";
 *
 * // In a real test: import * as module from "./main.ts";
 * const module = {
 *   async activate(ctx: PluginContext) {
 *     const geocode = await ctx.use<{ find(place: string): { lat: number } }>("geocode");
 *     ctx.events.on("clock.*", (_, { topic }) => ctx.log.info(`heard ${topic}`));
 *     return {
 *       north: async (place: string) => (await geocode.find(place)).lat > 0,
 *     };
 *   },
 * };
 *
 * await using plugin = await startPlugin(module, {
 *   manifest: `
 *     schema = 1
 *     [plugin]
 *     id = "acme.weather"
 *     version = "1.0.0"
 *     main = "main.ts"
 *     [uses]
 *     geocode = "^1"
 *     [events]
 *     subscribes = ["clock.*"]
 *   `,
 *   capabilities: { geocode: { find: (place) => ({ lat: place === "Oslo" ? 59.9 : -33.9 }) } },
 * });
 *
 * assertEquals(await plugin.call("north", "Oslo"), true);
 * await plugin.publish("clock.hour", { hour: 7 });
 * assertEquals(plugin.logs, [{ level: "info", message: "heard clock.hour" }]);
 * ```
 */
export async function startPlugin<Module extends TestableModule>(
  module: Module,
  options: StartPluginOptions = {},
): Promise<StartedPlugin<MethodsOf<Module>>> {
  const { capabilities = {}, config = {}, data = "/data" } = options;
  const manifest = await readManifest(options.manifest ?? "plugin.toml");
  const vars = resolveVariables(manifest, options.vars ?? {});
  assertDeclared(manifest, capabilities);
  const starting = TestHost.start({ manifest, module, capabilities, vars, config, data });
  const host = await showOrigin(starting);
  // The methods that exist at run time were looked at in the start; their types come from the module.
  return new InMemoryPlugin(host) as unknown as StartedPlugin<MethodsOf<Module>>;
}
