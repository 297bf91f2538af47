import { assert, assertEquals } from "@std/assert";
import { openHost } from "@cordon/cordon";
import { manifestText, writePlugin } from "../fixtures/start_host.ts";
import { eventually, HostProcess } from "./host_process.ts";
import { TIERS } from "./tiers.ts";

/** Kills in each tier; `CORDON_KILLS` asks for more. */
const KILLS = Number(Deno.env.get("CORDON_KILLS") ?? 4);

const PUBLISHER = `export const activate = (ctx) => ({
  publish: (number) => ctx.events.publish("test.numbers", number),
});`;

/** Writes each number into a file as it takes it, and dies of one in fifty. */
const READER = `export function activate(ctx) {
  ctx.events.on("test.*", async (number, { attempt }) => {
    if (number % 50 === 0 && attempt === 1) throw new Error("not the first time");
    await Deno.writeTextFile(ctx.data + "/taken", number + "\\n", { append: true });
  });
}`;

for (const { tier, obstacle } of TIERS) {
  Deno.test({
    name:
      `A kept event acknowledged before its host of tier "${tier}" is killed is delivered after the next start`,
    ignore: obstacle !== undefined || Deno.build.os !== "linux",
    async fn() {
      await using plugins = await writePlugin({
        "plugins/publisher/plugin.toml": manifestText(
          "test.publisher",
          '[events]\npublishes = ["test.numbers"]\n[events.topics."test.numbers"]\ndelivery = "at-least-once"\n',
        ),
        "plugins/publisher/main.ts": PUBLISHER,
        "plugins/reader/plugin.toml": manifestText(
          "test.reader",
          '[[permissions.write]]\npaths = ["$DATA"]\n[events]\nsubscribes = ["test.*"]\n',
        ),
        "plugins/reader/main.ts": READER,
      });
      const [dir, data] = [`${plugins.dir}/plugins`, `${plugins.dir}/data`];
      let acknowledged = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        await using victim = new HostProcess("publishing_victim.ts", [
          dir,
          data,
          tier,
          `${acknowledged + 1}`,
        ]);
        acknowledged = Number((await victim.report())!.moment);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
        await victim.kill();
        for (let next = await victim.report(); next !== undefined; next = await victim.report()) {
          acknowledged = Number(next.moment);
        }
      }
      assert(acknowledged > KILLS);
      await using host = await openHost({ plugins: [dir], data, grant: "requested", policy: { tier } });
      await host.start();
      const read = async () =>
        (await Deno.readTextFile(`${data}/plugins/test.reader/data/taken`)).trim().split("\n").map(Number);
      await eventually(async () => (await read()).includes(acknowledged), "the last event");
      const taken = await read();
      const first = taken.filter((number, index) => taken.indexOf(number) === index);
      // Each for the first time in its order: what comes again comes before what is new.
      assertEquals(
        first.slice(0, acknowledged),
        Array.from({ length: acknowledged }, (_, index) => index + 1),
      );
    },
  });
}
