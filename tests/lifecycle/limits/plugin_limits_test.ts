import { assertEquals } from "@std/assert";
import { decideLimits, listAllowances } from "../../../src/lifecycle/limits/plugin_limits.ts";
import { parseManifest } from "../../../src/manifest/parse.ts";
import { manifestText } from "../../fixtures/start_host.ts";

const MIB = 2 ** 20;

function limitsOf(text: string) {
  return parseManifest(manifestText("acme.app", `[limits]\n${text}`), "plugin.toml").limits;
}

Deno.test("decideLimits() takes the manifest's limit, else the site's, else ours", () => {
  assertEquals(
    decideLimits(limitsOf(`memory = "128MiB"`), { memoryBytes: 256 * MIB }).memoryBytes,
    128 * MIB,
  );
  assertEquals(decideLimits(limitsOf(""), { memoryBytes: 256 * MIB, threads: 70 }).memoryBytes, 256 * MIB);
  const { memoryBytes, heapMib, descriptors, threads, cpuShare, storageBytes, named } = decideLimits(
    limitsOf(""),
  );
  assertEquals([memoryBytes / MIB, heapMib, descriptors, threads], [512, 472, 256, 112]);
  assertEquals([cpuShare, storageBytes, named.size], [undefined, undefined, 0]);
});

Deno.test("decideLimits() leaves Deno room to run in, and time to return to its event loop", () => {
  const { memoryBytes, heapMib, responseMs } = decideLimits(limitsOf(`memory = "1MiB"\ncall_timeout = "1s"`));
  assertEquals([memoryBytes / MIB, heapMib, responseMs], [64, 24, 5_000]);
  assertEquals(decideLimits(limitsOf(`call_timeout = "8s"`)).responseMs, 8_000);
});

Deno.test("listAllowances() lists the limits there are, each in its unit", () => {
  const limits = decideLimits(limitsOf(`cpu = "50%"\nlog_rate = "120/1m"`), { storageBytes: 7 });
  assertEquals([...limits.named], ["cpu", "storage"]);
  assertEquals(Object.fromEntries(listAllowances(limits)), {
    memory: 512 * MIB,
    cpu: 50,
    responsiveness: 5_000,
    descriptors: 256,
    threads: 112,
    storage: 7,
    log_rate: 2,
  });
});
