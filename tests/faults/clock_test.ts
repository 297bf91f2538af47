import { assert, assertEquals, assertRejects } from "@std/assert";
import { CordonError } from "@cordon/cordon";
import { readLog } from "../../src/store/log_store.ts";
import { openPluginHost } from "./plugin_host.ts";

const HOUR_MS = 3_600_000;

const CODE = `export const activate = () => ({
  say: (word) => { console.log(word); return word; },
  hang: () => new Promise(() => setInterval(() => {}, 1_000)),
});`;

/** Sets the wall clock of this process; other clocks run on, as they do on a machine. */
function setClock(offsetMs: number): Disposable {
  const { Date } = globalThis;
  globalThis.Date = class extends Date {
    constructor(...args: unknown[]) {
      // @ts-expect-error: the arguments of any of its forms
      super(...(args.length === 0 ? [Date.now() + offsetMs] : args));
    }
    static override now(): number {
      return Date.now() + offsetMs;
    }
  } as DateConstructor;
  return {
    [Symbol.dispose]() {
      globalThis.Date = Date;
    },
  };
}

for (const offsetMs of [-HOUR_MS, HOUR_MS]) {
  Deno.test(`A clock set by ${offsetMs / HOUR_MS} h changes neither deadlines nor the order of what is kept`, async () => {
    await using test = await openPluginHost(CODE, { manifest: '[limits]\nlog_rate = "5/s"' });
    const { host } = test;
    const before = host.journal.lastSeq;
    const hanging = assertRejects(
      () => host.call("test.subject", "hang", [], { timeoutMs: 300 }),
      CordonError,
    );
    const startedAt = performance.now();
    using _clock = setClock(offsetMs);

    assertEquals(await host.call("test.subject", "say", ["after"], { timeoutMs: 5_000 }), "after");
    assertEquals((await hanging).code, "deadline_exceeded");
    assert(performance.now() - startedAt >= 290, "the deadline came early");
    for (let count = 0; count < 20; count++) await host.call("test.subject", "say", ["much"]);
    await host.restartPlugin("test.subject");

    const events = host.journal.list({ from: before + 1, id: "test.subject" });
    const moves = events.filter(({ type }) => type === "plugin.state").map(({ facts }) => facts.to);
    assertEquals(moves, ["stopping", "stopped", "starting", "running"]);
    // What is written then bears the time that the clock shows then; the order is that of the positions.
    assert(events.every(({ time }) => Math.abs(Date.parse(time) - Date.now()) < HOUR_MS / 2));
    assertEquals(host.list().map(({ state }) => state), ["running", "running"]);

    await host.stop();
    const lines = (await Array.fromAsync(readLog(test.data))).map(({ message }) => message);
    assertEquals(lines[0], "after");
    assert(lines.length < 15, `the rate of the log was not held: ${lines.length} lines`);
  });
}
