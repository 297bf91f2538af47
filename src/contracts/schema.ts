/**
 * The part of JSON Schema (draft 2020-12) that contracts are turned into.
 *
 * @module
 */

/** A value that a schema can name. */
export type Literal = string | number | boolean | null;

/** Types of JSON values. */
export type SchemaType = "string" | "number" | "boolean" | "null" | "object" | "array";

/** What a value has to be; the empty one takes any. */
export interface Schema {
  /** Its type, or one of several. */
  readonly type?: SchemaType | readonly SchemaType[];
  /** It is one of these. */
  readonly enum?: readonly Literal[];
  /** It fits one of these. */
  readonly anyOf?: readonly Schema[];
  /** It fits all of these. */
  readonly allOf?: readonly Schema[];
  /** Its properties, where it has them. */
  readonly properties?: Readonly<Record<string, Schema>>;
  /** Properties that it has. */
  readonly required?: readonly string[];
  /** Its other properties. */
  readonly additionalProperties?: Schema;
  /** Its first items. */
  readonly prefixItems?: readonly Schema[];
  /** Its other items. */
  readonly items?: Schema;
  /** How many items it has at least. */
  readonly minItems?: number;
  /** How many items it has at most. */
  readonly maxItems?: number;
  /** It is a `Uint8Array`: no JSON value, so this says nothing to others. */
  readonly contentMediaType?: typeof BYTES_TYPE;
  /** It fits the definition of this name, as `#/$defs/Place`. */
  readonly $ref?: string;
}

/** Marks raw bytes, as OpenAPI does. */
export const BYTES_TYPE = "application/octet-stream";

/** Takes any value. */
export const ANYTHING: Schema = {};

/** Where definitions stand. */
export const DEFINITIONS = "#/$defs/";
