/**
 * Turns the types of a contract into JSON Schema, as far as they have one.
 *
 * @module
 */

import type { Declarations, Shape } from "./declarations.ts";
import type { DocLiteral, DocParameter, DocReference, DocType } from "./doc_nodes.ts";
import { COMPUTED, STREAMS, UNCARRIABLE, UNCHECKED_KINDS } from "./known_types.ts";
import { ANYTHING, BYTES_TYPE, DEFINITIONS, type Schema } from "./schema.ts";
import { orNull, uniteSchemas } from "./schema_union.ts";

/** Deepest nesting of a type that is not named. */
const MAX_DEPTH = 32;

/** Most types of one contract; what comes then is unchecked. */
const MAX_TYPES = 20_000;

/** Told of what has no schema. */
export interface ConversionReport {
  /** It is taken without a check. */
  readonly onUnchecked: (what: string) => void;
  /** It must not stand in a contract. */
  readonly onRefused: (why: string) => void;
}

/** Converts the types of one contract. */
export class TypeConverter {
  readonly #declarations: Declarations;
  readonly #report: ConversionReport;
  readonly #hasSureTuples: boolean;
  readonly #definitions = new Map<string, Schema>();
  #count = 0;

  /**
   * @param declarations The types that the contract declares.
   * @param options `hasSureTuples`: whether the optional members of tuples can be told.
   */
  constructor(
    declarations: Declarations,
    { hasSureTuples, ...report }: ConversionReport & { readonly hasSureTuples: boolean },
  ) {
    this.#declarations = declarations;
    this.#report = report;
    this.#hasSureTuples = hasSureTuples;
  }

  /** The types that schemas refer to. */
  get definitions(): Record<string, Schema> {
    return Object.fromEntries(this.#definitions);
  }

  /** The schema of a list of arguments; more than are named may follow. */
  convertParameters(parameters: readonly DocParameter[]): Schema {
    const fixed = parameters.filter(({ kind }) => kind !== "rest");
    const rest = parameters.find(({ kind }) => kind === "rest");
    const required = fixed.findLastIndex(({ optional }) => optional !== true) + 1;
    return {
      type: "array",
      // What is left out before another argument arrives as null.
      prefixItems: fixed.map(({ optional, tsType }) =>
        optional === true ? orNull(this.convert(tsType)) : this.convert(tsType)
      ),
      minItems: required,
      ...(rest === undefined ? {} : this.#convertRest(rest.tsType, fixed.length)),
    };
  }

  /** The schema of what a method answers: what its promise holds, where it is one. */
  convertResult(type: DocType | undefined): Schema {
    const { typeName, typeParams } = (type?.kind === "typeRef" ? type.value : {}) as DocReference;
    const isPromise = (typeName === "Promise" || typeName === "PromiseLike") &&
      this.#declarations.find(typeName) === undefined;
    const answered = isPromise ? typeParams?.[0] : type;
    // A function that returns nothing may return anything.
    return answered?.kind === "keyword" && answered.value === "void" ? ANYTHING : this.convert(answered);
  }

  /** The schema of a type. */
  convert(type: DocType | undefined, depth = 0): Schema {
    if (type === undefined) return this.#leave("what has no type");
    if (depth > MAX_DEPTH || ++this.#count > MAX_TYPES) return this.#leave("what is nested too deeply");
    const convert = (inner: unknown) => this.convert(inner as DocType | undefined, depth + 1);
    switch (type.kind) {
      case "keyword":
        return this.#convertKeyword(type.value as string);
      case "literal":
        return this.#convertLiteral(type.value as DocLiteral);
      case "parenthesized":
      case "optional":
        return convert(type.value);
      case "array":
        return { type: "array", items: convert(type.value) };
      case "tuple":
        return this.#convertTuple(type.value as DocType[], convert);
      case "union":
        return uniteSchemas((type.value as DocType[]).map(convert));
      case "typeLiteral":
      case "intersection":
        return this.#convertObject(type, convert);
      case "typeOperator": {
        const { operator, tsType } = type.value as { operator: string; tsType: DocType };
        return operator === "readonly" ? convert(tsType) : this.#leave(`types with "${operator}"`);
      }
      case "typeRef":
        return this.#convertReference(type, convert);
      case "fnOrConstructor":
        return this.#refuse("a function cannot be carried");
      default:
        return this.#leave(UNCHECKED_KINDS.get(type.kind ?? "") ?? "types of a kind that is not known here");
    }
  }

  #convertKeyword(keyword: string): Schema {
    switch (keyword) {
      case "string":
      case "number":
      case "boolean":
      case "null":
        return { type: keyword };
      case "undefined":
      case "void":
        return { type: "null" };
      case "any":
      case "unknown":
        return ANYTHING;
      case "object":
        return { anyOf: [{ type: ["object", "array"] }, { contentMediaType: BYTES_TYPE }] };
      case "never":
        return { enum: [] };
      default:
        return this.#refuse(`a ${keyword} cannot be carried`);
    }
  }

  #convertLiteral({ kind, string, number, boolean }: DocLiteral): Schema {
    switch (kind) {
      case "string":
        return { enum: [string ?? ""] };
      case "number":
        return { enum: [number ?? 0] };
      case "boolean":
        return { enum: [boolean ?? false] };
      case "template":
        this.#leave("the pattern of template texts");
        return { type: "string" };
      default:
        return this.#refuse(`a ${kind === "bigInt" ? "bigint" : "literal of this kind"} cannot be carried`);
    }
  }

  #convertTuple(members: readonly DocType[], convert: (type: unknown) => Schema): Schema {
    const last = members.at(-1);
    const rest = last?.kind === "rest" ? last : undefined;
    const fixed = members.filter(({ kind }) => kind !== "rest");
    if (fixed.length < members.length - (rest === undefined ? 0 : 1)) {
      return this.#leave("tuples with a rest that is not their end");
    }
    if (!this.#hasSureTuples) {
      this.#leave('the length of tuples: in "[a: string, b?: number]" leave out the names');
    }
    return {
      type: "array",
      prefixItems: fixed.map((member) =>
        member.kind === "optional" ? orNull(convert(member)) : convert(member)
      ),
      minItems: this.#hasSureTuples ? fixed.filter(({ kind }) => kind !== "optional").length : 0,
      ...(rest === undefined ? { maxItems: fixed.length } : this.#convertRest(rest.value as DocType, 0)),
    };
  }

  /** What may follow: the items of an array type. */
  #convertRest(type: DocType | undefined, before: number): Schema {
    const { items, prefixItems, $ref } = this.convert(type);
    if ($ref === undefined && prefixItems === undefined && items !== undefined) return { items };
    this.#leave(`arguments from the ${before + 1}. on`);
    return {};
  }

