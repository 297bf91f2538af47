/**
 * One schema of several of which one has to fit.
 *
 * @module
 */

import { ANYTHING, type Literal, type Schema, type SchemaType } from "./schema.ts";

/** A schema that takes null, too. */
export function orNull(schema: Schema): Schema {
  return uniteSchemas([schema, { type: "null" }]);
}

/** One schema for several of which one has to fit. */
export function uniteSchemas(schemas: readonly Schema[]): Schema {
  const types = new Set<SchemaType>();
  const literals = new Set<Literal>();
  const others: Schema[] = [];
  for (const schema of schemas.flatMap((one) => one.anyOf ?? [one])) {
    if (Object.keys(schema).length === 0) return ANYTHING;
    const isPlain = Object.keys(schema).length === 1;
    if (isPlain && schema.type !== undefined) {
      [schema.type].flat().forEach((type) => types.add(type as SchemaType));
    } else if (schema.enum !== undefined) schema.enum.forEach((literal) => literals.add(literal));
    else others.push(schema);
  }
  const parts: Schema[] = [
    ...(types.size === 0 ? [] : [{ type: types.size === 1 ? [...types][0]! : [...types] }]),
    ...(literals.size === 0 ? [] : [{ enum: [...literals] }]),
    ...others,
  ];
  return parts.length === 1 ? parts[0]! : parts.length === 0 ? { enum: [] } : { anyOf: parts };
}
