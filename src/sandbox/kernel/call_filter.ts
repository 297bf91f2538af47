/**
 * A filter of system calls (seccomp): what neither Deno nor a plugin has any
 * use for and the kernel's own mistakes have often been reached through, what
 * is done to other processes or passes by Landlock, and sockets of families
 * and protocols that were not granted.
 *
 * @module
 */

import {
  type CallNumbers,
  CALLS_OF_THEIR_OWN,
  CALLS_ON_A_KIND_OF_PROCESS,
  CALLS_ON_A_PROCESS,
  CALLS_WITH_FLAGS_FOURTH,
  CALLS_WITH_FLAGS_THIRD,
  NEEDLESS_CALLS,
} from "./call_numbers.ts";

/** Processors that the filter is written for. */
export type FilterArchitecture = "x86_64" | "aarch64";

/** audit.h. */
const AUDIT_ARCH: Readonly<Record<FilterArchitecture, number>> = { x86_64: 0xc000003e, aarch64: 0xc00000b7 };

/** Bit of a call of the x32 interface, which has numbers of its own. */
const X32_SYSCALL_BIT = 0x40000000;
/** socket.h: connects while sending, which Landlock is not asked about. */
const MSG_FASTOPEN = 0x20000000;
/** socket.h: kinds of sockets, and the bits that hold the kind. */
const SOCK = { STREAM: 1, DGRAM: 2, KIND: 0xf } as const;
/** in.h: the protocols that Landlock knows, or that its documents say it does not; 0 is the kind's own. */
const PROTOCOLS = [0, 6, 17] as const;
/** netlink.h: questions about interfaces and routes. */
const NETLINK_ROUTE = 0;

/** sched.h: flags of `clone` that make namespaces. */
const CLONE_NAMESPACES = 0x7e020000;

/** socket.h. */
const AF = { UNIX: 1, INET: 2, INET6: 10, NETLINK: 16 } as const;

/** filter.h and seccomp.h. */
const LOAD_WORD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_AT_LEAST = 0x35;
const JUMP_ANY_BIT = 0x45;
const AND = 0x54;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const ERRNO = 0x00050000;
const EPERM = 1;
const ENOSYS = 38;

/** Offsets in struct seccomp_data. */
const NUMBER = 0;
const ARCHITECTURE = 4;
const [FIRST, SECOND, THIRD, FOURTH] = [16, 24, 32, 40] as const;

/** Jumps are one byte. */
const MAX_JUMP = 255;

type Instruction = readonly [code: number, value: number, then?: string, otherwise?: string];

/** Whether there is a filter for this processor. */
export function isFilterArchitecture(arch: string): arch is FilterArchitecture {
  return arch === "x86_64" || arch === "aarch64";
}

/** What a sandbox was granted, as far as calls go. */
export interface CallGrants {
  /** Whether sockets of the internet may be made. */
  readonly internet: boolean;
  /** Whether they may be listened on. */
  readonly listens: boolean;
  /** Whether the kernel may be asked about the machine's network. */
  readonly asksNetwork: boolean;
  /** Whether sockets to other programs of this machine may be made, services of the system among them. */
  readonly unix: boolean;
}

