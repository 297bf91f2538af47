/**
 * The types that a contract declares, by name, and the shapes of its object
 * types: properties with what `extends` and the utility types do to them.
 *
 * @module
 */

import type {
  DocDeclaration,
  DocLiteral,
  DocMembers,
  DocModule,
  DocReference,
  DocType,
} from "./doc_nodes.ts";

/** More properties are not looked at one by one. */
const MAX_PROPERTIES = 1_000;

/** Longest chain of types that are made of others. */
const MAX_CHAIN = 64;

/** Most types looked into for one contract: a few lines can name each other without end. */
const MAX_WORK = 50_000;

/** A property of an object type. */
export interface ShapeProperty {
  /** Its type. */
  readonly type: DocType;
  /** Whether it may be missing. */
  readonly optional: boolean;
}

/** An object type. */
export interface Shape {
  /** Its properties, by name. */
  readonly properties: ReadonlyMap<string, ShapeProperty>;
  /** Type of all other properties, where it says so. */
  readonly others: DocType | undefined;
}

const FUNCTION: DocType = { kind: "fnOrConstructor" };

/** The types of one contract. */
export class Declarations {
  readonly #byName = new Map<string, readonly DocDeclaration[]>();
  #work = 0;

  /** @param module What the contract declares. */
  constructor({ symbols = [] }: DocModule) {
    for (const { name, declarations = [] } of symbols) {
      this.#byName.set(name, declarations);
      const own = declarations[0]?.def?.defName;
      // A default export is known by its own name inside the module.
      if (own !== undefined && !this.#byName.has(own)) this.#byName.set(own, declarations);
    }
  }

  /** The declarations of a name. */
  find(name: string): readonly DocDeclaration[] | undefined {
    return this.#byName.get(name);
  }

  /** Whether a name stands for something with type parameters. */
  isGeneric(name: string): boolean {
    return this.find(name)?.some(({ def }) => (def?.typeParams?.length ?? 0) > 0) ?? false;
  }

  /** The properties of an object type; undefined for any other, and for what cannot be seen through. */
  shapeOf(type: DocType, depth = 0): Shape | undefined {
    if (this.#isTooMuch(depth)) return undefined;
    switch (type.kind) {
      case "parenthesized":
        return this.shapeOf(type.value as DocType, depth + 1);
      case "typeLiteral":
        return toShape(type.value as DocMembers);
      case "intersection":
        return mergeShapes((type.value as DocType[]).map((part) => this.shapeOf(part, depth + 1)));
      case "typeRef":
        return this.#shapeOfReference(type.value as DocReference, depth + 1);
      default:
        return undefined;
    }
  }

  /** Whether a value of the type may be `undefined`. */
  takesUndefined(type: DocType | undefined, depth = 0): boolean {
    if (type === undefined || this.#isTooMuch(depth)) return false;
    switch (type.kind) {
      case "keyword":
        return type.value === "undefined" || type.value === "void";
      case "parenthesized":
        return this.takesUndefined(type.value as DocType, depth + 1);
      case "union":
        return (type.value as DocType[]).some((part) => this.takesUndefined(part, depth + 1));
      case "typeRef": {
        const [declaration] = this.find((type.value as DocReference).typeName ?? "") ?? [];
        return declaration?.kind === "typeAlias" && this.takesUndefined(declaration.def?.tsType, depth + 1);
      }
      default:
        return false;
    }
  }

  #isTooMuch(depth: number): boolean {
    return depth > MAX_CHAIN || ++this.#work > MAX_WORK;
  }

  #shapeOfReference({ typeName = "", typeParams = [] }: DocReference, depth: number): Shape | undefined {
    const declarations = this.find(typeName);
    if (declarations !== undefined) return this.#shapeOfDeclared(typeName, declarations, depth);
    const [first, second] = typeParams;
    if (first === undefined) return undefined;
    if (typeName === "Record") return this.#shapeOfRecord(first, second);
    const shape = this.shapeOf(first, depth);
    if (shape === undefined) return undefined;
    switch (typeName) {
      case "Readonly":
        return shape;
      case "Partial":
        return withOptional(shape, true);
      case "Required":
        return withOptional(shape, false);
      case "Pick":
      case "Omit": {
        const keys = this.#literalsOf(second);
        if (keys === undefined) return undefined;
        const isKept = (name: string) => keys.has(name) === (typeName === "Pick");
        return { ...shape, properties: new Map([...shape.properties].filter(([name]) => isKept(name))) };
      }
      default:
        return undefined;
    }
  }

  #shapeOfDeclared(
    name: string,
    declarations: readonly DocDeclaration[],
    depth: number,
  ): Shape | undefined {
    if (this.isGeneric(name)) return undefined;
    if (declarations[0]?.kind === "typeAlias") return this.shapeOf(declarations[0].def?.tsType ?? {}, depth);
    // What an interface says itself counts for more than what it extends.
    return mergeShapes(declarations.flatMap(({ def = {} }) => [
      ...(def.extends ?? []).map((base) => this.shapeOf(base, depth)),
      toShape(def),
    ]));
  }

