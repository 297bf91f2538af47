import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { Degradations } from "../../../src/lifecycle/health/degradations.ts";
import type { HealthReport } from "@cordon/cordon/sdk";
import { HealthMonitor } from "../../../src/lifecycle/health/health_monitor.ts";
import { type HealthFinding, HealthRecord } from "../../../src/lifecycle/health/health_record.ts";
import type { PluginEntry } from "../../../src/lifecycle/plugin_table.ts";
import { parseManifest } from "../../../src/manifest/parse.ts";
import { manifestText } from "../../fixtures/start_host.ts";

/** A plugin that a test looks into and decides about. */
class FakePlugin {
  readonly entry: PluginEntry;
  readonly findings: string[] = [];
  readonly failures: string[] = [];
  readonly asked: number[] = [];
  counts = { calls: 0, failed: 0 };
  lagMs = 0;
  nearMemory = false;
  answer: HealthReport | "never" = { status: "ok" };

  constructor(id: string, manifest = '[health]\ninterval = "1s"\nfailures = 3\n') {
    this.entry = {
      id,
      found: { manifest: parseManifest(manifestText(id, manifest), "plugin.toml") },
      degradations: new Degradations(),
      health: new HealthRecord(() => Date.now()),
    } as unknown as PluginEntry;
  }
}

/** A monitor of such plugins, at a time that stands still. */
function watch(plugins: readonly FakePlugin[], { hasHealth = true, random = (): number => 1 } = {}) {
  const time = new FakeTime();
  const monitor = new HealthMonitor({
    now: () => time.now,
    random,
    telemetry: { countCalls: (id) => plugins.find(({ entry }) => entry.id === id)!.counts },
    table: {
      judgeHealth: (entry, { source, status, reason }: HealthFinding) => {
        const plugin = plugins.find((plugin) => plugin.entry === entry)!;
        const isNews = status === "ok"
          ? entry.degradations.clear(source)
          : entry.degradations.set(source, reason!);
        if (isNews) plugin.findings.push(`${source} ${status}`);
      },
    },
  });
  for (const plugin of plugins) {
    monitor.begin(plugin.entry, {
      onFailure: (why) => plugin.failures.push(why),
      usage: {
        takeLagMs: () => plugin.lagMs,
        findNear: (limit) =>
          limit === "memory" && plugin.nearMemory ? { limit, used: 90, allowed: 100 } : undefined,
      },
      instance: {
        hasHealth,
        lastCheck: undefined,
        checkHealth: ({ timeoutMs }) => {
          plugin.asked.push(time.now);
          if (plugin.answer !== "never") {
            return Promise.resolve({ ...plugin.answer, time: "", tookMs: 0 });
          }
          const { promise, resolve } = Promise.withResolvers<
            HealthReport & { time: string; tookMs: number }
          >();
          setTimeout(
            () => resolve({ status: "failing", reason: "late", time: "", tookMs: timeoutMs }),
            timeoutMs,
          );
          return promise;
        },
      },
    });
  }
  return {
    monitor,
    /** Lets time pass, with what it brings about. */
    async pass(ms: number) {
      for (let restMs = ms; restMs > 0; restMs -= 100) await time.tickAsync(Math.min(100, restMs));
      await time.runMicrotasks();
    },
    [Symbol.dispose]() {
      for (const { entry } of plugins) monitor.end(entry);
      time.restore();
    },
  };
}

Deno.test("HealthMonitor notes what a plugin says, and takes it back after two good checks", async () => {
  const plugin = new FakePlugin("acme.a");
  using watched = watch([plugin]);
  plugin.answer = { status: "degraded", reason: "it is cold" };
  await watched.pass(1_000);
  assertEquals(plugin.findings, ["report degraded"]);
  assertEquals(plugin.entry.health.lastCheck?.reason, "it is cold");
  plugin.answer = { status: "ok" };
  await watched.pass(1_000);
  assertEquals(plugin.entry.degradations.reasons, ["it is cold"]);
  await watched.pass(1_000);
  assertEquals(plugin.findings, ["report degraded", "report ok"]);
});

