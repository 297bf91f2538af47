import { assertEquals } from "@std/assert";
import { type EnforcementFacts, findEnforcement } from "../../../src/sandbox/limits/enforcement.ts";
import type { Place } from "../../../src/sandbox/limits/hierarchy.ts";

const NOWHERE: Place = { version: undefined, reason: "no groups" };
const BARE: EnforcementFacts = {
  tier: "deno",
  places: { memory: NOWHERE, cpu: NOWHERE, pids: NOWHERE },
  showsProcesses: true,
};

function methods(facts: EnforcementFacts): Record<string, string> {
  return Object.fromEntries(findEnforcement(facts).map(({ limit, method }) => [limit, method]));
}

Deno.test("findEnforcement() prefers the kernel, and names what is in its place", () => {
  const places = {
    memory: { version: "v1", dir: "/m" },
    cpu: NOWHERE,
    pids: { version: "v2", dir: "/p" },
  } as const;
  const found = findEnforcement({ ...BARE, places });
  assertEquals(found.filter(({ limit }) => ["memory", "cpu", "threads"].includes(limit)), [
    { limit: "memory", method: "cgroup v1" },
    { limit: "cpu", method: "sampling", reason: "no groups" },
    { limit: "threads", method: "cgroup v2" },
  ]);
  const failures = new Map([["memory", "busy"]] as const);
  assertEquals(findEnforcement({ ...BARE, places, failures })[0], {
    limit: "memory",
    method: "sampling",
    reason: "busy",
  });
});

Deno.test("findEnforcement() knows what the launcher of tier os bounds", () => {
  assertEquals(methods({ ...BARE, tier: "os" }), {
    memory: "rlimit",
    cpu: "sampling",
    responsiveness: "sampling",
    descriptors: "rlimit",
    threads: "sampling",
    storage: "sampling",
    file_size: "rlimit",
    log_rate: "host",
  });
});

Deno.test("findEnforcement() says what nothing enforces, and why", () => {
  const isOpen = {
    memory: "none",
    cpu: "none",
    responsiveness: "none",
    descriptors: "none",
    threads: "none",
  };
  const always = { storage: "sampling", file_size: "sampling", log_rate: "host" };
  assertEquals(methods({ ...BARE, tier: "worker" }), { ...isOpen, ...always });
  assertEquals(methods({ ...BARE, showsProcesses: false }), { ...isOpen, ...always });
  assertEquals(findEnforcement({ ...BARE, tier: "worker" })[0]!.reason, "a worker shares the host's process");
});
