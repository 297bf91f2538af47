/**
 * What this process has of its allocator. How much of the process is resident
 * says less: the allocator keeps what a burst once took, and V8 its pages.
 *
 * @module
 */

/** Places of `struct mallinfo2` that count what is in use: of mappings and of arenas. */
const MAPPED = 4;
const OF_ARENAS = 7;

const libc = Deno.dlopen("libc.so.6", {
  mallinfo2: { parameters: [], result: { struct: Array<"usize">(10).fill("usize") } },
});

/** MiB in use, of the allocator and of the JavaScript heap; collect what is garbage before. */
export function memoryInUse(): { nativeMib: number; heapMib: number } {
  const info = new BigUint64Array(libc.symbols.mallinfo2().slice().buffer);
  return {
    nativeMib: Number(info[MAPPED]! + info[OF_ARENAS]!) / 2 ** 20,
    heapMib: Deno.memoryUsage().heapUsed / 2 ** 20,
  };
}
