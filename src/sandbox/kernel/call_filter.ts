/**
 * A filter of system calls (seccomp): what neither Deno nor a plugin has any
 * use for and the kernel's own mistakes have often been reached through, and
 * sockets of families that were not granted.
 *
 * @module
 */

/** Processors that the filter is written for. */
export type FilterArchitecture = "x86_64" | "aarch64";

/** audit.h. */
const AUDIT_ARCH: Readonly<Record<FilterArchitecture, number>> = { x86_64: 0xc000003e, aarch64: 0xc00000b7 };

/** Numbers of system calls on each processor (unistd.h); `undefined` where one has none. */
const CALLS: Readonly<Record<string, readonly [x86_64: number | undefined, aarch64: number | undefined]>> = {
  // Other processes.
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  process_madvise: [440, 440],
  kcmp: [312, 272],
  pidfd_getfd: [438, 438],
  // Mounts, roots and namespaces.
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  unshare: [272, 97],
  setns: [308, 268],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  // The kernel and the machine.
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  quotactl: [179, 60],
  syslog: [103, 116],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  clock_adjtime: [305, 266],
  adjtimex: [159, 171],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  iopl: [172, undefined],
  ioperm: [173, undefined],
  modify_ldt: [154, undefined],
  uselib: [134, undefined],
};
const CLONE: Readonly<Record<FilterArchitecture, number>> = { x86_64: 56, aarch64: 220 };
const CLONE3 = 435;
const SOCKET: Readonly<Record<FilterArchitecture, number>> = { x86_64: 41, aarch64: 198 };

/** Bit of a call of the x32 interface, which has numbers of its own. */
const X32_SYSCALL_BIT = 0x40000000;
/** sched.h: flags of `clone` that make namespaces. */
const CLONE_NAMESPACES = 0x7e020000;

/** socket.h. */
const AF = { UNIX: 1, INET: 2, INET6: 10, NETLINK: 16 } as const;

/** filter.h and seccomp.h. */
const LOAD_WORD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_AT_LEAST = 0x35;
const JUMP_ANY_BIT = 0x45;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const ERRNO = 0x00050000;
const EPERM = 1;
const ENOSYS = 38;

/** Offsets in struct seccomp_data. */
const NUMBER = 0;
const ARCHITECTURE = 4;
const FIRST_ARGUMENT = 16;

type Instruction = readonly [code: number, value: number, then?: string, otherwise?: string];

/** Whether there is a filter for this processor. */
export function isFilterArchitecture(arch: string): arch is FilterArchitecture {
  return arch === "x86_64" || arch === "aarch64";
}

/** Kinds of sockets that may be made. */
export interface SocketFamilies {
  /** Of the internet. */
  readonly internet: boolean;
  /** To other programs of this machine, by path: services of the system among them. */
  readonly unix: boolean;
}

/** The filter as a program for the kernel. */
export function buildCallFilter(arch: FilterArchitecture, { internet, unix }: SocketFamilies): Uint8Array {
  const column = arch === "x86_64" ? 0 : 1;
  const denied = Object.values(CALLS).flatMap((numbers) => numbers[column] ?? []);
  const families = [AF.NETLINK, ...(unix ? [AF.UNIX] : []), ...(internet ? [AF.INET, AF.INET6] : [])];
  const labels = new Map<string, number>();
  const program: Instruction[] = [];
  const label = (name: string) => labels.set(name, program.length);

  program.push([LOAD_WORD, ARCHITECTURE], [JUMP_EQUAL, AUDIT_ARCH[arch], undefined, "kill"]);
  program.push([LOAD_WORD, NUMBER]);
  if (arch === "x86_64") program.push([JUMP_AT_LEAST, X32_SYSCALL_BIT, "deny"]);
  for (const number of denied) program.push([JUMP_EQUAL, number, "deny"]);
  // Its flags stand in memory, where a filter cannot look; without it the C library takes `clone`.
  program.push([JUMP_EQUAL, CLONE3, "absent"]);
  program.push([JUMP_EQUAL, CLONE[arch], "clone"], [JUMP_EQUAL, SOCKET[arch], "socket"]);
  program.push([RETURN, ALLOW]);
  label("clone");
  program.push([LOAD_WORD, FIRST_ARGUMENT], [JUMP_ANY_BIT, CLONE_NAMESPACES, "deny"], [RETURN, ALLOW]);
  label("socket");
  program.push([LOAD_WORD, FIRST_ARGUMENT]);
  for (const family of families) program.push([JUMP_EQUAL, family, "allow"]);
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
    const jump = (name: string | undefined) => name === undefined ? 0 : labels.get(name)! - index - 1;
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, jump(then));
    view.setUint8(index * 8 + 3, jump(otherwise));
    view.setUint32(index * 8 + 4, value >>> 0, true);
  }
  return bytes;
}
