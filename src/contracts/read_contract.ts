/**
 * Reads a contract out of what `deno doc` says of its file: which interface it
 * is, whether that has the methods that the manifest promises, and what
 * values they take and give.
 *
 * @module
 */

import type { Problem } from "../errors.ts";
import type { Contract, ContractRequest, MethodContract } from "./contract.ts";
import { Declarations } from "./declarations.ts";
import type {
  DocDeclaration,
  DocFunction,
  DocLocation,
  DocMethod,
  DocModule,
  DocParameter,
  DocProperty,
  DocReference,
  DocSymbol,
} from "./doc_nodes.ts";
import { ANYTHING } from "./schema.ts";
import { hasOptionalLabel } from "./tuple_labels.ts";
import { TypeConverter } from "./type_converter.ts";

const MAX_PROBLEMS = 20;
const MAX_NOTES = 50;
const MAX_METHODS = 256;
/** Most interfaces looked into for one: a few lines can extend each other without end. */
const MAX_BASES = 64;

/** What reading a contract came to. */
export interface ContractReading {
  /** What it says; undefined where it cannot be used. */
  readonly contract: Contract | undefined;
  /** Everything that is wrong with it. */
  readonly problems: readonly Problem[];
}

/** A method as the interface has it. */
interface Member {
  readonly name: string;
  readonly line: number | undefined;
  readonly parameters: readonly DocParameter[];
  readonly result: DocMethod["returnType"];
  readonly optional: boolean;
  readonly overloads: number;
}

/**
 * Reads a contract.
 *
 * @param module What `deno doc --private` says of its file.
 * @param request What the manifest says of it.
 * @param text What the file holds.
 */
export function readContract(module: DocModule, request: ContractRequest, text: string): ContractReading {
  const reader = new ContractReader(module, request, text);
  const contract = reader.read();
  return { contract: reader.problems.length === 0 ? contract : undefined, problems: reader.problems };
}

