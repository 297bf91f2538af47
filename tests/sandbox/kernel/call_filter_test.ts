import { assert, assertEquals } from "@std/assert";
import { buildCallFilter, isFilterArchitecture } from "../../../src/sandbox/kernel/call_filter.ts";

const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const X86_64 = 0xc000003e;

/** What the kernel would do: runs the program on struct seccomp_data. */
function run(program: Uint8Array, call: { arch: number; number: number; first?: number }): number {
  const view = new DataView(program.buffer);
  const words: Record<number, number> = { 0: call.number, 4: call.arch, 16: call.first ?? 0 };
  let loaded = 0;
  for (let at = 0; at < program.length / 8; at++) {
    const [code, then, otherwise, value] = [
      view.getUint16(at * 8, true),
      view.getUint8(at * 8 + 2),
      view.getUint8(at * 8 + 3),
      view.getUint32(at * 8 + 4, true),
    ];
    switch (code) {
      case 0x20:
        loaded = words[value]!;
        break;
      case 0x15:
        at += loaded === value ? then : otherwise;
        break;
      case 0x35:
        at += loaded >= value ? then : otherwise;
        break;
      case 0x45:
        at += (loaded & value) !== 0 ? then : otherwise;
        break;
      case 0x06:
        return value;
      default:
        throw new RangeError(`unknown instruction ${code}`);
    }
  }
  throw new RangeError("the program has no end");
}

const offline = buildCallFilter("x86_64", { internet: false, unix: true });
const online = buildCallFilter("x86_64", { internet: true, unix: false });
const call = (number: number, first = 0) => run(offline, { arch: X86_64, number, first });

Deno.test("buildCallFilter() allows what Deno uses: files, memory, threads, programs, Unix sockets", () => {
  // read, openat, mmap, futex, epoll_wait, execve, clone of a thread, connect
  for (const number of [0, 257, 9, 202, 232, 59, 42]) assertEquals(call(number), ALLOW, String(number));
  const thread = 0x3d0f00;
  assertEquals(call(56, thread), ALLOW);
  assertEquals(call(41, 1), ALLOW);
});

Deno.test("buildCallFilter() refuses other processes, mounts, namespaces and the kernel's own doors", () => {
  // ptrace, process_vm_readv, mount, unshare, setns, bpf, perf_event_open, io_uring_setup, keyctl, init_module, reboot
  for (const number of [101, 310, 165, 272, 308, 321, 298, 425, 250, 175, 169]) {
    assertEquals(call(number), EPERM, String(number));
  }
});

Deno.test("buildCallFilter() refuses namespaces by clone, and hides the clone whose flags it cannot see", () => {
  for (const flag of [0x10000000, 0x20000000, 0x40000000, 0x20000]) assertEquals(call(56, flag), EPERM);
  assertEquals(call(435), ENOSYS);
});

Deno.test("buildCallFilter() makes sockets only of the families that it is told", () => {
  for (const family of [2, 10]) {
    assertEquals(call(41, family), EPERM);
    assertEquals(run(online, { arch: X86_64, number: 41, first: family }), ALLOW);
  }
  assertEquals(run(online, { arch: X86_64, number: 41, first: 1 }), EPERM);
  // AF_PACKET, AF_VSOCK, AF_BLUETOOTH, AF_ALG
  for (const family of [17, 40, 31, 38]) {
    assertEquals(run(online, { arch: X86_64, number: 41, first: family }), EPERM);
  }
});

Deno.test("buildCallFilter() ends a process that calls by another interface of the processor", () => {
  assertEquals(run(offline, { arch: 0x40000003, number: 3 }), KILL);
  assertEquals(call(0x40000000 + 59), EPERM);
});

Deno.test("buildCallFilter() has a program for each processor, whose jumps end within it", () => {
  for (const arch of ["x86_64", "aarch64"] as const) {
    assert(isFilterArchitecture(arch));
    const program = buildCallFilter(arch, { internet: true, unix: true });
    assertEquals(program.length % 8, 0);
    // A jump is one byte.
    assert(program.length / 8 < 256);
  }
  assert(!isFilterArchitecture("riscv64"));
});
