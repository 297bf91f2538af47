/**
 * The launcher: a process that waits for its order, gives up everything that
 * the order does not name, and becomes Deno. Trusted; no plugin code is near.
 *
 * @module
 */

import { buildCallFilter, isFilterArchitecture } from "./call_filter.ts";
import { enterDomain } from "./landlock.ts";
import { LAUNCH_FAILED, type LauncherGreeting, type LaunchOrder } from "./launch_order.ts";
import { Libc } from "./libc.ts";
import { CAP, SIG } from "./linux.ts";
import { listRuntimeRules } from "./runtime_files.ts";

/** Longest order, in bytes. */
const MAX_ORDER = 1 << 20;

using libc = new Libc();
// Nobody is to be left when the host is killed, and it may be gone already.
libc.control("SET_PDEATHSIG", SIG.KILL);
if (libc.parentId() !== Number(Deno.args[0])) Deno.exit(LAUNCH_FAILED);
const landlock = libc.landlockVersion();
const runtime = listRuntimeRules();
writeLine(Deno.stdout, JSON.stringify({ landlock } satisfies LauncherGreeting));

const order = readOrder();
if (order === undefined) Deno.exit(0);
try {
  confine(order);
  libc.execute(order.argv, order.env);
} catch (error) {
  writeLine(Deno.stderr, `Cannot confine: ${(error as Error).message}`);
  Deno.exit(LAUNCH_FAILED);
}

function confine(
  { cwd, rules, connectPorts, bindPorts, internet, resolvesNames, asksNetwork, limits }: LaunchOrder,
): void {
  if (landlock === 0) throw new Error("the kernel has no Landlock");
  const { arch } = Deno.build;
  if (!isFilterArchitecture(arch)) throw new Error(`there is no filter of system calls for ${arch}`);
  libc.changeFolder(cwd);
  libc.limit("CORE", 0);
  libc.limit("NOFILE", limits.descriptors);
  if (limits.dataBytes !== undefined) libc.limit("DATA", limits.dataBytes);
  if (limits.fileBytes !== undefined) {
    libc.limit("FSIZE", limits.fileBytes);
    // Writing beyond the bound is then an error for the plugin, not its end.
    libc.ignore(SIG.XFSZ);
  }
  // What a program that it runs leaves behind stays beneath it, where it can be found.
  libc.control("SET_CHILD_SUBREAPER", 1);
  libc.closeFrom(3);
  libc.control("SET_NO_NEW_PRIVS", 1);
  const files = resolvesNames ? [...runtime.always, ...runtime.names] : runtime.always;
  enterDomain(libc, { rules: [...files, ...rules], connectPorts, bindPorts }, landlock);
  // Of root's rights only what makes files of other users readable, as they are to the host.
  const isLowPort = bindPorts.some((port) => port < 1024);
  libc.keepCapabilities(
    Deno.uid() === 0 ? [CAP.DAC_OVERRIDE, ...(isLowPort ? [CAP.NET_BIND_SERVICE] : [])] : [],
  );
  libc.filterCalls(buildCallFilter(arch, { internet, listens: bindPorts.length > 0, asksNetwork }));
}

/** Reads the order: its length in four bytes, then JSON. Undefined when the host closes before. */
function readOrder(): LaunchOrder | undefined {
  const length = read(4);
  if (length === undefined) return undefined;
  const size = new DataView(length.buffer).getUint32(0, true);
  const body = size > MAX_ORDER ? undefined : read(size);
  if (body === undefined) throw new RangeError("Cannot read the order: it is cut off or too long");
  return JSON.parse(new TextDecoder().decode(body)) as LaunchOrder;
}

function read(size: number): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(size);
  for (let filled = 0; filled < size;) {
    const count = Deno.stdin.readSync(bytes.subarray(filled));
    if (count === null) return undefined;
    filled += count;
  }
  return bytes;
}

function writeLine(stream: { writeSync(bytes: Uint8Array): number }, line: string): void {
  stream.writeSync(new TextEncoder().encode(`${line}\n`));
}
