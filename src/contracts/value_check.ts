/**
 * Checks values against the schemas of a contract. It generates no code, and
 * its work is bounded by the size of the value: types that name each other
 * can make a checker that tries everything go on without end.
 *
 * @module
 */

import { ANYTHING, BYTES_TYPE, DEFINITIONS, type Literal, type Schema, type SchemaType } from "./schema.ts";

/** Steps that every value may take, and those that each part of it adds. */
const BASE_STEPS = 10_000;
const STEPS_PER_NODE = 64;

/** Steps that no value may take more of: meanwhile nobody else is served. */
const MAX_STEPS = 2 ** 22;

/** Deepest chain of named types; a value is at most 64 levels deep. */
const MAX_DEPTH = 256;

const MAX_SHOWN = 5;
const MAX_SEGMENT = 64;

/** Where a value does not fit, and how. */
export interface Mismatch {
  /** Keys and indexes that lead there. */
  readonly path: readonly (string | number)[];
  /** What is wrong with it, as "is no number". */
  readonly message: string;
}

/** Checks one value. */
export type ValueCheck = (value: unknown) => Mismatch | undefined;

type Check = (value: unknown, work: Work) => Mismatch | undefined;

/** More was tried than the value is worth. */
class ExhaustedError extends Error {}

/** Compiles the schemas of one contract: named types are compiled once for all. */
export class SchemaCompiler {
  readonly #definitions: ReadonlyMap<string, Check>;

