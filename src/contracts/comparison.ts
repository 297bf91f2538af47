/**
 * Whether what a provider offers fits what a consumer was written against: a
 * module of types that TypeScript's checker judges, and its words read back.
 *
 * @module
 */

import type { Contract } from "./contract.ts";

/** Most reasons told of one pair. */
const MAX_REASONS = 3;

const MAX_TYPE_LENGTH = 120;

/** What comparing two contracts came to. */
export type ContractVerdict =
  | { readonly type: "compatible" }
  | { readonly type: "incompatible"; readonly reasons: readonly string[] }
  /** It could not be told. */
  | { readonly type: "unclear"; readonly reason: string };

/** Two contracts and the modules that hold them. */
export interface ComparedPair {
  /** What the consumer was written against. */
  readonly consumer: ComparedSide;
  /** What the provider offers. */
  readonly provider: ComparedSide;
}

/** One contract and the specifier of its module. */
export interface ComparedSide {
  readonly contract: Pick<Contract, "interfaceName" | "methods">;
  readonly module: string;
}

/** A module for the checker, and what each of its lines is about. */
export interface Comparison {
  /** Its text. */
  readonly text: string;
  /** Index of the pair, and the method, by line. */
  readonly lines: ReadonlyMap<number, { readonly pair: number; readonly method: string }>;
}

/** The methods as they are seen from another plugin, each a function of its own: those are compared strictly. */
const REMOTE = "type Remote<T> = { [N in keyof T]: T[N] extends (...args: infer A) => infer R " +
  "? (...args: A) => Promise<Awaited<R>> : never };";

/** Writes the module that assigns each method of the providers to that of the consumers. */
export function writeComparison(pairs: readonly ComparedPair[]): Comparison {
  const text = [REMOTE];
  const lines = new Map<number, { pair: number; method: string }>();
  for (const [pair, { consumer, provider }] of pairs.entries()) {
    text.push(importLine(consumer, `C${pair}`), importLine(provider, `P${pair}`));
    const offered = new Set(provider.contract.methods.map(({ name }) => name));
    for (const [index, { name: method }] of consumer.contract.methods.entries()) {
      if (!offered.has(method)) continue;
      const key = JSON.stringify(method);
      text.push(
        `export const m${pair}_${index}: Remote<C${pair}>[${key}] = null! as Remote<P${pair}>[${key}];`,
      );
      lines.set(text.length, { pair, method });
    }
  }
  return { text: `${text.join("\n")}\n`, lines };
}

/**
 * Reads what the checker printed.
 *
 * @param output What it printed, without colours.
 * @param url URL of the module.
 */
export function readVerdicts(
  output: string,
  { url, comparison, pairs }: {
    readonly url: string;
    readonly comparison: Comparison;
    readonly pairs: readonly ComparedPair[];
  },
): ContractVerdict[] {
  const reasons = pairs.map(({ consumer, provider }) => {
    const offered = new Set(provider.contract.methods.map(({ name }) => name));
    return consumer.contract.methods.filter(({ name }) => !offered.has(name))
      .map(({ name }) => `${name}() is not there`);
  });
  const broken = new Map<string, string>();
  for (const { file, line, message } of readDiagnostics(output)) {
    const about = file === url ? comparison.lines.get(line) : undefined;
    if (about !== undefined) reasons[about.pair]!.push(`${about.method}(): ${explain(message)}`);
    else broken.set(file, message[0]!);
  }
  return reasons.map((found, index): ContractVerdict => {
    if (found.length > 0) return { type: "incompatible", reasons: found.slice(0, MAX_REASONS) };
    const { consumer, provider } = pairs[index]!;
    const reason = [consumer, provider].map(({ module }) => broken.get(new URL(module, url).href))
      .find((message) => message !== undefined);
    return reason === undefined ? { type: "compatible" } : { type: "unclear", reason };
  });
}

interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly message: readonly string[];
}

/** One diagnostic: its sentence, the sentences that explain it, the code, and where that stands. */
function readDiagnostics(output: string): Diagnostic[] {
  return output.split(/^(?=TS\d+ \[ERROR\]: )/m).flatMap((block) => {
    const place = /^ {4}at (\S+):(\d+):\d+$/m.exec(block);
    if (place === null || !/^TS\d+ /.test(block)) return [];
    const [first = "", ...more] = block.slice(0, place.index).split("\n");
    const explanations = more.filter((line) => /^ {2}\s*\S/.test(line) && !/^\s*~+\s*$/.test(line));
    return [{
      file: place[1]!,
      line: Number(place[2]),
      message: [first.replace(/^TS\d+ \[ERROR\]: /, ""), ...explanations.map((line) => line.trim())],
    }];
  });
}

/** Both types and the checker's most particular sentence. */
function explain(message: readonly string[]): string {
  const types = /^Type '(.*)' is not assignable to type '(.*)'\.$/.exec(message[0]!);
  const reason = message.at(-1)!.replace(/\.$/, "");
  if (types === null) return reason;
  const [offered, expected] = [types[1]!, types[2]!].map(cut);
  const because = message.length > 1 ? ` (${reason})` : "";
  return `it is ${offered} now, and was ${expected}${because}`;
}

function importLine({ contract, module }: ComparedSide, name: string): string {
  const imported = contract.interfaceName === "default" ? name : `{ ${contract.interfaceName} as ${name} }`;
  return `import type ${imported} from ${JSON.stringify(module)};`;
}

function cut(text: string): string {
  return text.length > MAX_TYPE_LENGTH ? `${text.slice(0, MAX_TYPE_LENGTH)}…` : text;
}