/** The name that the interface of a capability has by default: `weather.daily` is `WeatherDaily`. */
export function interfaceNameOf(capability: string): string {
  return capability.split(/[.-]/).map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

class ContractReader {
  readonly problems: Problem[] = [];
  readonly #module: DocModule;
  readonly #request: ContractRequest;
  readonly #text: string;
  readonly #declarations: Declarations;
  readonly #unchecked = new Set<string>();
  #bases = 0;

  constructor(module: DocModule, request: ContractRequest, text: string) {
    this.#module = module;
    this.#request = request;
    this.#text = text;
    this.#declarations = new Declarations(module);
  }

  read(): Contract | undefined {
    this.#refuseOthers();
    const symbol = this.#findInterface();
    if (symbol === undefined) return undefined;
    const members = [...this.#readMembers(symbol.declarations ?? []).values()];
    if (members.length > MAX_METHODS) this.#refuse(`has more than ${MAX_METHODS} methods`);
    this.#compareNames(members);
    let place = "";
    let line: number | undefined;
    const converter = new TypeConverter(this.#declarations, {
      hasSureTuples: !hasOptionalLabel(this.#text),
      onUnchecked: (what) => {
        if (this.#unchecked.size < MAX_NOTES) this.#unchecked.add(`${place}: ${what}`);
      },
      onRefused: (why) => this.#refuse(`${place}: ${why}`, line),
    });
    const methods = members.slice(0, MAX_METHODS).map((member): MethodContract => {
      const { name, parameters, result, overloads } = member;
      ({ line } = member);
      place = `${name}()`;
      if (overloads > 1) {
        this.#unchecked.add(`${place}: a method with several signatures`);
        return { name, parameters: ANYTHING, result: ANYTHING };
      }
      return {
        name,
        parameters: converter.convertParameters(parameters),
        result: converter.convertResult(result),
      };
    });
    return {
      interfaceName: symbol.name,
      methods,
      definitions: converter.definitions,
      unchecked: [...this.#unchecked],
    };
  }

  /** A contract is about types: whatever else stands there would mean something to a checker of types only. */
  #refuseOthers(): void {
    for (const { name, declarations = [] } of this.#module.symbols ?? []) {
      const other = declarations.find(({ kind }) => kind !== "interface" && kind !== "typeAlias");
      if (other === undefined) continue;
      this.#refuse(`holds the ${other.kind} "${name}": a contract holds interfaces and types`, lineOf(other));
    }
  }

  /** The default export, or what is named like the capability, or the only one. */
  #findInterface(): DocSymbol | undefined {
    const exported = (this.#module.symbols ?? []).filter(({ declarations = [] }) =>
      declarations.some(({ kind, declarationKind }) => kind === "interface" && declarationKind === "export")
    );
    const name = interfaceNameOf(this.#request.capability);
    const found = exported.find((one) => one.name === "default") ??
      exported.find((one) => one.name === name) ?? (exported.length === 1 ? exported[0] : undefined);
    if (found === undefined) {
      const state = exported.length === 0
        ? "exports no interface"
        : `exports several interfaces, and none is named "${name}"`;
      this.#refuse(`${state}: expected "export interface ${name}" with the methods of the capability`);
    } else if (this.#declarations.isGeneric(found.name)) {
      this.#refuse("has an interface with type parameters", lineOf(found.declarations?.[0]));
    }
    return found;
  }

  #readMembers(declarations: readonly DocDeclaration[]): Map<string, Member> {
    const members = new Map<string, Member>();
    for (const declaration of declarations) {
      const def = declaration.def ?? {};
      for (const base of def.extends ?? []) {
        const found = base.kind === "typeRef"
          ? this.#declarations.find((base.value as DocReference).typeName ?? "")
          : undefined;
        if (found === undefined || ++this.#bases > MAX_BASES) {
          this.#refuse("extends something else than an interface that it declares", lineOf(declaration));
          continue;
        }
        for (const [name, member] of this.#readMembers(found)) members.set(name, member);
      }
      const { callSignatures = [], constructors = [], indexSignatures = [] } = def;
      if (callSignatures.length + constructors.length + indexSignatures.length > 0) {
        this.#refuse("has an interface with other members than methods", lineOf(declaration));
      }
      for (const member of def.methods ?? []) this.#addMethod(members, member);
      for (const member of def.properties ?? []) this.#addProperty(members, member);
    }
    return members;
  }

  #addMethod(members: Map<string, Member>, method: DocMethod): void {
    const { name, kind, params: parameters = [], returnType: result, optional = false } = method;
    if (kind !== "method") return this.#refuse(`"${name}" is no method`, lineOf(method));
    const overloads = (members.get(name)?.overloads ?? 0) + 1;
    members.set(name, { name, line: lineOf(method), parameters, result, optional, overloads });
  }

  #addProperty(members: Map<string, Member>, property: DocProperty): void {
    const { name, optional = false, tsType } = property;
    const { constructor: isConstructor, params = [], tsType: result } = (tsType?.value ?? {}) as DocFunction;
    if (tsType?.kind !== "fnOrConstructor" || isConstructor === true) {
      return this.#refuse(`"${name}" is no method`, lineOf(property));
    }
    members.set(name, { name, line: lineOf(property), parameters: params, result, optional, overloads: 1 });
  }

  /** What the manifest promises and what the interface has are the same. */
  #compareNames(members: readonly Member[]): void {
    const { methods, capability } = this.#request;
    if (methods === undefined) return;
    const missing = methods.filter((name) => !members.some((member) => member.name === name));
    if (missing.length > 0) {
      this.#refuse(`does not have ${quote(missing)}, which [provides] names for "${capability}"`);
    }
    for (const { name, line, optional } of members) {
      if (!methods.includes(name)) {
        this.#refuse(`has "${name}", which [provides] does not name for "${capability}"`, line);
      } else if (optional) {
        this.#refuse(`has "${name}" as an optional method, which [provides] promises`, line);
      }
    }
  }

  #refuse(message: string, line?: number): void {
    if (this.problems.length >= MAX_PROBLEMS) return;
    const { file } = this.#request;
    this.problems.push({ file, ...(line === undefined ? {} : { line }), message });
  }
}

function lineOf(node: { readonly location?: DocLocation } | undefined): number | undefined {
  const line = node?.location?.line;
  return line === undefined ? undefined : line + 1;
}

function quote(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