  #convertObject(type: DocType, convert: (type: unknown) => Schema): Schema {
    const shape = this.#declarations.shapeOf(type);
    if (shape !== undefined) return this.#convertShape(shape, convert);
    const parts = type.kind === "intersection" ? type.value as DocType[] : [];
    const schemas = parts.map(convert);
    if (parts.length > 0 && schemas.every((schema) => this.#isOfObjects(schema))) return { allOf: schemas };
    return this.#leave(parts.length > 0 ? "intersections of other than objects" : "objects of this kind");
  }

  #convertShape({ properties, others }: Shape, convert: (type: unknown) => Schema): Schema {
    const entries = [...properties];
    const isRequired = (name: string) => {
      const { type, optional } = properties.get(name)!;
      return !optional && !this.#declarations.takesUndefined(type);
    };
    const required = entries.map(([name]) => name).filter(isRequired);
    if (entries.length === 0 && others === undefined) {
      // Whatever is neither null nor undefined.
      return {
        anyOf: [{ type: ["object", "array", "string", "number", "boolean"] }, {
          contentMediaType: BYTES_TYPE,
        }],
      };
    }
    return {
      type: "object",
      ...(entries.length === 0
        ? {}
        : { properties: Object.fromEntries(entries.map(([name, { type }]) => [name, convert(type)])) }),
      ...(required.length === 0 ? {} : { required }),
      ...(others === undefined ? {} : { additionalProperties: convert(others) }),
    };
  }

  #convertReference(type: DocType, convert: (type: unknown) => Schema): Schema {
    const { typeName = "", typeParams = [], resolution } = type.value as DocReference;
    if (resolution?.kind === "typeParam") {
      return this.#leave(`what depends on the type parameter "${typeName}"`);
    }
    if (this.#declarations.find(typeName) !== undefined) return this.#convertDeclared(typeName);
    switch (typeName) {
      case "Array":
      case "ReadonlyArray":
        return { type: "array", items: convert(typeParams[0]) };
      case "Uint8Array":
        return { contentMediaType: BYTES_TYPE };
    }
    const reason = UNCARRIABLE.get(typeName);
    if (reason !== undefined) return this.#refuse(`a ${typeName} cannot be carried: ${reason}`);
    if (STREAMS.has(typeName)) return this.#leave("what flows in a stream");
    if (typeName === "Promise") return this.#refuse("a promise inside a value cannot be carried");
    const shape = this.#declarations.shapeOf(type);
    if (shape !== undefined) return this.#convertShape(shape, convert);
    if (COMPUTED.has(typeName)) return this.#leave(`the type ${typeName}<…>`);
    return this.#refuse(`"${typeName}" is no type that it declares, or that contracts know`);
  }

  /** A type with a name gets a definition, so that it may hold itself. */
  #convertDeclared(name: string): Schema {
    if (this.#declarations.isGeneric(name)) return this.#leave(`the generic type "${name}"`);
    if (!this.#definitions.has(name)) {
      this.#definitions.set(name, ANYTHING);
      const reference: DocType = { kind: "typeRef", value: { typeName: name } satisfies DocReference };
      const [declaration] = this.#declarations.find(name)!;
      if (declaration?.kind === "typeAlias") {
        this.#definitions.set(name, this.convert(declaration.def?.tsType));
      } else {
        const shape = this.#declarations.shapeOf(reference);
        const schema = shape === undefined
          ? this.#leave(`the type "${name}"`)
          : this.#convertShape(shape, (inner) => this.convert(inner as DocType | undefined, 1));
        this.#definitions.set(name, schema);
      }
    }
    return { $ref: `${DEFINITIONS}${name}` };
  }

  /** Whether only objects fit. */
  #isOfObjects(schema: Schema, depth = 0): boolean {
    if (depth > MAX_DEPTH) return false;
    const { type, $ref, anyOf, allOf } = schema;
    const inner = $ref === undefined
      ? anyOf ?? allOf
      : [this.#definitions.get($ref.slice(DEFINITIONS.length)) ?? ANYTHING];
    return type === "object" || (inner?.every((one) => this.#isOfObjects(one, depth + 1)) ?? false);
  }

  #leave(what: string): Schema {
    this.#report.onUnchecked(what);
    return ANYTHING;
  }

  #refuse(why: string): Schema {
    this.#report.onRefused(why);
    return ANYTHING;
  }
}