/** The filter as a program for the kernel. */
export function buildCallFilter(
  arch: FilterArchitecture,
  { internet, listens, asksNetwork, unix }: CallGrants,
): Uint8Array {
  const numbersOf = (calls: CallNumbers) =>
    Object.values(calls).flatMap((numbers) => numbers[arch === "x86_64" ? 0 : 1] ?? []);
  const { clone, clone3, listen, socket } = CALLS_OF_THEIR_OWN;
  const denied = numbersOf({ ...NEEDLESS_CALLS, ...(listens ? {} : { listen }) });
  const labels = new Map<string, number>();
  const program: Instruction[] = [];
  const label = (name: string) => labels.set(name, program.length);
  const lead = (calls: CallNumbers, to: string) => {
    for (const number of numbersOf(calls)) program.push([JUMP_EQUAL, number, to]);
  };

  program.push([LOAD_WORD, ARCHITECTURE], [JUMP_EQUAL, AUDIT_ARCH[arch], undefined, "kill"]);
  program.push([LOAD_WORD, NUMBER]);
  if (arch === "x86_64") program.push([JUMP_AT_LEAST, X32_SYSCALL_BIT, "deny"]);
  for (const number of denied) program.push([JUMP_EQUAL, number, "deny"]);
  // Its flags stand in memory, where a filter cannot look; without it the C library takes `clone`.
  lead({ clone3 }, "absent");
  lead({ clone }, "clone");
  lead({ socket }, "socket");
  lead(CALLS_ON_A_PROCESS, "first is self");
  lead(CALLS_ON_A_KIND_OF_PROCESS, "second is self");
  lead(CALLS_WITH_FLAGS_THIRD, "third has flags");
  lead(CALLS_WITH_FLAGS_FOURTH, "fourth has flags");
  program.push([RETURN, ALLOW]);

  label("clone");
  program.push([LOAD_WORD, FIRST], [JUMP_ANY_BIT, CLONE_NAMESPACES, "deny", "allow"]);
  label("first is self");
  program.push([LOAD_WORD, FIRST], [JUMP_EQUAL, 0, "allow", "deny"]);
  label("second is self");
  program.push([LOAD_WORD, SECOND], [JUMP_EQUAL, 0, "allow", "deny"]);
  label("third has flags");
  program.push([LOAD_WORD, THIRD], [JUMP_ANY_BIT, MSG_FASTOPEN, "deny", "allow"]);
  label("fourth has flags");
  program.push([LOAD_WORD, FOURTH], [JUMP_ANY_BIT, MSG_FASTOPEN, "deny", "allow"]);

  label("socket");
  program.push([LOAD_WORD, FIRST]);
  if (unix) program.push([JUMP_EQUAL, AF.UNIX, "allow"]);
  if (asksNetwork) program.push([JUMP_EQUAL, AF.NETLINK, "netlink"]);
  if (internet) program.push([JUMP_EQUAL, AF.INET, "internet"], [JUMP_EQUAL, AF.INET6, "internet", "deny"]);
  else program.push([RETURN, ERRNO | EPERM]);
  label("netlink");
  program.push([LOAD_WORD, THIRD], [JUMP_EQUAL, NETLINK_ROUTE, "allow", "deny"]);
  label("internet");
  program.push([LOAD_WORD, SECOND], [AND, SOCK.KIND]);
  program.push([JUMP_EQUAL, SOCK.STREAM, "protocol"], [JUMP_EQUAL, SOCK.DGRAM, "protocol", "deny"]);
  label("protocol");
  program.push([LOAD_WORD, THIRD]);
  for (const protocol of PROTOCOLS) program.push([JUMP_EQUAL, protocol, "allow"]);

  label("deny");
  program.push([RETURN, ERRNO | EPERM]);
  label("absent");
  program.push([RETURN, ERRNO | ENOSYS]);
  label("allow");
  program.push([RETURN, ALLOW]);
  label("kill");
  program.push([RETURN, KILL_PROCESS]);
  return encode(program, labels);
}

/** Instructions of struct sock_filter: code, two jumps counted from the next one, and a value. */
function encode(program: readonly Instruction[], labels: ReadonlyMap<string, number>): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, [code, value, then, otherwise]] of program.entries()) {
    const jump = (name: string | undefined) => {
      const distance = name === undefined ? 0 : labels.get(name)! - index - 1;
      if (!(distance >= 0 && distance <= MAX_JUMP)) throw new RangeError(`Cannot jump to "${name}"`);
      return distance;
    };
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, jump(then));
    view.setUint8(index * 8 + 3, jump(otherwise));
    view.setUint32(index * 8 + 4, value >>> 0, true);
  }
  return bytes;
}
