import { assertEquals } from "@std/assert";
import { findPlaces } from "../../../src/sandbox/limits/hierarchy.ts";
import { FakeGroups, versionOne, versionTwo } from "./fake_groups.ts";

Deno.test("findPlaces() finds each controller of version 1 in its own tree, below our own group", () => {
  const groups = versionOne();
  assertEquals(findPlaces(groups), {
    memory: { version: "v1", dir: "/sys/fs/cgroup/memory/jobs/cordon" },
    cpu: { version: "v1", dir: "/sys/fs/cgroup/cpu,cpuacct/jobs/cordon" },
    pids: { version: "v1", dir: "/sys/fs/cgroup/pids/jobs/cordon" },
  });
  assertEquals(groups.folders.size, 3);
});

Deno.test("findPlaces() needs no controller for another: each that is missing says why", () => {
  const groups = versionOne(["memory"]);
  groups.refused.add("/sys/fs/cgroup/memory/jobs/cordon");
  assertEquals(findPlaces(groups), {
    memory: { version: undefined, reason: 'no group can be made in "/sys/fs/cgroup/memory/jobs": refused' },
    cpu: { version: undefined, reason: "this system has no control groups" },
    pids: { version: undefined, reason: "this system has no control groups" },
  });
});

Deno.test("findPlaces() uses the group around ours in version 2, which hands controllers on", () => {
  const groups = versionTwo("memory pids");
  const place = { version: "v2", dir: "/sys/fs/cgroup/user.slice/cordon" } as const;
  assertEquals(findPlaces(groups), {
    memory: place,
    cpu: {
      version: undefined,
      reason: '"/sys/fs/cgroup/user.slice" does not hand on the controller "cpu"',
    },
    pids: place,
  });
  assertEquals(groups.files.get(`${place.dir}/cgroup.subtree_control`), "+memory +pids");
});

Deno.test("findPlaces() leaves version 2 alone where nothing was delegated", () => {
  const groups = versionTwo("");
  const reason = "our group hands on no controllers: it holds processes and was not delegated";
  const place = { version: undefined, reason } as const;
  assertEquals(findPlaces(groups), { memory: place, cpu: place, pids: place });
  assertEquals(groups.folders.size, 0);
});

Deno.test("findPlaces() says so where our folder takes no controllers", () => {
  const groups = versionTwo("memory");
  groups.refused.add("/sys/fs/cgroup/user.slice/cordon/cgroup.subtree_control");
  assertEquals(findPlaces(groups).memory, {
    version: undefined,
    reason: '"/sys/fs/cgroup/user.slice/cordon" takes no controllers: refused',
  });
});

Deno.test("findPlaces() does not take a folder of another user for a place", () => {
  const groups = versionOne(["memory"]);
  groups.makeGroup("/sys/fs/cgroup/memory/jobs/cordon");
  groups.makeGroup = (path) => {
    if (path.includes("/cordon/")) throw new Error("Permission denied");
  };
  const { memory } = findPlaces(groups);
  assertEquals(memory, {
    version: undefined,
    reason: 'no group can be made in "/sys/fs/cgroup/memory/jobs": Permission denied',
  });
});

Deno.test("findPlaces() looks where a mount begins below the root of its tree", () => {
  const groups = new FakeGroups(
    ["/box /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"],
    ["3:memory:/box/inner"],
  );
  assertEquals(findPlaces(groups).memory, { version: "v1", dir: "/sys/fs/cgroup/memory/inner/cordon" });
});
