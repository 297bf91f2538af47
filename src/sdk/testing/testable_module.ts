/**
 * The types of what is tested: a plugin's main module and its methods.
 *
 * @module
 */

import type { Remote } from "../capabilities.ts";
import type { PluginContext, PluginMethods, PluginModule } from "../context.ts";

/** A plugin's main module as {@linkcode startPlugin} takes it: `import * as module from "./main.ts"`. */
export interface TestableModule {
  /** Starts the plugin; returns its methods. */
  activate(context: PluginContext): unknown;
  /** Ends the plugin. */
  deactivate?(): unknown;
  /** Reports how the plugin is. */
  health?(): unknown;
}

/** The methods of a plugin, as seen from outside: what `activate()` returns, and its exported functions. */
export type MethodsOf<Module extends TestableModule> = unknown extends Awaited<ReturnType<Module["activate"]>>
  ? Remote<PluginMethods>
  : Remote<Omit<Module, keyof PluginModule> & ObjectIn<Awaited<ReturnType<Module["activate"]>>>>;

/** The object in a type that may be `void` too. */
export type ObjectIn<Type> = [Extract<Type, object>] extends [never] ? unknown : Extract<Type, object>;

/** The arguments of a method. */
export type ArgumentsOf<Method> = Method extends (...args: infer Args) => unknown ? Args : never;

/** What a method answers with. */
export type AnswerOf<Method> = Method extends (...args: never[]) => infer Result ? Promise<Awaited<Result>>
  : Promise<unknown>;
