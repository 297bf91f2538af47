import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { CordonError } from "@cordon/cordon";
import { openSupervised } from "./supervised_host.ts";

const BASE = "test.base";
const NEEDS = `[requires]\n"${BASE}" = "*"\n`;
const WAIT = '[health]\nbackoff = ["500ms", "500ms"]\nmax_restarts = "2/1m"\n';

/** Three that need one, each of which does something else while that is down, and one that needs the last. */
function openFamily() {
  return openSupervised({
    [BASE]: WAIT,
    "test.waits": NEEDS,
    "test.degrades": `${NEEDS}[health]\ndependency = "degrade"\n`,
    "test.stops": `${NEEDS}[health]\ndependency = "stop"\n`,
    "test.stops-too": `[requires]\n"test.stops" = "*"\n[health]\ndependency = "stop"\n`,
  });
}

Deno.test("Those that need a plugin which is started again wait, are degraded or stop, as they say", async () => {
  await using test = await openFamily();
  const { host } = test;
  const pids = ["test.waits", "test.degrades"].map((id) => host.info(id).pid);
  await test.end(BASE);
  await test.reaches("test.degrades", "degraded");
  assertMatch(
    host.info("test.degrades").message!,
    /"test\.base" is being started again, which it needs/,
  );
  await test.reaches("test.stops", "blocked");
  await test.reaches("test.stops-too", "blocked");
  assertStringIncludes(host.info("test.stops").message!, '"test.base" is back');
  assertEquals(host.info("test.waits").state, "running");
  assertEquals(await host.call("test.degrades", "starts"), 1);
  // Nothing is tried for those who call what waits.
  const held = await assertRejects(() => host.call("test.stops", "starts"), CordonError);
  assertEquals([held.code, held.facts.needs], ["dependency", BASE]);

  await Promise.all(
    [BASE, "test.degrades", "test.stops", "test.stops-too"].map((id) => test.reaches(id, "running")),
  );
  assertEquals(["test.waits", "test.degrades"].map((id) => host.info(id).pid), pids);
  assertEquals(await host.call("test.stops", "starts"), 2);
  assertEquals(await host.call("test.stops-too", "starts"), 2);
  assertEquals(test.states("test.stops").slice(-6), [
    "stopping",
    "stopped",
    "blocked",
    "ready",
    "starting",
    "running",
  ]);
  assertEquals(test.states("test.degrades").slice(-2), ["degraded", "running"]);
});

Deno.test("Those that need a plugin which was given up stay as they are until it is started", async () => {
  await using test = await openFamily();
  const { host } = test;
  await host.call(BASE, "plan", [2]);
  await test.end(BASE);
  await test.reaches(BASE, "failed");
  assertStringIncludes(host.info("test.degrades").message!, '"test.base" has failed, which it needs');
  await test.reaches("test.stops", "blocked");
  await host.startPlugin(BASE);
  await Promise.all(
    ["test.degrades", "test.stops", "test.stops-too"].map((id) => test.reaches(id, "running")),
  );
});

Deno.test("One that was stopped for what it needs and is stopped by the administrator is not started with it", async () => {
  await using test = await openFamily();
  const { host } = test;
  await test.end(BASE);
  await test.reaches("test.stops", "blocked");
  assertEquals(await host.stopPlugin("test.stops"), ["test.stops-too", "test.stops"]);
  await test.reaches(BASE, "running");
  await host.call(BASE, "starts");
  assertEquals(host.info("test.stops").state, "blocked");
  await host.startPlugin("test.stops");
  assertEquals(await host.call("test.stops", "starts"), 2);
});

Deno.test("A plugin that ends while what it needs is down waits for that, not for its own restart", async () => {
  await using test = await openSupervised({
    [BASE]: WAIT,
    "test.waits": `${NEEDS}[health]\nbackoff = ["10ms", "10ms"]\n`,
  });
  await test.end(BASE);
  await test.reaches(BASE, "backoff");
  await test.end("test.waits");
  await test.reaches("test.waits", "blocked");
  await test.reaches(BASE, "running");
  await test.reaches("test.waits", "running");
  assertEquals(await test.host.call("test.waits", "starts"), 2);
});
