/**
 * The schema that a plugin's state has to keep to: the part of JSON Schema
 * that is checked with bounded work, since plugins write both.
 *
 * @module
 */

import type { Schema } from "../contracts/schema.ts";
import { formatPath, SchemaCompiler } from "../contracts/value_check.ts";
import { CordonError } from "../errors.ts";

const MAX_BYTES = 256 * 1024;
const MAX_DEPTH = 32;

/** Keywords that say nothing about values. */
const NOTES = new Set(["$schema", "$id", "$comment", "title", "description", "default", "examples"]);
const TYPES = new Set<unknown>(["string", "number", "boolean", "null", "object", "array"]);
/** Fits nothing. */
const NOTHING: Schema = { enum: [] };

/**
 * Sees that a state keeps to the schema in a file.
 *
 * @throws {CordonError} `invalid_state`, with the place; `invalid_input` for what is no schema.
 */
export async function assertStateFits(state: unknown, path: string): Promise<void> {
  const { size } = await Deno.stat(path);
  if (size > MAX_BYTES) throw refuse(path, `it has more than ${MAX_BYTES} bytes`);
  const text = await Deno.readTextFile(path);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw refuse(path, "it is no JSON");
  }
  const { definitions, schema } = readSchema(document, path);
  const mismatch = new SchemaCompiler(definitions).compile(schema)(state);
  if (mismatch === undefined) return;
  const place = mismatch.path.length === 0 ? "it" : formatPath(mismatch.path);
  throw new CordonError("invalid_state", `Cannot hand the state on: ${place} ${mismatch.message}`, {
    hint: 'Have importState() of the new version take what is there, or set reload.state = "none"',
  });
}

/**
 * Reads a schema and its `$defs`.
 *
 * @throws {CordonError} `invalid_input` for a keyword that is not known, and for what is none.
 */
export function readSchema(
  document: unknown,
  path: string,
): { readonly definitions: Readonly<Record<string, Schema>>; readonly schema: Schema } {
  const read = (value: unknown, place: string, depth: number): Schema => {
    if (value === true) return {};
    if (value === false) return NOTHING;
    if (!isObject(value)) throw refuse(path, `${place} is no schema`);
    if (depth > MAX_DEPTH) throw refuse(path, `${place} is nested deeper than ${MAX_DEPTH}`);
    const below = (child: unknown, name: string) => read(child, `${place}.${name}`, depth + 1);
    const list = (name: string): Schema[] => {
      const children = value[name];
      if (Array.isArray(children)) return children.map((child, index) => below(child, `${name}[${index}]`));
      throw refuse(path, `${place}.${name} is no list`);
    };
    const schema: Record<string, unknown> = {};
    for (const [keyword, argument] of Object.entries(value)) {
      const isRoot = depth === 0 && keyword === "$defs";
      if (NOTES.has(keyword) || isRoot) continue;
      switch (keyword) {
        case "type":
          if (![argument].flat().every((type) => TYPES.has(type))) {
            throw refuse(path, `${place}.type is none of ${[...TYPES].join(", ")}`);
          }
          schema.type = argument;
          break;
        case "const":
          schema.enum = [argument];
          break;
        case "enum":
        case "required":
          if (!Array.isArray(argument)) throw refuse(path, `${place}.${keyword} is no list`);
          schema[keyword] = argument;
          break;
        case "anyOf":
        case "allOf":
        case "prefixItems":
          schema[keyword] = list(keyword);
          break;
        case "items":
        case "additionalProperties":
          schema[keyword] = below(argument, keyword);
          break;
        case "properties":
          if (!isObject(argument)) throw refuse(path, `${place}.properties is no object`);
          schema.properties = Object.fromEntries(
            Object.entries(argument).map(([name, child]) => [name, below(child, `properties.${name}`)]),
          );
          break;
        case "minItems":
        case "maxItems":
          if (!Number.isSafeInteger(argument)) throw refuse(path, `${place}.${keyword} is no whole number`);
          schema[keyword] = argument;
          break;
        case "$ref":
          if (typeof argument !== "string" || !names.has(argument)) {
            throw refuse(path, `${place}.$ref names nothing in $defs`);
          }
          schema.$ref = argument;
          break;
        default:
          throw refuse(path, `${place} has "${keyword.slice(0, 40)}", which is not checked here`);
      }
    }
    return schema as Schema;
  };
  const defs = isObject(document) && isObject(document.$defs) ? document.$defs : {};
  const names = new Set(Object.keys(defs).map((name) => `#/$defs/${name}`));
  const definitions = Object.fromEntries(
    Object.entries(defs).map(([name, value]) => [name, read(value, `$defs.${name}`, 1)]),
  );
  return { definitions, schema: read(document, "the schema", 0) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuse(path: string, why: string): CordonError {
  return new CordonError("invalid_input", `Cannot use the schema of the state in "${path}": ${why}`);
}
