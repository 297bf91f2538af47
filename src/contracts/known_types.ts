/**
 * Types that a contract may name without declaring them, and what becomes of
 * them; those that are turned into a schema are in `type_converter.ts`.
 *
 * @module
 */

/** Types of JavaScript whose values no channel carries, and what to write instead. */
export const UNCARRIABLE: ReadonlyMap<string, string> = new Map([
  ["Date", "it arrives as text: write string"],
  ["Map", "write Record"],
  ["Set", "write an array"],
  ...["ArrayBuffer", "SharedArrayBuffer", "ArrayBufferLike", "DataView", "Buffer"].map((name) =>
    [name, "write Uint8Array"] as const
  ),
  ...[
    "Int8Array",
    "Uint8ClampedArray",
    "Int16Array",
    "Uint16Array",
    "Int32Array",
    "Uint32Array",
    "Float16Array",
    "Float32Array",
    "Float64Array",
    "BigInt64Array",
    "BigUint64Array",
  ].map((name) => [name, "write number[] or Uint8Array"] as const),
  ...[
    "WeakMap",
    "WeakSet",
    "ReadonlyMap",
    "ReadonlySet",
    "RegExp",
    "URL",
    "Error",
    "Function",
    "Symbol",
    "BigInt",
    "Blob",
    "File",
    "Request",
    "Response",
    "Headers",
    "FormData",
    "AbortSignal",
  ].map((name) => [name, "write JSON values"] as const),
]);

/** What flows: it is carried piece by piece, and not looked at. */
export const STREAMS: ReadonlySet<string> = new Set([
  "ReadableStream",
  "AsyncIterable",
  "AsyncIterator",
  "AsyncGenerator",
  "AsyncIterableIterator",
  "Iterable",
]);

/** Types that TypeScript computes from others. */
export const COMPUTED: ReadonlySet<string> = new Set([
  "Awaited",
  "Capitalize",
  "Exclude",
  "Extract",
  "InstanceType",
  "Lowercase",
  "NoInfer",
  "NonNullable",
  "Omit",
  "Parameters",
  "Partial",
  "Pick",
  "Readonly",
  "Record",
  "Required",
  "ReturnType",
  "ThisType",
  "Uncapitalize",
  "Uppercase",
]);

/** Words for kinds of types that have no schema. */
export const UNCHECKED_KINDS: ReadonlyMap<string, string> = new Map([
  ["conditional", "conditional types"],
  ["importType", "imported types"],
  ["indexedAccess", "types looked up in others"],
  ["infer", "inferred types"],
  ["mapped", "mapped types"],
  ["this", 'the type "this"'],
  ["typePredicate", "type predicates"],
  ["typeQuery", 'types with "typeof"'],
]);
