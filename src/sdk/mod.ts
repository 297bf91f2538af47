/**
 * Types for plugin authors. Import them with `import type`, so that nothing
 * has to be resolved when the plugin runs.
 *
 * @example A whole plugin
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { PluginContext } from "@cordon/cordon/sdk";
 *
 * export function activate(ctx: PluginContext) {
 *   return { greet: (name: string) => `Hello ${name}, I am ${ctx.id}` };
 * }
 *
 * const methods = activate({ id: "acme.greeter" } as PluginContext);
 * assertEquals(methods.greet("Ada"), "Hello Ada, I am acme.greeter");
 * ```
 *
 * @module
 */

export type { CurrentCall } from "./current_call.ts";
export type {
  Capability,
  CapabilityHandle,
  CapabilityProvider,
  CapabilityState,
  Carried,
  Remote,
} from "./capabilities.ts";
export type {
  CallOptions,
  LimitEvent,
  PluginContext,
  PluginLog,
  PluginMethods,
  PluginModule,
  StateOrigin,
} from "./context.ts";
export type { HealthReport, HealthStatus } from "./health.ts";
export type {
  BlobVersion,
  Lease,
  LeaseOptions,
  OpenBlob,
  PermitOptions,
  PluginResources,
  SharedBlob,
  SharedCache,
  SharedCounter,
} from "./resources.ts";
export type {
  EventHandler,
  EventOptions,
  EventOrigin,
  EventStart,
  Overflow,
  PluginEvents,
  PublishOptions,
  SubscribeOptions,
} from "./events.ts";
