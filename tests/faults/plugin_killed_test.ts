import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { CordonError } from "@cordon/cordon";
import { readProcesses } from "./database_left.ts";
import { eventually } from "./host_process.ts";
import { openPluginHost } from "./plugin_host.ts";
import { TIERS } from "./tiers.ts";

const HANGS = `export const activate = () => ({
  echo: (value) => value,
  hang: () => new Promise(() => setInterval(() => {}, 1_000)),
});`;

const NO_RESTART = '[health]\nrestart = "never"';

/** Code of the hostile corpus, where the channel meets more than this. */
const HALF_FRAME = new URL("../hostile/channel/half_frame/main.ts", import.meta.url);

for (const { tier, obstacle } of TIERS) {
  const ignore = obstacle !== undefined || Deno.build.os === "windows";
  const options = { policy: { tier } };

  Deno.test({
    name:
      `A plugin of tier "${tier}" that is stopped by SIGSTOP fails its calls by their deadline and can be ended`,
    ignore,
    async fn() {
      await using test = await openPluginHost(HANGS, { ...options, manifest: '[reload]\ndrain = "200ms"' });
      Deno.kill(test.pid(), "SIGSTOP");
      const late = await assertRejects(
        () => test.host.call("test.subject", "echo", ["?"], { timeoutMs: 100 }),
        CordonError,
      );
      assertEquals(late.code, "deadline_exceeded");
      await test.assertBystander();
      await test.host.stopPlugin("test.subject");
      const exit = test.host.journal.list({ id: "test.subject" }).find(({ type }) => type === "plugin.exit");
      assertEquals([exit?.facts.rung, exit?.facts.signal], ["killed", "SIGKILL"]);
      await test.assertBystander();
      assertEquals(await test.host.call("test.subject", "echo", ["again"]), "again");
    },
  });

  Deno.test({
    name: `A plugin of tier "${tier}" that is stopped for a while only goes on where it was`,
    ignore,
    async fn() {
      await using test = await openPluginHost(HANGS, options);
      Deno.kill(test.pid(), "SIGSTOP");
      const calls = Array.from({ length: 50 }, (_, n) => test.host.call("test.subject", "echo", [n]));
      await test.assertBystander();
      Deno.kill(test.pid(), "SIGCONT");
      assertEquals(await Promise.all(calls), Array.from({ length: 50 }, (_, n) => n));
    },
  });

  Deno.test({
    name: `A plugin of tier "${tier}" that is killed fails what is in flight, is noticed and starts again`,
    ignore,
    async fn() {
      await using test = await openPluginHost(HANGS, { ...options, manifest: NO_RESTART });
      const hanging = assertRejects(() => test.host.call("test.subject", "hang"), CordonError);
      Deno.kill(test.pid(), "SIGKILL");
      assertEquals((await hanging).code, "channel_closed");
      assertMatch(await test.reaches("failed"), /ended by itself with signal SIGKILL/);
      await test.assertBystander();
      assertEquals(await test.host.call("test.subject", "echo", ["again"]), "again");
    },
  });

  Deno.test({
    name: `A plugin of tier "${tier}" that is killed while it starts fails that start with the signal`,
    ignore,
    async fn() {
      const loops = "export function activate() { for (;;); }";
      await using test = await openPluginHost(loops, {
        ...options,
        manifest: '[run]\nactivate = ["on:call"]',
      });
      const failing = assertRejects(() => test.host.startPlugin("test.subject"), CordonError);
      const find = () => readProcesses(test.data).find(({ plugin }) => plugin === "test.subject");
      await eventually(() => find() !== undefined, "the process of the plugin");
      Deno.kill(find()!.pid, "SIGKILL");
      assertMatch((await failing).message, /ended with (signal SIGKILL|code 137) before it/);
      await test.assertBystander();
    },
  });

  Deno.test({
    name: `A plugin of tier "${tier}" that goes in the middle of a frame is noticed and starts again`,
    ignore,
    async fn() {
      await using test = await openPluginHost(await Deno.readTextFile(HALF_FRAME), options);
      const error = await assertRejects(() => test.host.call("test.subject", "attack"), CordonError);
      assertEquals(error.code, "channel_closed");
      // It ends its process itself, as if all were well.
      assertMatch(await test.reaches("stopped"), /ended by itself with code 0/);
      await test.assertBystander();
      await test.host.startPlugin("test.subject");
    },
  });
}