Deno.test("HealthMonitor ends a plugin after so many failing checks in a row, once, and asks it no more", async () => {
  const plugin = new FakePlugin("acme.a");
  using watched = watch([plugin]);
  plugin.answer = { status: "failing", reason: "it is broken" };
  await watched.pass(2_000);
  plugin.answer = { status: "degraded", reason: "it is slow" };
  await watched.pass(1_000);
  plugin.answer = { status: "failing", reason: "it is broken" };
  await watched.pass(2_000);
  assertEquals(plugin.failures, []);
  await watched.pass(1_000);
  assertEquals(plugin.failures, ["3 health checks in a row failed: it is broken"]);
  watched.monitor.end(plugin.entry);
  await watched.pass(10_000);
  assertEquals([plugin.failures.length, plugin.asked.length], [1, 6]);
});

Deno.test("HealthMonitor finds lag, limits that are close, and calls that fail, also where nobody can be asked", async () => {
  const plugin = new FakePlugin("acme.a", '[health]\ninterval = "1s"\nlag = "200ms"\nerror_rate = "20%"\n');
  using watched = watch([plugin], { hasHealth: false });
  plugin.lagMs = 201;
  plugin.nearMemory = true;
  plugin.counts = { calls: 9, failed: 9 };
  await watched.pass(1_000);
  assertEquals(plugin.findings, ["lag degraded", "memory degraded"]);
  plugin.lagMs = 200;
  plugin.nearMemory = false;
  plugin.counts = { calls: 20, failed: 9 };
  await watched.pass(2_000);
  assertEquals(plugin.findings.slice(2), ["errors degraded", "lag ok", "memory ok"]);
  assertEquals(
    plugin.entry.degradations.reason,
    "9 of its last 20 calls failed, and 20 % may (health.error_rate)",
  );
  await watched.pass(32_000);
  assertEquals(plugin.findings.at(-1), "errors ok");
  assertEquals(plugin.asked, []);
});

Deno.test("HealthMonitor.end() forgets what was found, and nothing is told of an answer that comes later", async () => {
  const plugin = new FakePlugin("acme.a");
  using watched = watch([plugin]);
  plugin.nearMemory = true;
  plugin.answer = "never";
  await watched.pass(1_000);
  plugin.entry.degradations.set("dependency:acme.b", "it needs another");
  watched.monitor.end(plugin.entry);
  assertEquals(plugin.entry.degradations.reasons, ["it needs another"]);
  await watched.pass(60_000);
  assertEquals([plugin.findings, plugin.entry.health.lastCheck], [["memory degraded"], undefined]);
});

Deno.test("HealthMonitor asks many plugins one after the other, a bounded number at once, and a plugin once at a time", async () => {
  const silent = Array.from({ length: 40 }, (_, n) => {
    const plugin = new FakePlugin(
      `silent.p${n}`,
      '[health]\ninterval = "1s"\ntimeout = "30s"\nfailures = 100\n',
    );
    plugin.answer = "never";
    return plugin;
  });
  const healthy = new FakePlugin("acme.healthy");
  using watched = watch([...silent, healthy]);
  await watched.pass(1_000);
  const first = silent.filter(({ asked }) => asked.length > 0).length;
  assertEquals(first, 16);
  // Those who do not answer keep nobody else from being asked for longer than a moment.
  await watched.pass(5_000);
  assertEquals(silent.filter(({ asked }) => asked.length === 1).length, 40);
  assert(healthy.asked.length >= 2, `${healthy.asked.length}`);
});

Deno.test("HealthMonitor looks at plugins that start together at different times", async () => {
  const plugins = Array.from(
    { length: 100 },
    (_, n) => new FakePlugin(`acme.p${n}`, '[health]\ninterval = "10s"\n'),
  );
  let next = 0;
  using watched = watch(plugins, { random: () => next++ / 100 });
  await watched.pass(10_000);
  const moments = new Map<number, number>();
  for (const at of plugins.flatMap(({ asked }) => asked)) moments.set(at, (moments.get(at) ?? 0) + 1);
  assertEquals([...moments.values()].reduce((sum, count) => sum + count), 100);
  assert(Math.max(...moments.values()) <= 2, `${Math.max(...moments.values())}`);
});
