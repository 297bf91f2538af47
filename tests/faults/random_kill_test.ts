import { assert, assertEquals } from "@std/assert";
import { openHost } from "@cordon/cordon";
import { readLog } from "../../src/store/log_store.ts";
import { fixture } from "../fixtures/start_host.ts";
import { assertKept } from "./database_left.ts";
import { HostProcess, listSurvivors } from "./host_process.ts";
import type { Report } from "./moments.ts";
import { TIERS } from "./tiers.ts";

/** Kills in each tier; `CORDON_KILLS` asks for more. */
const KILLS = Number(Deno.env.get("CORDON_KILLS") ?? 6);

for (const { tier, obstacle } of TIERS) {
  Deno.test({
    name:
      `A host of tier "${tier}" killed at ${KILLS} random moments leaves what it acknowledged, and no process`,
    // The tier has to be there, and processes are looked for in /proc.
    ignore: obstacle !== undefined || Deno.build.os !== "linux",
    async fn() {
      const data = await Deno.realPath(await Deno.makeTempDir({ prefix: "cordon-kill-" }));
      const moments = new Set<string>();
      for (let kill = 0; kill < KILLS; kill++) {
        const last = await killOne(data, { tier, afterMs: Math.random() * 500 });
        moments.add(last.moment);
        assertKept(data, last.kept);
        const lines = await Array.fromAsync(readLog(data), ({ time }) => time);
        assert(last.logged === undefined || lines.includes(last.logged), "a line of the log is lost");
        await using host = await openHost({ plugins: [fixture("greeter")], data, policy: { tier } });
        assertEquals(await listSurvivors(data), [], "a process outlived its host and the next start");
        assertEquals(host.list().map(({ state }) => state), ["ready"]);
      }
      // Of many, the moments must have been random enough to mean something.
      assert(KILLS < 20 || moments.size > 1, `every kill came in the same moment: ${[...moments]}`);
      await Deno.remove(data, { recursive: true });
    },
  });
}

/** Lets a host run for a while from its first word on and kills it; returns what it said last. */
async function killOne(
  data: string,
  { tier, afterMs }: { tier: "os" | "deno"; afterMs: number },
): Promise<Report> {
  await using victim = new HostProcess("busy_victim.ts", [data, tier]);
  const first = await victim.report();
  assert(first !== undefined, "the host ended by itself");
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  await victim.kill();
  let last = first;
  for (let next = await victim.report(); next !== undefined; next = await victim.report()) last = next;
  return last;
}
