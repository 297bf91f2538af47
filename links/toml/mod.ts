/**
 * Stands in for jsr:@std/toml, over npm:smol-toml.
 *
 * @module
 */

export { parse } from "./parse.ts";
