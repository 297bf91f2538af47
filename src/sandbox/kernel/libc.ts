/**
 * The system calls of confinement, each checked: what fails throws and names
 * itself. The one place that calls native code.
 *
 * @module
 */

import {
  CLOSE_RANGE_CLOEXEC,
  ERRNO,
  LANDLOCK_CREATE_RULESET_VERSION,
  LINUX_CAPABILITY_VERSION_3,
  O,
  PR,
  PR_CAP_AMBIENT_CLEAR_ALL,
  RLIMIT,
  SIG_IGN,
  SYS,
} from "./linux.ts";

const SYMBOLS = {
  __errno_location: { parameters: [], result: "pointer" },
  capset: { parameters: ["buffer", "buffer"], result: "i32" },
  chdir: { parameters: ["buffer"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  execve: { parameters: ["buffer", "buffer", "buffer"], result: "i32" },
  getppid: { parameters: [], result: "i32" },
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  signal: { parameters: ["i32", "u64"], result: "i64" },
  syscall: { parameters: ["i64", "u64", "u64", "u64", "u64"], result: "i64" },
} as const satisfies Deno.ForeignLibraryInterface;

/** A system call that failed. */
export class SystemCallError extends Error {
  override readonly name: string = "SystemCallError";
  /** Number of the failure, as in errno.h. */
  readonly errno: number;

  /** @param what What was tried. */
  constructor(what: string, errno: number) {
    super(`${what} failed: ${ERRNO[errno] ?? "error"} (${errno})`);
    this.errno = errno;
  }
}

/** The C library of this process. */
export class Libc implements Disposable {
  readonly #library: Deno.DynamicLibrary<typeof SYMBOLS>;
  /** What the kernel was given the address of, kept from being collected. */
  readonly #kept: Uint8Array[] = [];

  constructor() {
    this.#library = Deno.dlopen("libc.so.6", SYMBOLS);
  }

  /** Version of Landlock's interface; 0 where the kernel has none or does not use it. */
  landlockVersion(): number {
    const version = this.#symbols.syscall(
      SYS.landlock_create_ruleset,
      0n,
      0n,
      LANDLOCK_CREATE_RULESET_VERSION,
      0n,
    );
    return Math.max(0, Number(version));
  }

  /** Makes a set of Landlock rules and returns its descriptor. */
  createRuleset(attributes: BigUint64Array): number {
    const bytes = new Uint8Array(attributes.buffer);
    return this.#systemCall("landlock_create_ruleset", this.#addressOf(bytes), BigInt(bytes.length), 0n);
  }

  /** Adds a rule to such a set. */
  addRule(ruleset: number, type: bigint, attributes: Uint8Array): void {
    this.#systemCall("landlock_add_rule", BigInt(ruleset), type, this.#addressOf(attributes));
  }

  /** Puts such a set in force for this thread and what it executes. */
  restrictSelf(ruleset: number): void {
    this.#systemCall("landlock_restrict_self", BigInt(ruleset), 0n, 0n);
  }

  /** Opens a path for naming it only; a symbolic link at its end is not followed. */
  openPath(path: string): number {
    const flags = O.PATH | O.NOFOLLOW | O.CLOEXEC;
    return this.#check(`open of "${path}"`, this.#symbols.open(toCString(path), flags));
  }

  /** Closes a descriptor. */
  close(descriptor: number): void {
    this.#check("close", this.#symbols.close(descriptor));
  }

  /** Has every descriptor from one on closed by `execute`. */
  closeFrom(first: number): void {
    this.#systemCall("close_range", BigInt(first), 0xffff_ffffn, CLOSE_RANGE_CLOEXEC);
  }

  /** Sets an attribute of this process. */
  control(option: keyof typeof PR, argument: number): void {
    this.#check(`PR_${option}`, this.#symbols.prctl(PR[option], BigInt(argument), 0n, 0n, 0n));
  }

  /** Puts a filter of system calls in force; `SECCOMP_MODE_FILTER` is 2. */
  filterCalls(program: Uint8Array): void {
    // struct sock_fprog: the number of instructions, and where they are.
    const descriptor = new Uint8Array(16);
    const view = new DataView(descriptor.buffer);
    view.setUint16(0, program.length / 8, true);
    view.setBigUint64(8, this.#addressOf(program), true);
    this.#check(
      "PR_SET_SECCOMP",
      this.#symbols.prctl(PR.SET_SECCOMP, 2n, this.#addressOf(descriptor), 0n, 0n),
    );
  }

  /** Bounds a resource, for good; where it is bounded more narrowly already, that stays. */
  limit(resource: keyof typeof RLIMIT, value: number): void {
    // The bound in force, and the highest that it could be raised to.
    const pair = new BigUint64Array(2);
    const bytes = new Uint8Array(pair.buffer);
    this.#check(`getrlimit of ${resource}`, this.#symbols.getrlimit(RLIMIT[resource], bytes));
    const highest = pair[1]!;
    pair.fill(BigInt(value) < highest ? BigInt(value) : highest);
    this.#check(`setrlimit of ${resource}`, this.#symbols.setrlimit(RLIMIT[resource], bytes));
  }

  /** Gives up every capability but some. */
  keepCapabilities(kept: readonly number[]): void {
    this.#check(
      "PR_CAP_AMBIENT",
      this.#symbols.prctl(PR.CAP_AMBIENT, BigInt(PR_CAP_AMBIENT_CLEAR_ALL), 0n, 0n, 0n),
    );
    const mask = kept.reduce((bits, capability) => bits | (1 << capability), 0);
    const header = new Uint32Array([LINUX_CAPABILITY_VERSION_3, 0]);
    // Effective, permitted and inheritable; first those up to 31, then the others.
    const data = new Uint32Array([mask, mask, 0, 0, 0, 0]);
    this.#check(
      "capset",
      this.#symbols.capset(new Uint8Array(header.buffer), new Uint8Array(data.buffer)),
    );
  }

  /** Has a signal ignored, by what is executed, too. */
  ignore(signal: number): void {
    this.#check("signal", Number(this.#symbols.signal(signal, SIG_IGN)));
  }

  /** Changes the working folder. */
  changeFolder(path: string): void {
    this.#check(`chdir to "${path}"`, this.#symbols.chdir(toCString(path)));
  }

  /** Process id of the parent. */
  parentId(): number {
    return this.#symbols.getppid();
  }

  /** Becomes another program; returns only by throwing. */
  execute(argv: readonly string[], env: Readonly<Record<string, string>>): never {
    const [program = ""] = argv;
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const result = this.#symbols.execve(
      toCString(program),
      this.#toPointers(argv),
      this.#toPointers(variables),
    );
    this.#check(`execve of "${program}"`, result);
    throw new Error(`execve of "${program}" returned`);
  }

  /** Lets go of the library. */
  [Symbol.dispose](): void {
    this.#library.close();
  }

  get #symbols(): Deno.DynamicLibrary<typeof SYMBOLS>["symbols"] {
    return this.#library.symbols;
  }

  #systemCall(name: keyof typeof SYS, first: bigint, second: bigint, third: bigint): number {
    return this.#check(name, Number(this.#symbols.syscall(SYS[name], first, second, third, 0n)));
  }

  #check(what: string, result: number): number {
    if (result >= 0) return result;
    const location = this.#symbols.__errno_location();
    throw new SystemCallError(what, location === null ? 0 : new Deno.UnsafePointerView(location).getInt32());
  }

  #addressOf(bytes: Uint8Array): bigint {
    this.#kept.push(bytes);
    return Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes as Uint8Array<ArrayBuffer>));
  }

  /** A list of C strings that ends with NULL. */
  #toPointers(texts: readonly string[]): Uint8Array<ArrayBuffer> {
    const pointers = new BigUint64Array(texts.length + 1);
    for (const [index, text] of texts.entries()) pointers[index] = this.#addressOf(toCString(text));
    return new Uint8Array(pointers.buffer);
  }
}

function toCString(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes("\0")) {
    throw new TypeError(`Cannot hand ${JSON.stringify(text)} to the kernel: it holds a NUL`);
  }
  return new TextEncoder().encode(`${text}\0`);
}
