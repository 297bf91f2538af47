import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Output } from "../../src/cli/output.ts";
import { renderScreen } from "../../src/cli/live_screen.ts";
import { compareMetrics, formatActivity, sortActivity } from "../../src/cli/top_rows.ts";
import type { PluginMetrics } from "../../src/lifecycle/telemetry/plugin_metrics.ts";

function metricsOf(id: string, more: Partial<PluginMetrics> = {}): PluginMetrics {
  return {
    id,
    state: "running",
    calls: { total: 100, failed: 10, inFlight: 1, p50Ms: 0.05, p99Ms: 12.3 },
    events: { published: 5, delivered: 5, dropped: 0 },
    restarts: 0,
    memoryBytes: 20 << 20,
    cpuShare: 0.125,
    cpuSec: 1,
    ...more,
  };
}

/** An output of some width that styles by brackets. */
function outputOf(width: number): Output {
  return { width, style: (style: string, text: string) => `<${style}>${text}</>` } as unknown as Output;
}

const plain = (line: string) => line.replaceAll(/<[^>]*>/g, "");

Deno.test("compareMetrics() makes rates of counts, and none below zero", () => {
  const before = [metricsOf("a.a"), metricsOf("a.b")];
  const now = [
    metricsOf("a.a", { calls: { ...before[0]!.calls, total: 400, failed: 11 } }),
    // Its host has begun anew.
    metricsOf("a.b", { calls: { ...before[0]!.calls, total: 1, failed: 0 } }),
    metricsOf("a.c"),
  ];
  const rates = compareMetrics(before, now, 500);
  assertEquals(
    rates.map(({ callsPerSec, errorsPerSec, eventsPerSec }) => [callsPerSec, errorsPerSec, eventsPerSec]),
    [
      [600, 2, 0],
      [0, 0, 0],
      [0, 0, 0],
    ],
  );
});

Deno.test("sortActivity() puts the highest first, what is not known last, and those alike by id", () => {
  const plugins = compareMetrics([], [
    metricsOf("a.b", { memoryBytes: undefined, cpuShare: 0 }),
    metricsOf("a.c", { memoryBytes: 3, cpuShare: 0.5 }),
    metricsOf("a.a", { memoryBytes: 9, cpuShare: 0.5 }),
  ], 1_000);
  const ids = (by: Parameters<typeof sortActivity>[1]) => sortActivity(plugins, by).map(({ id }) => id);
  assertEquals(ids("memory"), ["a.a", "a.c", "a.b"]);
  assertEquals(ids("cpu"), ["a.a", "a.c", "a.b"]);
  assertEquals(ids("calls"), ["a.a", "a.b", "a.c"]);
});

Deno.test("formatActivity() aligns figures, marks the column it is sorted by and errors that go on", () => {
  const before = [metricsOf("acme.a", { calls: { ...metricsOf("").calls, total: 0, failed: 9 } })];
  const plugins = compareMetrics(before, [metricsOf("acme.a"), metricsOf("acme.b\x1b[2J")], 1_000);
  const lines = formatActivity(plugins, { output: outputOf(Infinity), sort: "p99" });
  assertEquals(lines.map(plain), [
    "PLUGIN      STATE    CALLS/S    P50    P99  IN FLIGHT  ERRORS  EVENTS/S  MEMORY   CPU",
    "acme.a      running      100  50 µs  12 ms          1      10         0  20 MiB  13 %",
    "acme.b\ufffd[2J  running        0  50 µs  12 ms          1      10         0  20 MiB  13 %",
  ]);
  assertStringIncludes(lines[0]!, "<bold>P99</>");
  assertStringIncludes(lines[1]!, "<red>10</>");
  assert(!lines[2]!.includes("<red>"));
});

Deno.test("formatActivity() leaves columns out until the rest fits", () => {
  const plugins = compareMetrics([], [
    metricsOf("acme.a"),
    metricsOf("acme.another", { cpuShare: undefined }),
  ], 1_000);
  for (const width of [100, 80, 72, 60, 50, 40, 30]) {
    const lines = formatActivity(plugins, { output: outputOf(width), sort: "calls" }).map(plain);
    assert(lines.every((line) => line.length < width), `${width}: ${lines[0]}`);
    assertStringIncludes(lines[0]!, "CALLS/S");
  }
});

Deno.test("renderScreen() draws over what is there, and clears only what is left of it", () => {
  assertEquals(renderScreen(["ab", "c"]), "\x1b[?2026h\x1b[Hab\x1b[K\r\nc\x1b[K\x1b[J\x1b[?2026l");
});
