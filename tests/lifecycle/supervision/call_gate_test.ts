import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { CordonError } from "@cordon/cordon";
import { OPEN_AFTER } from "../../../src/lifecycle/supervision/circuit_breaker.ts";
import { eventually } from "../../faults/host_process.ts";
import { MAX_BACKOFF_WAIT, openSupervised } from "./supervised_host.ts";

const ID = "test.shaky";
const PROVIDES = '[provides]\nshaky = { version = "1.0.0", methods = ["starts", "end", "plan"] }\n';
const USES = '[uses]\nshaky = { version = "^1", optional = true }\n';

Deno.test("A call waits for the restart of its plugin, where that is due in time", async () => {
  await using test = await openSupervised({ [ID]: '[health]\nbackoff = ["300ms", "300ms"]\n' });
  await test.end(ID);
  await test.reaches(ID, "backoff");
  const calls = Array.from({ length: 20 }, () => test.host.call(ID, "starts"));
  const aborted = new AbortController();
  const given = test.host.call(ID, "starts", [], { signal: aborted.signal });
  aborted.abort(new Error("given up"));
  await assertRejects(() => given, Error, "given up");
  const late = await assertRejects(() => test.host.call(ID, "starts", [], { timeoutMs: 1 }), CordonError);
  assertEquals([late.code, late.facts.id], ["plugin_down", ID]);
  assert(Number(late.facts.retryAfterMs) <= 300);
  assertMatch(
    late.message,
    /^Cannot call "test\.shaky": it is down \("test\.shaky" ended by itself with code 3/,
  );
  assertEquals(await Promise.all(calls), Array.from({ length: 20 }, () => 2));
});

Deno.test("Calls to a plugin that failed too often in a row fail at once; one is let through when it is tried again", async () => {
  await using test = await openSupervised({
    [ID]: '[health]\nbackoff = ["400ms", "400ms"]\nmax_restarts = "20/1m"\n',
  });
  const { host } = test;
  await host.call(ID, "plan", [OPEN_AFTER - 1]);
  const probed = (async () => {
    let starts = 0;
    for await (const { id, facts } of host.journal.follow()) {
      if (id !== ID || facts.to !== "starting" || ++starts < OPEN_AFTER) continue;
      // What is called while it is tried again.
      return await Promise.allSettled([1, 2, 3].map(() => host.call(ID, "starts")));
    }
    throw new Error("the journal has ended");
  })();
  await test.end(ID);
  await eventually(() => test.notes(ID, "plugin.backoff").length === OPEN_AFTER, "so many failures");
  const refused = await assertRejects(() => host.call(ID, "starts"), CordonError);
  assertEquals(refused.code, "plugin_down");
  assert(Number(refused.facts.retryAfterMs) > 0);
  const [first, ...others] = await probed;
  assertEquals(first, { status: "fulfilled", value: OPEN_AFTER + 1 });
  for (const other of others) {
    assert(other.status === "rejected");
    assertEquals(other.reason.code, "plugin_down");
  }
  assertEquals(await host.call(ID, "starts"), OPEN_AFTER + 1);
});

Deno.test("A plugin's call waits for the provider that is started again, and fails at once for one that was given up", async () => {
  await using test = await openSupervised({
    [ID]: `${PROVIDES}[health]\nbackoff = ["300ms", "300ms"]\nmax_restarts = "1/1m"\n`,
    "test.app": USES,
  });
  const { host } = test;
  const ask = (method: string, ...args: unknown[]) =>
    host.call("test.app", "ask", ["shaky", method, ...args]);
  assertEquals(await ask("starts"), 1);
  await test.end(ID);
  await test.reaches(ID, "backoff");
  assertEquals(await Promise.all([ask("starts"), ask("starts")]), [2, 2]);
  const dying = await assertRejects(() => ask("end", 4), CordonError);
  assertEquals(dying.facts.remoteCode, "channel_closed");
  await test.reaches(ID, "failed");
  const down = await assertRejects(() => ask("starts"), CordonError);
  assertEquals(down.facts.remoteCode, "plugin_down");
  await host.startPlugin(ID);
  assertEquals(await ask("starts"), 3);
});

Deno.test("A plugin's call does not wait for a provider that is due after its deadline, nor where another serves it", async () => {
  const slow = `${PROVIDES}[health]\nbackoff = ["${MAX_BACKOFF_WAIT}", "${MAX_BACKOFF_WAIT}"]\n`;
  await using test = await openSupervised({ [ID]: slow, "test.app": USES, "test.spare": slow });
  const { host } = test;
  const ask = () => host.call("test.app", "ask", ["shaky", "starts"]);
  const bound = host.info("test.app").bindings.shaky!;
  const other = bound === ID ? "test.spare" : ID;
  await test.end(bound);
  await test.reaches(bound, "backoff");
  assertEquals(await ask(), 1);
  await host.stopPlugin(other);
  const down = await assertRejects(ask, CordonError);
  assertEquals(down.facts.remoteCode, "plugin_down");
  await host.stopPlugin(bound);
  const gone = await assertRejects(ask, CordonError);
  assertEquals(gone.facts.remoteCode, "capability_unavailable");
});
