import { assert, assertEquals } from "@std/assert";
import { failedReport, readHealthReport } from "../../../src/lifecycle/health/health_report.ts";

const NO_REPORT = 'and not "ok", "degraded", "failing" or { status, reason, facts }';

Deno.test("readHealthReport() takes a status, or one with a reason and facts; nothing is ok", () => {
  assertEquals(readHealthReport(undefined), { status: "ok" });
  assertEquals(readHealthReport(null), { status: "ok" });
  assertEquals(readHealthReport("ok"), { status: "ok" });
  assertEquals(readHealthReport({ status: "ok", reason: "all is well", queue: 3 }), { status: "ok" });
  assertEquals(readHealthReport("degraded"), {
    status: "degraded",
    reason: "it reports that it is degraded",
  });
  assertEquals(
    readHealthReport({ status: "failing", reason: "no disk", facts: { free: 0, mounted: false } }),
    {
      status: "failing",
      reason: "it reports failing: no disk",
      facts: { free: 0, mounted: false },
    },
  );
});

Deno.test("readHealthReport() takes everything else for failing, and says what came", () => {
  const answers: readonly [unknown, string][] = [
    [1, "answered a value of type number"],
    [true, "answered a value of type boolean"],
    ["fine", 'answered "fine"'],
    ["\u001b[2J\u202edegraded", 'answered "\ufffd[2J\ufffddegraded"'],
    ["x".repeat(1_000), `answered "${"x".repeat(40)}…"`],
    [{}, "answered the status nothing"],
    [[], "answered the status nothing"],
    [{ status: "OK" }, 'answered the status "OK"'],
    [{ status: null }, "answered the status null"],
    [{ status: { toString: "ok" } }, "answered the status a value of type object"],
    [new Uint8Array(4), "answered the status nothing"],
    [{ status: "ok", reason: 7 }, "answered a reason that is no text"],
  ];
  for (const [answer, words] of answers) {
    assertEquals(readHealthReport(answer), {
      status: "failing",
      reason: `its health() ${words}, ${NO_REPORT}`,
    });
  }
});

Deno.test("readHealthReport() keeps short single lines that are safe to show, and facts that are few and plain", () => {
  const { reason } = readHealthReport({
    status: "degraded",
    reason: `a\n\tb\r\u0000c${"y".repeat(2 ** 21)}`,
  });
  assert(reason!.startsWith("it reports degraded: a b"));
  assertEquals(reason!.length, "it reports degraded: ".length + 300);
  assertEquals(
    readHealthReport({ status: "degraded", reason: " \n" }).reason,
    "it reports that it is degraded",
  );

  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`fact${n}`, n]));
  assertEquals(Object.keys(readHealthReport({ status: "ok", facts: many }).facts!).length, 16);
  const facts = JSON.parse(
    '{ "__proto__": 1, "nested": { "a": 1 }, "list": [1], "text": "\\u001b", "none": null }',
  );
  const kept = readHealthReport({ status: "ok", facts }).facts!;
  assertEquals(Object.entries(kept), [["__proto__", 1], ["text", "\ufffd"], ["none", null]]);
  assertEquals(Object.getPrototypeOf(kept), Object.prototype);
  for (const no of [[1, 2], "text", 7, null, {}]) {
    assertEquals(readHealthReport({ status: "ok", facts: no }), { status: "ok" });
  }
  const long = readHealthReport({ status: "ok", facts: { ["n".repeat(999)]: "v".repeat(999) } }).facts!;
  assertEquals(Object.entries(long).map(([name, value]) => [name.length, `${value}`.length]), [[65, 201]]);
});

Deno.test("failedReport() is failing, in one short line", () => {
  assertEquals(failedReport("failed: a\nb"), { status: "failing", reason: "its health() failed: a b" });
});
