/**
 * The granted program: a Deno that checks nothing and does what `program.ts`
 * beside it wants.
 *
 * @module
 */

/** What an attack needs to do what native code does. */
export interface Hands {
  /** What it was told about its surroundings. */
  readonly facts: Readonly<Record<string, string>>;
  /** Calls a function of the C library; throws the number of its error. */
  readonly call: (name: string, ...values: readonly Value[]) => number;
  /** A `struct sockaddr_in` of this machine. */
  readonly loopback: (port: number) => Uint8Array;
}

type Value = number | string | Uint8Array;

function call(name: string, ...values: readonly Value[]): number {
  const given = values.map((value) => {
    if (typeof value === "number") return BigInt(value);
    return typeof value === "string" ? new TextEncoder().encode(`${value}\0`) : value;
  });
  const parameters = given.map((value) => typeof value === "bigint" ? "i64" as const : "buffer" as const);
  const { symbols } = Deno.dlopen("libc.so.6", { [name]: { parameters, result: "i32" } });
  const { symbols: { __errno_location: locate } } = Deno.dlopen("libc.so.6", {
    __errno_location: { parameters: [], result: "pointer" },
  });
  const result = (symbols[name] as unknown as (...values: unknown[]) => number)(...given);
  if (result >= 0) return result;
  throw new Error(`${name} failed with errno ${new Deno.UnsafePointerView(locate()!).getInt32()}`);
}

function loopback(port: number): Uint8Array {
  return Uint8Array.of(2, 0, port >> 8, port & 255, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
}

if (import.meta.main) {
  const facts = JSON.parse(Deno.args[0]!);
  const { attack } = await import(new URL("./program.ts", import.meta.url).href);
  await Deno.stdout.write(new TextEncoder().encode(await attack({ facts, call, loopback } satisfies Hands)));
}
