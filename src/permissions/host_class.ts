/**
 * Where a network permission leads, as far as its text tells: a name follows
 * DNS wherever that leads.
 *
 * @module
 */

/**
 * `metadata`: services of a cloud that hand out the machine's credentials;
 * `loopback`: this machine; `any`: every address of this machine, to listen on;
 * `internal`: networks that are not the public one; `public`: everything else.
 */
export type HostClass = "metadata" | "loopback" | "any" | "internal" | "public";

const METADATA_NAMES = new Set([
  "metadata",
  "metadata.google.internal",
  "instance-data",
  "instance-data.ec2.internal",
  "metadata.tencentyun.com",
]);
const METADATA_ADDRESSES = new Set(["100.100.100.200", "168.63.129.16", "[fd00:ec2::254]", "[fd20:ce::254]"]);
const INTERNAL_NAME = /\.(local|internal|intranet|lan|home|corp|private|localdomain|home\.arpa)$/;

/** IPv4 ranges, the narrower before the wider. */
const RANGES: readonly (readonly [prefix: readonly number[], bits: number, hosts: HostClass])[] = [
  [[0, 0, 0, 0], 8, "any"],
  [[10, 0, 0, 0], 8, "internal"],
  [[100, 64, 0, 0], 10, "internal"],
  [[127, 0, 0, 0], 8, "loopback"],
  [[169, 254, 0, 0], 16, "metadata"],
  [[172, 16, 0, 0], 12, "internal"],
  [[192, 168, 0, 0], 16, "internal"],
  [[198, 18, 0, 0], 15, "internal"],
  [[224, 0, 0, 0], 4, "internal"],
  [[255, 255, 255, 255], 32, "internal"],
];

/** Where a canonical `host:port` leads. */
export function classifyHost(value: string): HostClass {
  const host = value.slice(0, value.lastIndexOf(":"));
  if (METADATA_NAMES.has(host) || METADATA_ADDRESSES.has(host)) return "metadata";
  if (host.startsWith("[")) return classifyIpv6(host.slice(1, -1));
  if (/^\d+(\.\d+){3}$/.test(host)) return classifyIpv4(host.split(".").map(Number));
  if (host === "localhost" || host.endsWith(".localhost")) return "loopback";
  return !host.includes(".") || INTERNAL_NAME.test(host) ? "internal" : "public";
}

function classifyIpv4(address: readonly number[]): HostClass {
  const number = toNumber(address);
  const range = RANGES.find(([prefix, bits]) =>
    Math.floor(number / 2 ** (32 - bits)) === Math.floor(toNumber(prefix) / 2 ** (32 - bits))
  );
  return range?.[2] ?? "public";
}

function classifyIpv6(address: string): HostClass {
  const groups = expandIpv6(address);
  const high = groups.slice(0, 6).join(":");
  const [first, last] = [groups[0]!, groups[7]!];
  // IPv4 in IPv6 and behind a translator; `::` and `::1` stand for themselves.
  const isMapped = high === "0:0:0:0:0:65535" || high === "100:65435:0:0:0:0";
  if (isMapped) return classifyIpv4([groups[6]! >> 8, groups[6]! & 255, last >> 8, last & 255]);
  if (groups.slice(0, 7).every((group) => group === 0)) {
    if (last === 0) return "any";
    if (last === 1) return "loopback";
  }
  const isLocal = (first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfe80 || (first & 0xff00) === 0xff00;
  return isLocal ? "internal" : "public";
}

function expandIpv6(address: string): number[] {
  const [left = "", right] = address.split("::");
  const read = (part: string) => part === "" ? [] : part.split(":").map((group) => parseInt(group, 16));
  const [before, after] = [read(left), read(right ?? "")];
  return right === undefined
    ? before
    : [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function toNumber(address: readonly number[]): number {
  return address.reduce((sum, part) => sum * 256 + part, 0);
}
