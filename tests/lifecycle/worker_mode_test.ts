import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { CordonError } from "@cordon/cordon";
import { findWorkerObstacle } from "../../src/sandbox/worker_support.ts";
import { openFixtures, writePlugin } from "../fixtures/start_host.ts";

const ignore = (await findWorkerObstacle())?.hint?.includes("--no-prompt") ?? false;
const NAMES = ["greeter", "in_worker"];

Deno.test("A plugin with run.mode = worker is blocked unless policy allows it, and the message says why", async () => {
  await using input = await writePlugin({ note: "here" });
  const options = { vars: { input: `${input.dir}/note` }, grant: "requested" } as const;
  await using opened = await openFixtures(NAMES, options);
  const plugin = opened.host.list().find(({ id }) => id === "fixture.in-worker")!;
  assertEquals([plugin.state, plugin.reason], ["blocked", "policy"]);
  assertMatch(
    plugin.message!,
    /shares Cordon's own process and can end it, use up its memory or block a thread/,
  );
  assertMatch(plugin.hint!, /run\.mode = "process".*policy\.allowWorker/);
  await using strict = await openFixtures(NAMES, {
    ...options,
    policy: { allowWorker: true, requireTier: "os" },
  });
  const { message } = strict.host.list().find(({ id }) => id === "fixture.in-worker")!;
  assertStringIncludes(message!, 'policy demands tier "os", and it would run in tier "worker"');
});

Deno.test({
  name: "A plugin in a worker lives beside others: calls, grants, logs, a crash, a stop",
  ignore,
  async fn() {
    await using input = await writePlugin({ note: "here" });
    const notices: string[] = [];
    await using opened = await openFixtures(NAMES, {
      vars: { input: `${input.dir}/note` },
      grant: "requested",
      policy: { allowWorker: true },
      onNotice: (message) => notices.push(message),
    });
    const { host } = opened;
    await host.start();
    const { state, tier, pid } = host.info("fixture.in-worker");
    assertEquals([state, tier, pid], ["running", "worker", undefined]);
    assertEquals(notices.filter((notice) => notice.includes("share this process")).length, 1);
    assertEquals(await host.call("worker", "hello", ["Ada"]), "Hello Ada, from here");

    const failed = (async () => {
      for await (const { id, facts } of host.journal.follow()) if (facts.to === "failed") return id;
      return undefined;
    })();
    const error = await assertRejects(() => host.call("worker", "leave"), CordonError);
    assertEquals([error.code, await failed], ["channel_closed", "fixture.in-worker"]);
    assertStringIncludes(host.info("fixture.in-worker").message!, "ended by itself with code 5");
    assertEquals(await host.call("worker", "hello", ["Bo"]), "Hello Bo, from here");
    await host.stop();
    assertEquals(host.list().map(({ state }) => state), ["stopped", "stopped"]);
    assertEquals(notices.filter((notice) => notice.includes("share this process")).length, 1);
  },
});
