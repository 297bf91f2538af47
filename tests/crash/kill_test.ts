import { assert, assertEquals } from "@std/assert";
import { openHost } from "@cordon/cordon";
import { processStartTime } from "../../src/internal/process_identity.ts";
import { openDatabase } from "../../src/store/database.ts";
import { fixture } from "../fixtures/start_host.ts";

/** Kills of one run; `CORDON_KILLS` asks for more. */
const KILLS = Number(Deno.env.get("CORDON_KILLS") ?? 40);

const VICTIM = new URL("victim.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

Deno.test({
  name:
    `A host killed at ${KILLS} random moments leaves a sound database, every acknowledged entry and no process`,
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const data = await Deno.realPath(await Deno.makeTempDir({ prefix: "cordon-kill-" }));
    const moments: string[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      const acknowledged = await killOne(data, 150 + Math.random() * 700);
      moments.push(readMoment(data, acknowledged));
      await using host = await openHost({ plugins: [fixture("greeter")], data });
      assertEquals(await listSurvivors(data), [], "a process outlived its host and the next start");
      assertEquals(host.list().map(({ state }) => state), ["ready"]);
    }
    // The moments must have been random enough to mean something.
    assert(new Set(moments).size > 1, `every kill came in the same moment: ${moments[0]}`);
    await Deno.remove(data, { recursive: true });
  },
});

/** Lets a host run for a while and kills it; returns the last entry it was told is kept. */
async function killOne(data: string, afterMs: number): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--config", CONFIG, VICTIM, data],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines: string[] = [];
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) lines.push(text);
  })();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, afterMs);
  await Promise.race([promise, child.status]);
  clearTimeout(timer);
  child.kill("SIGKILL");
  assertEquals((await child.status).signal, "SIGKILL", "the host ended by itself");
  await reading;
  const whole = lines.join("").split("\n").slice(0, -1);
  return Number(whole.at(-1) ?? 0);
}

/** Checks the database as it was left, and says what the host was doing. */
function readMoment(data: string, acknowledged: number): string {
  const { database, movedTo } = openDatabase(`${data}/cordon.db`);
  using open = database;
  assertEquals(movedTo, undefined, "the database was damaged");
  assertEquals(open.get("PRAGMA integrity_check"), { integrity_check: "ok" });
  const last = open.get<{ seq: number; facts: string }>(
    "SELECT seq, facts FROM journal ORDER BY seq DESC LIMIT 1",
  );
  assert((last?.seq ?? 0) >= acknowledged, `entry ${acknowledged} was acknowledged and is lost`);
  return last === undefined ? "nothing" : String(JSON.parse(last.facts).to ?? "calling");
}

/** Those that are still there after a second: one that ends by itself takes a moment. */
async function listSurvivors(data: string): Promise<string[]> {
  const deadline = performance.now() + 1_000;
  for (;;) {
    const found = await listProcesses(data);
    if (found.length === 0 || performance.now() > deadline) return found;
  }
}

/** Processes that run our bootstrap out of this data folder. */
async function listProcesses(data: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    if (line.includes(`${data}/bootstrap`) && processStartTime(Number(name)) !== undefined) found.push(name);
  }
  return found;
}