  #shapeOfRecord(key: DocType, type: DocType | undefined): Shape | undefined {
    if (type === undefined) return undefined;
    const names = this.#literalsOf(key);
    if (names !== undefined) {
      return {
        properties: new Map([...names].map((name) => [name, { type, optional: false }])),
        others: undefined,
      };
    }
    const isText = key.kind === "keyword" && (key.value === "string" || key.value === "number");
    return isText ? { properties: new Map(), others: type } : undefined;
  }

  /** The texts of a union of literals; undefined for any other type. */
  #literalsOf(type: DocType | undefined, depth = 0): Set<string> | undefined {
    if (type === undefined || this.#isTooMuch(depth)) return undefined;
    switch (type.kind) {
      case "parenthesized":
        return this.#literalsOf(type.value as DocType, depth + 1);
      case "literal": {
        const { kind, string = "" } = type.value as DocLiteral;
        return kind === "string" ? new Set([string]) : undefined;
      }
      case "union": {
        const parts = (type.value as DocType[]).map((part) => this.#literalsOf(part, depth + 1));
        return parts.includes(undefined) ? undefined : new Set(parts.flatMap((part) => [...part!]));
      }
      case "typeRef": {
        const [declaration] = this.find((type.value as DocReference).typeName ?? "") ?? [];
        return declaration?.kind === "typeAlias"
          ? this.#literalsOf(declaration.def?.tsType, depth + 1)
          : undefined;
      }
      default:
        return undefined;
    }
  }
}

function toShape(members: DocMembers): Shape | undefined {
  const { methods = [], properties = [], indexSignatures = [], callSignatures = [], constructors = [] } =
    members;
  if (callSignatures.length + constructors.length > 0) return undefined;
  if (properties.some(({ computed, name }) => computed === true && name.startsWith("["))) return undefined;
  return {
    properties: new Map([
      ...properties.map(({ name, optional = false, tsType: type = {} }) =>
        [name, { type, optional }] as const
      ),
      ...methods.map(({ name, optional = false }) => [name, { type: FUNCTION, optional }] as const),
    ]),
    others: indexSignatures[0]?.tsType,
  };
}

function mergeShapes(shapes: readonly (Shape | undefined)[]): Shape | undefined {
  const properties = new Map<string, ShapeProperty>();
  let others: DocType | undefined;
  for (const shape of shapes) {
    if (shape === undefined) return undefined;
    for (const [name, property] of shape.properties) {
      const before = properties.get(name);
      const optional = property.optional && (before?.optional ?? true);
      properties.set(name, { ...property, optional });
    }
    others = shape.others ?? others;
    if (properties.size > MAX_PROPERTIES) return undefined;
  }
  return { properties, others };
}

function withOptional(shape: Shape, optional: boolean): Shape {
  return {
    ...shape,
    properties: new Map([...shape.properties].map(([name, { type }]) => [name, { type, optional }])),
  };
}
