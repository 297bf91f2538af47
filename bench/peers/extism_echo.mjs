// A WebAssembly module that gives its input back, by the way that Extism's own kits go: eight bytes at a time
// into its memory, and from there into memory of the host. What it is given is a multiple of eight bytes long.
const [I32, I64, NOTHING] = [0x7f, 0x7e, 0x40];
const ENVIRONMENT = "extism:host/env";
/** Names, and the numbers of their types. */
const IMPORTS = [["input_length", 0], ["input_load_u64", 1], ["alloc", 1], ["store_u64", 2], ["output_set", 2]];
const TYPES = [[[], [I64]], [[I64], [I64]], [[I64, I64], []], [[], [I32]]];
/** Seventeen pages: a mebibyte and a little. */
const PAGES = 17;

const [LENGTH, TARGET, AT] = [0, 1, 2];
const get = (local) => [0x20, local];
const set = (local) => [0x21, local];
const call = (name) => [0x10, IMPORTS.findIndex(([known]) => known === name)];
const ADD = 0x7c;
const TO_I32 = 0xa7;
/** AT += 8, and again while it is below LENGTH. */
const NEXT = [...get(AT), 0x42, 8, ADD, 0x22, AT, ...get(LENGTH), 0x54, 0x0d, 0];
const ECHO = [
  ...[1, 3, I64],
  ...[...call("input_length"), ...set(LENGTH)],
  ...[0x03, NOTHING, ...get(AT), TO_I32, ...get(AT), ...call("input_load_u64"), 0x37, 3, 0, ...NEXT, 0x0b],
  ...[...get(LENGTH), ...call("alloc"), ...set(TARGET), 0x42, 0, ...set(AT)],
  ...[0x03, NOTHING, ...get(TARGET), ...get(AT), ADD, ...get(AT), TO_I32, 0x29, 3, 0, ...call("store_u64")],
  ...[...NEXT, 0x0b],
  ...[...get(TARGET), ...get(LENGTH), ...call("output_set"), 0x41, 0, 0x0b],
];

const length = (count) => count < 128 ? [count] : [count & 127 | 128, ...length(count >> 7)];
const list = (items) => [...length(items.length), ...items.flat()];
const sized = (bytes) => [...length(bytes.length), ...bytes];
const text = (words) => sized([...new TextEncoder().encode(words)]);

/** The module. */
export const ECHO_MODULE = new Uint8Array([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, ...sized(list(TYPES.map(([takes, gives]) => [0x60, ...list(takes), ...list(gives)])))],
  ...[2, ...sized(list(IMPORTS.map(([name, type]) => [...text(ENVIRONMENT), ...text(name), 0, type])))],
  ...[3, ...sized(list([3]))],
  ...[5, ...sized(list([[0, PAGES]]))],
  ...[7, ...sized(list([[...text("echo"), 0, IMPORTS.length], [...text("memory"), 2, 0]]))],
  ...[10, ...sized(list([sized(ECHO)]))],
]);
