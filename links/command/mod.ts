/**
 * Stands in for jsr:@cliffy/command, over npm:commander.
 *
 * @module
 */

export { Command } from "./command.ts";
export type { ActionHandler, CommandResult } from "./command.ts";
export type { OptionOptions } from "./definition.ts";
export { ValidationError, type ValidationErrorOptions } from "./validation_error.ts";
