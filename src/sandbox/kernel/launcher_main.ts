/**
 * The launcher: a process that waits for its order, gives up everything that
 * the order does not name, and becomes Deno. Trusted; no plugin code is near.
 *
 * @module
 */

import {
  buildCallFilter,
  type CallGrants,
  type FilterArchitecture,
  isFilterArchitecture,
} from "./call_filter.ts";
import { Domain } from "./landlock.ts";
import { LAUNCH_FAILED, LAUNCHER_READY, type LaunchOrder, type PathRule } from "./launch_order.ts";
import { Libc } from "./libc.ts";
import { CAP, SIG } from "./linux.ts";
import { listNameRules, listRuntimeRules } from "./runtime_files.ts";

/** Longest order, in bytes. */
const MAX_ORDER = 1 << 20;

/** What waits for an order, made ready: everything that is the same for every order is done by then. */
interface Prepared {
  readonly domain: Domain;
  readonly nameRules: readonly PathRule[];
  readonly arch: FilterArchitecture;
  /** The filter of system calls that most orders need. */
  readonly filter: Uint8Array;
}

/** What most orders grant of calls. */
const USUAL_CALLS: CallGrants = { internet: false, listens: false, asksNetwork: false, unix: true };

using libc = new Libc();
try {
  const prepared = prepare();
  writeLine(Deno.stdout, LAUNCHER_READY);
  const order = readOrder();
  // The host has closed without needing this one.
  if (order === undefined) Deno.exit(0);
  confine(order, prepared);
  libc.execute(order.argv, order.env);
} catch (error) {
  writeLine(Deno.stderr, `Cannot confine: ${(error as Error).message}`);
  Deno.exit(LAUNCH_FAILED);
}

function prepare(): Prepared {
  // Nobody is to be left when the host is killed, and it may be gone already.
  libc.control("SET_PDEATHSIG", SIG.KILL);
  if (libc.parentId() !== Number(Deno.args[0])) throw new Error("the host is gone");
  const { arch } = Deno.build;
  if (!isFilterArchitecture(arch)) throw new Error(`there is no filter of system calls for ${arch}`);
  const version = libc.landlockVersion();
  if (version === 0) throw new Error("the kernel has no Landlock");
  const domain = new Domain(libc, version);
  for (const rule of listRuntimeRules()) domain.allow(rule);
  libc.limit("CORE", 0);
  // What a program that it runs leaves behind stays beneath it, where it can be found.
  libc.control("SET_CHILD_SUBREAPER", 1);
  libc.closeFrom(3);
  libc.control("SET_NO_NEW_PRIVS", 1);
  return {
    domain,
    nameRules: listNameRules(),
    arch,
    filter: buildCallFilter(arch, USUAL_CALLS),
  };
}

function confine(order: LaunchOrder, { domain, nameRules, arch, filter }: Prepared): void {
  const { bindPorts, limits } = order;
  libc.changeFolder(order.cwd);
  libc.limit("NOFILE", limits.descriptors);
  if (limits.dataBytes !== undefined) libc.limit("DATA", limits.dataBytes);
  if (limits.fileBytes !== undefined) {
    libc.limit("FSIZE", limits.fileBytes);
    // Writing beyond the bound is then an error for the plugin, not its end.
    libc.ignore(SIG.XFSZ);
  }
  for (const rule of order.rules) domain.allow(rule);
  if (order.resolvesNames) { for (const rule of nameRules) domain.allow(rule); }
  domain.allowPorts({ connect: order.connectPorts, bind: bindPorts });
  domain.enter();
  // Of root's rights only what makes files of other users readable, as they are to the host.
  const isLowPort = bindPorts.some((port) => port < 1024);
  libc.keepCapabilities(
    Deno.uid() === 0 ? [CAP.DAC_OVERRIDE, ...(isLowPort ? [CAP.NET_BIND_SERVICE] : [])] : [],
  );
  const { calls } = order;
  const isUsual = !calls.internet && !calls.listens && !calls.asksNetwork && calls.unix;
  libc.filterCalls(isUsual ? filter : buildCallFilter(arch, calls));
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
