import { assert, assertEquals } from "@std/assert";
import { eventually, listProcesses } from "../faults/host_process.ts";
import { TIERS } from "../faults/tiers.ts";
import { BEST_TIER, manifestText, writePlugin } from "../fixtures/start_host.ts";
import { HostProgram } from "./host_program.ts";
import { readLedger } from "./ledger.ts";
import { capabilityOf, idOf, keptTopicOf, liveTopicOf, patternsOf, PLUGINS } from "./plugin/world.ts";
import type { SoakReport } from "./soak_report.ts";

/** How long they talk: shortly in the best tier there is, or as long as `CORDON_SOAK_SECONDS` says in each. */
const ASKED = Deno.env.get("CORDON_SOAK_SECONDS");
const SECONDS = Number(ASKED ?? 4);

/** What the host may use more at the end than it did after it was warm. */
const MAX_GROWTH_MIB = 8;
/** The same with what the allocator and V8 keep for the next burst. */
const MAX_KEPT_MIB = 64;
const MAX_NEW_DESCRIPTORS = 8;

/** Codes that those meet who talk to a plugin while it is killed. */
const MAY_FAIL = /^[a-z ]+: (channel_closed|capability_unavailable|plugin_down)$/;

const METHODS = ["ask", "relay", "bytes", "items", "swallow"];

for (const { tier, obstacle } of TIERS) {
  Deno.test({
    name:
      `Plugins of tier "${tier}" call, publish and stream for ${SECONDS} s while one is killed every second`,
    // Memory and processes are looked for in /proc.
    ignore: obstacle !== undefined || Deno.build.os !== "linux" ||
      (ASKED === undefined && tier !== BEST_TIER),
    async fn() {
      await using plugins = await writePlugin(await describePlugins());
      const data = `${plugins.dir}/data`;
      const { report, errors } = await soak([`${plugins.dir}/plugins`, data, tier, `${SECONDS}`]);
      const ledger = await readLedger(data);
      if (ASKED !== undefined) tell({ tier, ...report, ...ledger });
      assertEquals(await listProcesses(data), [], "processes are left");
      assertEquals(errors, "");
      assertTold(report, ledger);
      assertSettled(report);
    },
  });
}

/** Has the host go on, when all pause, as soon as everybody has what was published. */
async function soak(args: readonly string[]): Promise<{ report: SoakReport; errors: string }> {
  await using host = new HostProgram("soak_host.ts", args);
  let last: unknown;
  for await (const line of host.lines()) {
    last = line;
    if (line !== "paused") continue;
    const isDelivered = async () => (await readLedger(args[1]!)).undelivered.length === 0;
    // What does not come is found in the end.
    await eventually(isDelivered, "every event").catch(() => {});
    await host.goOn();
  }
  return { report: last as SoakReport, errors: await host.errors() };
}

function assertTold(
  { counted, dropped, journal }: SoakReport,
  ledger: Awaited<ReturnType<typeof readLedger>>,
) {
  const { published, taken, undelivered, misplaced, done, errors, messages } = ledger;
  assertEquals(undelivered, [], "acknowledged events are lost");
  assert(published > 0 && taken >= 4 * published, `${published} events, ${taken} taken`);
  assertEquals(misplaced, [], "events came out of order, or not at all");
  assertEquals(Object.entries(messages).filter(([code]) => !MAY_FAIL.test(code)), []);
  for (const what of ["answer", "relay", "given-up", "bytes", "items", "given", "left", "live", "lock"]) {
    assert(done[what]! > 0, `nobody did "${what}"`);
  }
  // Who was killed may have counted without having been told.
  assert(counted >= done.count! && counted <= done.count! + PLUGINS * 10, `${counted}, not ${done.count}`);
  assertEquals([dropped, journal["event.set_aside"], journal["event.expired"]], [0, undefined, undefined]);
  assert(Object.keys(errors).length > 0, "no kill was noticed by anybody");
}

function assertSettled({ before, after, kills, states }: SoakReport) {
  assert(kills > 0);
  assertEquals(states, Array.from({ length: PLUGINS }, () => "running"));
  const { available, openSources, openStreams, peers, inFlight, held } = after;
  assertEquals(available, Array.from({ length: PLUGINS }, () => PLUGINS - 1));
  assertEquals({ openSources, openStreams, peers, inFlight, held }, {
    openSources: 0,
    openStreams: 0,
    peers: PLUGINS,
    inFlight: 0,
    held: 0,
  });
  const grown = after.nativeMib + after.heapMib - before.nativeMib - before.heapMib;
  assert(grown < MAX_GROWTH_MIB, `the host uses ${grown.toFixed(1)} MiB more`);
  const kept = after.rssMib - before.rssMib;
  assert(kept < MAX_KEPT_MIB, `the host has ${kept.toFixed(1)} MiB more`);
  const opened = after.descriptors - before.descriptors;
  assert(opened < MAX_NEW_DESCRIPTORS, `the host has ${opened} descriptors more`);
}

/** The files of all plugins: the same code, with another number. */
async function describePlugins(): Promise<Record<string, string>> {
  const folder = new URL("plugin/", import.meta.url);
  const code = await Array.fromAsync(
    Deno.readDir(folder),
    async ({ name }) => [name, await Deno.readTextFile(new URL(name, folder))] as const,
  );
  const numbers = Array.from({ length: PLUGINS }, (_, number) => number);
  return Object.fromEntries(numbers.flatMap((number) => {
    const files = [...code, ["plugin.toml", manifestOf(number, numbers)] as const];
    return files.map(([name, text]) => [`plugins/n${number}/${name}`, text]);
  }));
}

function manifestOf(own: number, numbers: readonly number[]): string {
  const { kept, live } = patternsOf(own);
  const uses = numbers.filter((number) => number !== own)
    .map((number) => `${capabilityOf(number)} = { version = "^1", optional = true }`);
  return manifestText(
    idOf(own),
    `[provides]
${capabilityOf(own)} = { version = "1.0.0", methods = ${JSON.stringify(METHODS)} }
[uses]
${uses.join("\n")}
[events]
publishes = ["${keptTopicOf(own)}", "${liveTopicOf(own)}"]
subscribes = ["${kept}", "${live}"]
[events.topics."${keptTopicOf(own)}"]
delivery = "at-least-once"
[resources]
"soak.lock" = "lock"
"soak.token" = "counter"
"soak.count" = "counter"
[limits]
call_timeout = "30s"
[[permissions.read]]
paths = ["$DATA"]
[[permissions.write]]
paths = ["$DATA"]
`,
  );
}

/** Shows the figures to whoever asked for a long run. */
function tell(figures: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(figures, undefined, 2)}\n`));
}
