import { assert, assertEquals } from "@std/assert";
import { processStartTime } from "../../../src/internal/process_identity.ts";
import { Cgroups } from "../../../src/sandbox/limits/cgroups.ts";
import { type FakeGroups, versionOne, versionTwo } from "./fake_groups.ts";

const BOUNDS = { memoryBytes: 1_000_000, cpuShare: 0.5, threads: 20 };

function pathOf(files: FakeGroups, tree: string): string {
  const path = [...files.folders].find((folder) => folder.startsWith(`${tree}/`));
  assert(path !== undefined);
  return path;
}

Deno.test("Cgroups.create() bounds memory, processor and threads in the trees of version 1", async () => {
  const files = versionOne();
  const group = new Cgroups({ files }).create(BOUNDS)!;
  await group.add(42);
  const memory = pathOf(files, "/sys/fs/cgroup/memory/jobs/cordon");
  const cpu = pathOf(files, "/sys/fs/cgroup/cpu,cpuacct/jobs/cordon");
  const pids = pathOf(files, "/sys/fs/cgroup/pids/jobs/cordon");
  assertEquals(files.read(`${memory}/memory.limit_in_bytes`), "1000000");
  assertEquals(files.read(`${cpu}/cpu.cfs_quota_us`), "50000");
  assertEquals(files.read(`${pids}/pids.max`), "20");
  assertEquals([memory, cpu, pids].map((path) => files.read(`${path}/cgroup.procs`)), ["42", "42", "42"]);
  assertEquals(group.members(), [42]);
  assertEquals(group.failures.size, 0);
});

Deno.test("Cgroups.create() bounds them in the one tree of version 2", async () => {
  const files = versionTwo("memory cpu pids");
  const group = new Cgroups({ files }).create(BOUNDS)!;
  await group.add(42);
  const path = pathOf(files, "/sys/fs/cgroup/user.slice/cordon");
  assertEquals(files.read(`${path}/memory.max`), "1000000");
  assertEquals(files.read(`${path}/memory.swap.max`), "0");
  assertEquals(files.read(`${path}/cpu.max`), "50000 100000");
  assertEquals(files.read(`${path}/pids.max`), "20");
  assertEquals(group.members(), [42]);
});

Deno.test("Cgroup names a controller that refuses; the others hold", () => {
  const files = versionOne();
  const cgroups = new Cgroups({ files });
  const write = files.write.bind(files);
  files.write = (path, value) => {
    if (path.endsWith("memory.limit_in_bytes")) throw new Error("Device or resource busy");
    write(path, value);
  };
  const group = cgroups.create(BOUNDS)!;
  assertEquals([...group.failures], [["memory", "Device or resource busy"]]);
  assert(group.holds);
  assertEquals(files.read(`${pathOf(files, "/sys/fs/cgroup/pids/jobs/cordon")}/pids.max`), "20");
});

Deno.test("Cgroup tells how much memory was used at most, and that the kernel ended a process for it", () => {
  const files = versionTwo("memory");
  const group = new Cgroups({ files }).create(BOUNDS)!;
  const path = pathOf(files, "/sys/fs/cgroup/user.slice/cordon");
  assertEquals([group.memoryPeakBytes(), group.outOfMemoryKills()], [0, 0]);
  files.files.set(`${path}/memory.peak`, "999999\n");
  files.files.set(`${path}/memory.events`, "low 0\noom 2\noom_kill 1\n");
  assertEquals([group.memoryPeakBytes(), group.outOfMemoryKills()], [999_999, 1]);
});

Deno.test("Cgroup tells that the kernel refused a thread", () => {
  const files = versionOne();
  const group = new Cgroups({ files }).create(BOUNDS)!;
  assertEquals(group.refusedThreads(), 0);
  files.files.set(`${pathOf(files, "/sys/fs/cgroup/pids/jobs/cordon")}/pids.events`, "max 3\n");
  assertEquals(group.refusedThreads(), 3);
});

Deno.test("Cgroup.killAll() ends every process, and lets none be started meanwhile", async () => {
  const files = versionOne();
  const killed: number[] = [];
  const group = new Cgroups({
    files,
    kill: (pid) => {
      killed.push(pid);
      // The last of the three is ended only after the first two were.
      for (const path of paths) files.files.set(`${path}/cgroup.procs`, pid === 3 ? "" : "3");
    },
  }).create(BOUNDS)!;
  const paths = [...files.folders].filter((folder) => !folder.endsWith("/cordon"));
  for (const path of paths) files.files.set(`${path}/cgroup.procs`, "1\n2");
  await group.killAll();
  assertEquals(killed, [1, 2, 3]);
  assertEquals(files.read(`${pathOf(files, "/sys/fs/cgroup/pids/jobs/cordon")}/pids.max`), "0");
  group.remove();
  assertEquals([...files.folders].filter((folder) => !folder.endsWith("/cordon")), []);
});

Deno.test("Cgroups.create() makes none where there is no place for one", () => {
  assertEquals(new Cgroups({ files: versionTwo("") }).create(BOUNDS), undefined);
});

Deno.test({
  name: "Cgroups.clearLeftovers() clears groups whose host is gone, and leaves those of others alone",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const files = versionOne(["memory"]);
    const killed: number[] = [];
    const kill = (pid: number) => {
      killed.push(pid);
      for (const name of files.files.keys()) if (name.endsWith("cgroup.procs")) files.files.set(name, "");
    };
    const cgroups = new Cgroups({ files, kill });
    const mine = cgroups.create(BOUNDS)!;
    const dir = "/sys/fs/cgroup/memory/jobs/cordon";
    const [name] = files.listGroups(dir);
    const namespace = name!.split("-")[0];
    // Another start time: a host that had our number before us.
    const gone = `${dir}/${namespace}-${Deno.pid}-${processStartTime(Deno.pid)! - 1}-aaaaaaaa`;
    const elsewhere = `${dir}/1-${Deno.pid}-1-bbbbbbbb`;
    for (const path of [gone, elsewhere]) files.makeGroup(path);
    files.write(`${gone}/cgroup.procs`, "77");
    await cgroups.clearLeftovers();
    assertEquals(killed, [77]);
    assertEquals([...files.folders].sort(), [dir, elsewhere, `${dir}/${name}`].sort());
    mine.remove();
  },
});

Deno.test("Cgroup holds nothing together where no tree takes its process", async () => {
  const files = versionOne();
  const group = new Cgroups({ files }).create(BOUNDS)!;
  files.write = () => {
    throw new Error("Permission denied");
  };
  await group.add(42);
  assertEquals([group.holds, group.failures.size], [false, 3]);
});

Deno.test("Cgroups.adopt() has a process in a group before its bounds are known", async () => {
  const files = versionOne();
  const cgroups = new Cgroups({ files });
  cgroups.adopt(42);
  const { group, added } = cgroups.take(42)!;
  await added;
  assertEquals(group.members(), [42]);
  group.bound(BOUNDS);
  assertEquals(group.failures.size, 0);
  const other = cgroups.take(42)!;
  await other.added;
  assert(other.group !== group, "it was taken once");
});