  /** @param definitions The types that schemas refer to. */
  constructor(definitions: Readonly<Record<string, Schema>>) {
    this.#definitions = new Map(
      Object.entries(definitions).map(([name, schema]) => [`${DEFINITIONS}${name}`, this.#compile(schema)]),
    );
  }

  /** Makes the check for a schema. */
  compile(schema: Schema): ValueCheck {
    const check = this.#compile(schema);
    return (value) => {
      try {
        return check(value, new Work(value));
      } catch (error) {
        if (!(error instanceof ExhaustedError)) throw error;
        return { path: [], message: "takes too much work to check" };
      }
    };
  }

  #compile(schema: Schema): Check {
    const checks: Check[] = [];
    if (schema.type !== undefined) checks.push(checkType([schema.type].flat() as SchemaType[]));
    if (schema.enum !== undefined) checks.push(checkEnum(schema.enum));
    if (schema.contentMediaType === BYTES_TYPE) checks.push(checkBytes);
    // What looks into nothing has no work to count.
    const leaf = checks.length === 1 && Object.keys(schema).length === 1 ? checks[0] : undefined;
    if (leaf !== undefined) return leaf;
    if (schema.$ref !== undefined) checks.push(this.#checkReference(schema.$ref));
    if (schema.anyOf !== undefined) checks.push(this.#checkAny(schema.anyOf));
    for (const one of schema.allOf ?? []) checks.push(this.#compile(one));
    if ((schema.properties ?? schema.required ?? schema.additionalProperties) !== undefined) {
      checks.push(this.#checkProperties(schema));
    }
    if ((schema.items ?? schema.prefixItems) !== undefined) checks.push(this.#checkItems(schema));
    return (value, work) => {
      work.step();
      for (const check of checks) {
        const mismatch = check(value, work);
        if (mismatch !== undefined) return mismatch;
      }
      return undefined;
    };
  }

  #checkReference(name: string): Check {
    return (value, work) => {
      if (++work.depth > MAX_DEPTH) throw new ExhaustedError();
      const mismatch = this.#definitions.get(name)?.(value, work);
      work.depth--;
      return mismatch;
    };
  }

  #checkAny(schemas: readonly Schema[]): Check {
    const checks = schemas.map((schema) => this.#compile(schema));
    const expected = schemas.map(describe).join(" | ");
    return (value, work) => {
      const nested: Mismatch[] = [];
      for (const check of checks) {
        const mismatch = check(value, work);
        if (mismatch === undefined) return undefined;
        if (mismatch.path.length > 0) nested.push(mismatch);
      }
      // Where only one of them got further than the value itself, that is the one that was meant.
      return nested.length === 1 ? nested[0] : { path: [], message: `is not ${expected}` };
    };
  }

  #checkProperties({ properties = {}, required = [], additionalProperties }: Schema): Check {
    const known = new Map(
      [...new Set([...Object.keys(properties), ...required])].map((name) => {
        const schema = Object.hasOwn(properties, name) ? properties[name]! : ANYTHING;
        return [name, { check: this.#compile(schema), isRequired: required.includes(name) }];
      }),
    );
    const others = additionalProperties === undefined ? undefined : this.#compile(additionalProperties);
    return (value, work) => {
      const holder = value as Record<string, unknown>;
      for (const [name, { check, isRequired }] of known) {
        work.step();
        const item = Object.hasOwn(holder, name) ? holder[name] : undefined;
        if (item === undefined && !isRequired) continue;
        const mismatch = item === undefined ? { path: [], message: "is missing" } : check(item, work);
        if (mismatch !== undefined) return within(name, mismatch);
      }
      if (others === undefined) return undefined;
      for (const [name, item] of Object.entries(holder)) {
        const mismatch = known.has(name) || item === undefined ? undefined : others(item, work);
        if (mismatch !== undefined) return within(name, mismatch);
      }
      return undefined;
    };
  }

  #checkItems({ items, prefixItems = [], minItems = 0, maxItems = Infinity }: Schema): Check {
    const first = prefixItems.map((schema) => this.#compile(schema));
    const others = items === undefined ? undefined : this.#compile(items);
    return (value, work) => {
      const list = value as readonly unknown[];
      if (list.length > maxItems) return { path: [], message: `has more than ${maxItems} items` };
      for (let index = 0; index < list.length; index++) {
        const check = first[index] ?? others;
        if (check === undefined) break;
        const mismatch = check(list[index], work);
        if (mismatch !== undefined) return within(index, mismatch);
      }
      return list.length < minItems ? { path: [list.length], message: "is missing" } : undefined;
    };
  }
}

/** Renders a path as a JSON pointer, cut where somebody made it long. */
export function formatPath(path: readonly (string | number)[]): string {
  return path.map((segment) => {
    const text = String(segment);
    return `/${text.length > MAX_SEGMENT ? `${text.slice(0, MAX_SEGMENT)}…` : text}`;
  }).join("");
}

/** What checking one value has cost, and may cost. */
class Work {
  readonly #value: unknown;
  #steps = 0;
  #allowed = BASE_STEPS;
  #isCounted = false;
  depth = 0;

  constructor(value: unknown) {
    this.#value = value;
  }

  step(): void {
    if (++this.#steps <= this.#allowed) return;
    if (this.#isCounted) throw new ExhaustedError();
    this.#isCounted = true;
    this.#allowed = Math.min(MAX_STEPS, BASE_STEPS + STEPS_PER_NODE * countNodes(this.#value, 0));
  }
}

function countNodes(value: unknown, depth: number): number {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array || depth > MAX_DEPTH) {
    return 1;
  }
  let count = 1;
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    count += countNodes(item, depth + 1);
  }
  return count;
}

/** The JSON type of a value; what is left out is null by the time it arrives. */
function typeOf(value: unknown): SchemaType | "bytes" | undefined {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
      return typeof value as SchemaType;
    case "undefined":
      return "null";
    case "object":
      return value === null
        ? "null"
        : Array.isArray(value)
        ? "array"
        : value instanceof Uint8Array
        ? "bytes"
        : "object";
    default:
      return undefined;
  }
}

function checkType(types: readonly SchemaType[]): Check {
  const [only] = types;
  const message = types.length > 1
    ? `is not ${types.join(" | ")}`
    : only === "null"
    ? "is not null"
    : `is no ${only}`;
  const allowed = new Set<unknown>(types);
  return (value) => allowed.has(typeOf(value)) ? undefined : { path: [], message };
}

function checkEnum(literals: readonly Literal[]): Check {
  const allowed = new Set<unknown>(literals);
  const message = `is not ${describe({ enum: literals })}`;
  return (value) => allowed.has(value === undefined ? null : value) ? undefined : { path: [], message };
}

function checkBytes(value: unknown): Mismatch | undefined {
  return value instanceof Uint8Array ? undefined : { path: [], message: "is no Uint8Array" };
}

function within(key: string | number, { path, message }: Mismatch): Mismatch {
  return { path: [key, ...path], message };
}

/** A schema in the words of TypeScript. */
function describe(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.slice(DEFINITIONS.length);
  if (schema.contentMediaType === BYTES_TYPE) return "Uint8Array";
  if (schema.enum !== undefined) {
    const shown = schema.enum.slice(0, MAX_SHOWN).map((literal) => cut(JSON.stringify(literal)));
    return [...shown, ...(schema.enum.length > MAX_SHOWN ? ["…"] : [])].join(" | ") || "never";
  }
  if (schema.anyOf !== undefined) return schema.anyOf.slice(0, MAX_SHOWN).map(describe).join(" | ");
  return schema.type === undefined ? "another value" : [schema.type].flat().join(" | ");
}

function cut(text: string): string {
  return text.length > MAX_SEGMENT ? `${text.slice(0, MAX_SEGMENT)}…` : text;
}
