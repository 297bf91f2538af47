import { assert, assertEquals } from "@std/assert";
import { openDatabase } from "../../../src/store/database.ts";
import { Journal, type JournalEvent } from "../../../src/store/journal.ts";
import { HEALTHY_WAITS, type RestartRule } from "../../../src/lifecycle/supervision/restart_policy.ts";
import { manifestText, writePlugin } from "../../fixtures/start_host.ts";
import type { CrashReport } from "./crashing_host.ts";

/** How long plugins crash; `CORDON_CRASH_SECONDS=600` for the ten minutes. */
const SECONDS = Number(Deno.env.get("CORDON_CRASH_SECONDS") ?? 6);

const PROGRAM = new URL("crashing_host.ts", import.meta.url).pathname;
const CONFIG = new URL("../../../deno.json", import.meta.url).pathname;

/** Crashes at one call in twenty-five, in three ways, and at one in ten starts but the first. */
const CRASHES = `export function activate(ctx) {
  const file = ctx.data + "/started";
  try {
    Deno.readTextFileSync(file);
    if (Math.random() < 0.1) Deno.exit(9);
  } catch { Deno.writeTextFileSync(file, ""); }
  const ways = [
    () => Deno.exit(3),
    () => void setTimeout(() => { throw new Error("at random"); }),
    () => void Promise.reject(new Error("at random")),
  ];
  return {
    calm: () => 1,
    work: () => Math.random() < 0.04 ? ways[Math.floor(Math.random() * ways.length)]() : 1,
  };
}`;

const RULES: Readonly<Record<string, RestartRule>> = {
  "test.lively": {
    restart: "on-failure",
    backoffMs: [100, 2_000],
    maxRestarts: { count: 1_000, periodMs: 600_000 },
  },
  "test.limited": { restart: "on-failure", backoffMs: [20, 40], maxRestarts: { count: 3, periodMs: 5_000 } },
};

/** Journal times are whole milliseconds of another clock. */
const SLACK_MS = 5;

Deno.test({
  name:
    `Plugins that crash at random under load for ${SECONDS} s are restarted exactly as their policies say`,
  ignore: Deno.build.os === "windows",
  async fn() {
    await using plugins = await writePlugin(Object.fromEntries(
      Object.entries(RULES).flatMap(([id, { backoffMs, maxRestarts: { count, periodMs } }]) => [
        [`plugins/${id}/main.ts`, CRASHES],
        [
          `plugins/${id}/plugin.toml`,
          manifestText(
            id,
            `[health]\nbackoff = ["${backoffMs[0]}ms", "${
              backoffMs[1]
            }ms"]\nmax_restarts = "${count}/${periodMs}ms"\n` +
              '[[permissions.read]]\npaths = ["$DATA"]\n[[permissions.write]]\npaths = ["$DATA"]\n',
          ),
        ],
      ]),
    ));
    const data = `${plugins.dir}/data`;
    const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--quiet", "--config", CONFIG, PROGRAM],
        ...[`${plugins.dir}/plugins`, data, String(SECONDS)],
      ],
      stdin: "null",
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    const report = JSON.parse(new TextDecoder().decode(stdout)) as CrashReport;
    using database = openDatabase(`${data}/cordon.db`).database;
    const restarts = Object.entries(RULES).map(([id, rule]) => {
      const replayed = replay(new Journal(database).list({ id }), rule);
      assert(replayed.restarts > 0, `${id} never crashed`);
      return { id, ...replayed };
    });
    const known = ["answered", "channel_closed", "plugin_down", "start_failed", "not_running"];
    assertEquals(Object.keys(report.calls).filter((code) => !known.includes(code)), []);
    assert(report.calls.answered! > 0);
    // Far from what it should be, near to what a shared machine may do to it.
    assert(report.cpuShare < 0.6, `the host used ${report.cpuShare} of a processor`);
    if (SECONDS >= 60) {
      // deno-lint-ignore no-console -- whoever asks for the long run wants its figures
      console.log(JSON.stringify({ ...report, restarts }));
    }
  },
});

/** Compares what became of a plugin with what its rule says, event by event. */
function replay(events: readonly JournalEvent[], rule: RestartRule): { restarts: number; givenUp: number } {
  const { backoffMs: [first, last], maxRestarts: { count, periodMs } } = rule;
  const restarts: number[] = [];
  let [failures, givenUp, total] = [0, 0, 0];
  // Starts of a plugin that was given up, or never ran since, count too, until an administrator starts it:
  // which of them that was is not in the journal.
  let untold = 0;
  let isGivenUp = false;
  let runsSince: number | undefined;
  let dueAt: number | undefined;
  for (const { type, time, facts } of events) {
    const now = Date.parse(time);
    const within = (slackMs: number) => restarts.filter((at) => now - at < periodMs + slackMs).length;
    if (type === "plugin.backoff") {
      const ranMs = runsSince === undefined ? 0 : now - runsSince;
      const expected = [failures + 1, 1].filter((_, index) =>
        index === 0
          ? ranMs < HEALTHY_WAITS * last + SLACK_MS
          : ranMs >= HEALTHY_WAITS * last - SLACK_MS || failures === 0
      );
      expected.push(...Array.from({ length: untold }, (_, index) => failures + 2 + index));
      const { attempt, delayMs } = facts as { attempt: number; delayMs: number };
      assert(expected.includes(attempt), `attempt ${attempt} after ${failures} failures and ${ranMs} ms`);
      assert(delayMs >= first && delayMs <= Math.min(last, first * 2 ** attempt), `waits ${delayMs} ms`);
      assert(within(-SLACK_MS) < count, "restarted once too often");
      [failures, untold, runsSince, dueAt] = [attempt, 0, undefined, now + delayMs];
    } else if (type === "plugin.gave_up") {
      assert(within(SLACK_MS) >= count, "given up too early");
      givenUp++;
      [failures, untold, runsSince, restarts.length] = [0, 0, undefined, 0];
      isGivenUp = true;
    } else if (type === "plugin.state" && facts.to === "starting" && facts.from === "backoff") {
      assert(now >= dueAt! - SLACK_MS, "restarted too early");
      restarts.push(now);
      total++;
    } else if (type === "plugin.state" && facts.to === "failed") {
      if (!isGivenUp) untold++;
      isGivenUp = false;
    } else if (type === "plugin.state" && facts.to === "running") {
      runsSince = now;
    }
  }
  return { restarts: total, givenUp };
}
