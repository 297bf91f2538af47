/**
 * What `deno doc --json` says of a module, as far as it is read here. Every
 * name and text in it is the author's.
 *
 * @module
 */

/** Version of the format that is read here. */
export const DOC_VERSION = 2;

/** The output for some modules. */
export interface DocOutput {
  /** Version of the format. */
  readonly version?: number;
  /** What each module declares, by its URL. */
  readonly nodes?: Readonly<Record<string, DocModule>>;
}

/** One module. */
export interface DocModule {
  /** What it declares, exported or not. */
  readonly symbols?: readonly DocSymbol[];
}

/** One name with its declarations: an interface may have several. */
export interface DocSymbol {
  /** The name under which it is known; `default` for the default export. */
  readonly name: string;
  /** Its declarations. */
  readonly declarations?: readonly DocDeclaration[];
}

/** One declaration. */
export interface DocDeclaration {
  /** What is declared: `interface`, `typeAlias`, `class`, ... */
  readonly kind: string;
  /** `export`, `private` or `declare`. */
  readonly declarationKind?: string;
  /** Where; the line is counted from 0. */
  readonly location?: DocLocation;
  /** What it says: members of an interface, the type of an alias. */
  readonly def?: DocMembers & {
    readonly defName?: string;
    readonly tsType?: DocType;
    readonly typeParams?: readonly unknown[];
    readonly extends?: readonly DocType[];
  };
}

/** A place in a module. */
export interface DocLocation {
  readonly line?: number;
}

/** Members of an interface or of an object type. */
export interface DocMembers {
  readonly methods?: readonly DocMethod[];
  readonly properties?: readonly DocProperty[];
  readonly indexSignatures?: readonly { readonly tsType?: DocType }[];
  readonly callSignatures?: readonly unknown[];
  readonly constructors?: readonly unknown[];
}

/** One property. */
export interface DocProperty {
  readonly name: string;
  readonly location?: DocLocation;
  readonly computed?: boolean;
  readonly optional?: boolean;
  readonly tsType?: DocType;
}

/** One method, or an accessor. */
export interface DocMethod {
  readonly name: string;
  readonly location?: DocLocation;
  readonly kind?: string;
  readonly optional?: boolean;
  readonly params?: readonly DocParameter[];
  readonly returnType?: DocType;
}

/** One parameter. */
export interface DocParameter {
  /** `identifier`, `array`, `object` or `rest`. */
  readonly kind?: string;
  readonly name?: string;
  readonly optional?: boolean;
  /** The name of a rest parameter. */
  readonly arg?: { readonly name?: string };
  readonly tsType?: DocType;
}

/** A type; what `value` is depends on its kind. */
export interface DocType {
  readonly kind?: string;
  readonly repr?: string;
  readonly value?: unknown;
}

/** The value of a reference to a type by name. */
export interface DocReference {
  readonly typeName?: string;
  readonly typeParams?: readonly DocType[];
  /** `typeParam` where the name is a parameter of something generic. */
  readonly resolution?: { readonly kind?: string };
}

/** The value of a literal type. */
export interface DocLiteral {
  readonly kind?: string;
  readonly string?: string;
  readonly number?: number;
  readonly boolean?: boolean;
}

/** The value of a function type. */
export interface DocFunction {
  readonly constructor?: boolean;
  readonly params?: readonly DocParameter[];
  readonly tsType?: DocType;
}
