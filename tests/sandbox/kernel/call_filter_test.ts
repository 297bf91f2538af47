import { assertEquals } from "@std/assert";
import { buildCallFilter, type FilterArchitecture } from "../../../src/sandbox/kernel/call_filter.ts";

/** What the filter answers, as seccomp.h has it. */
const ANSWERS = new Map([[0x7fff0000, "allowed"], [0x50001, "EPERM"], [0x50026, "ENOSYS"], [
  0x80000000,
  "killed",
]]);
const AUDIT_ARCH = { x86_64: 0xc000003e, aarch64: 0xc00000b7 };
const NOTHING = { internet: false, listens: false, asksNetwork: false, unix: false };
const EVERYTHING = { internet: true, listens: true, asksNetwork: true, unix: true };

/** Runs the program on a call, as the kernel does. */
function judge(program: Uint8Array, { arch, call, args = [] }: {
  arch: number;
  call: number;
  args?: readonly number[];
}): string | undefined {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, call, true);
  data.setUint32(4, arch, true);
  for (const [index, value] of args.entries()) data.setBigUint64(16 + 8 * index, BigInt(value), true);
  const view = new DataView(program.buffer);
  let register = 0;
  for (let at = 0; at < program.length / 8; at++) {
    const [code, value] = [view.getUint16(8 * at, true), view.getUint32(8 * at + 4, true)];
    const jump = (holds: boolean) => at += view.getUint8(8 * at + (holds ? 2 : 3));
    if (code === 0x20) register = data.getUint32(value, true);
    else if (code === 0x54) register = (register & value) >>> 0;
    else if (code === 0x15) jump(register === value);
    else if (code === 0x35) jump(register >= value);
    else if (code === 0x45) jump((register & value) !== 0);
    else if (code === 0x06) return ANSWERS.get(value);
    else throw new Error(`No such instruction: ${code}`);
  }
  throw new Error("The program has no end");
}

/** Judges calls on a processor: name, number on each, arguments, and answers without and with every grant. */
const CALLS: readonly (readonly [string, number, number, readonly number[], string, string])[] = [
  ["read", 0, 63, [], "allowed", "allowed"],
  ["execve", 59, 221, [], "allowed", "allowed"],
  ["ptrace", 101, 117, [], "EPERM", "EPERM"],
  ["mount", 165, 40, [], "EPERM", "EPERM"],
  ["mq_unlink, the last of the needless", 241, 181, [], "EPERM", "EPERM"],
  ["clone3", 435, 435, [], "ENOSYS", "ENOSYS"],
  ["clone of a thread", 56, 220, [0x3d0f00], "allowed", "allowed"],
  ["clone of a namespace of users", 56, 220, [0x10000000], "EPERM", "EPERM"],
  ["prlimit64 of itself", 302, 261, [0], "allowed", "allowed"],
  ["prlimit64 of another", 302, 261, [1], "EPERM", "EPERM"],
  ["setpriority of itself", 141, 140, [0, 0], "allowed", "allowed"],
  ["setpriority of another", 141, 140, [0, 1], "EPERM", "EPERM"],
  ["sendto", 44, 206, [3, 0, 0, 0x4000], "allowed", "allowed"],
  ["sendto that connects", 44, 206, [3, 0, 0, 0x20004000], "EPERM", "EPERM"],
  ["sendmsg that connects", 46, 211, [3, 0, 0x20000000], "EPERM", "EPERM"],
  ["sendmmsg that connects", 307, 269, [3, 0, 1, 0x20000000], "EPERM", "EPERM"],
  ["listen", 50, 201, [3, 1], "EPERM", "allowed"],
  ["socket of Unix", 41, 198, [1, 1, 0], "EPERM", "allowed"],
  ["socket of TCP", 41, 198, [2, 0x80801, 6], "EPERM", "allowed"],
  ["socket of TCP over IPv6", 41, 198, [10, 1, 0], "EPERM", "allowed"],
  ["socket of UDP", 41, 198, [2, 2, 17], "EPERM", "allowed"],
  ["socket of MPTCP", 41, 198, [2, 1, 262], "EPERM", "EPERM"],
  ["socket of SCTP", 41, 198, [2, 5, 0], "EPERM", "EPERM"],
  ["raw socket", 41, 198, [2, 3, 1], "EPERM", "EPERM"],
  ["socket of packets", 41, 198, [17, 3, 0], "EPERM", "EPERM"],
  ["socket of routes", 41, 198, [16, 3, 0], "EPERM", "allowed"],
  ["socket of the packet filter", 41, 198, [16, 3, 12], "EPERM", "EPERM"],
];

for (const [column, arch] of (["x86_64", "aarch64"] as const satisfies FilterArchitecture[]).entries()) {
  Deno.test(`buildCallFilter() decides on ${arch} by number and arguments`, () => {
    const [closed, open] = [NOTHING, EVERYTHING].map((grants) => buildCallFilter(arch, grants));
    for (const [name, x86, arm, args, without, granted] of CALLS) {
      const call = { arch: AUDIT_ARCH[arch], call: column === 0 ? x86 : arm, args };
      assertEquals([judge(closed!, call), judge(open!, call)], [without, granted], name);
    }
  });
}

Deno.test("buildCallFilter() ends a process that speaks for another processor, and knows no x32", () => {
  const program = buildCallFilter("x86_64", EVERYTHING);
  assertEquals(judge(program, { arch: 0x40000003, call: 0 }), "killed");
  assertEquals(judge(program, { arch: AUDIT_ARCH.x86_64, call: 0x40000000 }), "EPERM");
});
