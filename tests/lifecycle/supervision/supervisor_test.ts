import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { CordonError } from "@cordon/cordon";
import { eventually } from "../../faults/host_process.ts";
import { MAX_BACKOFF_WAIT, openSupervised } from "./supervised_host.ts";

const ID = "test.shaky";

/** Soon enough for a test, late enough to look at what is in between. */
const QUICK = '[health]\nbackoff = ["100ms", "200ms"]\nmax_restarts = "10/1m"\n';
const SLOW = `[health]\nbackoff = ["${MAX_BACKOFF_WAIT}", "${MAX_BACKOFF_WAIT}"]\n`;

Deno.test("A plugin that ends by itself waits, and is started again", async () => {
  await using test = await openSupervised({ [ID]: QUICK });
  const { host } = test;
  const before = host.info(ID).pid;
  await test.end(ID);
  await test.reaches(ID, "backoff");
  const { message, hint, restart } = host.info(ID);
  assertMatch(message!, /^"test\.shaky" ended by itself with code 3; it is started again after [12]\d\d ms$/);
  assertEquals([hint, restart?.attempt], ["Start it now: cordon start test.shaky", 1]);
  await test.reaches(ID, "running");
  assert(host.info(ID).pid !== before);
  assertEquals(host.info(ID).restart, undefined);
  assertEquals(test.states(ID).slice(-3), ["backoff", "starting", "running"]);
  const { facts } = test.notes(ID, "plugin.backoff")[0]!;
  assertEquals([facts.attempt, facts.reason], [1, '"test.shaky" ended by itself with code 3']);
  assert(Number(facts.delayMs) >= 100 && Number(facts.delayMs) <= 200);
  assertEquals(await host.call(ID, "starts"), 2);
});

Deno.test("A plugin that ends as it should is left alone, unless it is always to run", async () => {
  await using test = await openSupervised({
    "test.once": QUICK,
    "test.always": `${QUICK}restart = "always"\n`,
    "test.never": `${QUICK}restart = "never"\n`,
  });
  await Promise.all([test.end("test.once", 0), test.end("test.always", 0), test.end("test.never", 3)]);
  await test.reaches("test.once", "stopped");
  await test.reaches("test.never", "failed");
  await test.reaches("test.always", "backoff");
  await test.reaches("test.always", "running");
  assertEquals(test.host.info("test.once").state, "stopped");
  assertEquals(test.host.info("test.never").state, "failed");
});

Deno.test("Restarts that fail count, and each waits longer at most", async () => {
  await using test = await openSupervised({
    [ID]: '[health]\nbackoff = ["20ms", "10s"]\nmax_restarts = "10/1m"\n',
  });
  await test.host.call(ID, "plan", [3]);
  await test.end(ID);
  await test.reaches(ID, "backoff");
  await test.reaches(ID, "running");
  const waits = test.notes(ID, "plugin.backoff").map(({ facts }) => facts);
  assertEquals(waits.map(({ attempt }) => attempt), [1, 2, 3, 4]);
  for (const [index, { delayMs }] of waits.entries()) {
    assert(Number(delayMs) >= 20 && Number(delayMs) <= 20 * 2 ** (index + 1), `${delayMs}`);
  }
  assertMatch(String(waits[1]!.reason), /its process ended with code 9 before it was ready/);
});

Deno.test("A plugin that ends too often has failed, fails calls at once, and begins anew when it is started", async () => {
  await using test = await openSupervised({
    [ID]: '[health]\nbackoff = ["10ms", "20ms"]\nmax_restarts = "2/1m"\n',
  });
  const { host } = test;
  await host.call(ID, "plan", [2]);
  await test.end(ID);
  await test.reaches(ID, "failed");
  assertEquals(test.notes(ID, "plugin.backoff").length, 2);
  const { facts } = test.notes(ID, "plugin.gave_up")[0]!;
  assertEquals([facts.restarts, facts.periodMs], [2, 60_000]);
  assertMatch(
    host.info(ID).message!,
    /restarted 2 times within 60 s, which is as often as it may \(health\.max_restarts\)$/,
  );
  assertMatch(host.info(ID).hint!, /reset and start it: cordon start test\.shaky$/);
  const starts = test.states(ID).filter((state) => state === "starting").length;
  const down = await assertRejects(() => host.call(ID, "starts"), CordonError);
  assertEquals([down.code, down.hint], ["plugin_down", "See why: cordon why test.shaky"]);
  assertEquals([down.facts.id, down.facts.retryAfterMs], [ID, undefined]);
  assertEquals(test.states(ID).filter((state) => state === "starting").length, starts);

  await host.startPlugin(ID);
  assertEquals(await host.call(ID, "starts"), 4);
  await test.end(ID);
  await eventually(() => test.notes(ID, "plugin.backoff").length === 3, "another wait");
  assertEquals(test.notes(ID, "plugin.backoff").at(-1)!.facts.attempt, 1);
});

Deno.test("Whoever starts a plugin for the first time is told why it did not, and nobody tries again", async () => {
  await using test = await openSupervised({ [ID]: QUICK });
  const { host } = test;
  await host.stopPlugin(ID);
  await host.startPlugin(ID);
  await host.call(ID, "plan", [1]);
  await host.stopPlugin(ID);
  const error = await assertRejects(() => host.startPlugin(ID), CordonError);
  assertEquals([error.code, host.info(ID).state], ["start_failed", "failed"]);
  assertEquals(test.notes(ID, "plugin.backoff"), []);
});

Deno.test("A plugin that waits for its restart is stopped, started, restarted and reloaded by the administrator", async () => {
  await using test = await openSupervised({ [ID]: SLOW });
  const { host } = test;
  const fall = async () => {
    await test.end(ID);
    await test.reaches(ID, "backoff");
  };
  await fall();
  assertEquals(await host.stopPlugin(ID), [ID]);
  assertEquals([host.info(ID).state, host.info(ID).restart], ["stopped", undefined]);
  await assertRejects(() => host.stopPlugin(ID), CordonError, "it is stopped");
  await host.startPlugin(ID);
  await fall();
  await host.startPlugin(ID);
  assertEquals(await host.call(ID, "starts"), 3);
  await fall();
  await host.restartPlugin(ID);
  assertEquals(await host.call(ID, "starts"), 4);
  await fall();
  assertEquals((await host.reload(ID)).state, "running");
  assertEquals(await host.call(ID, "starts"), 5);
});

Deno.test("A host that stops has nothing started again, and everything when it starts", async () => {
  await using test = await openSupervised({ [ID]: SLOW });
  const { host } = test;
  await test.end(ID);
  await test.reaches(ID, "backoff");
  await host.stop();
  assertEquals(host.info(ID).state, "stopped");
  await host.start();
  assertEquals(await host.call(ID, "starts"), 2);
  await test.end(ID);
  await test.reaches(ID, "backoff");
});
