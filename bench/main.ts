/**
 * `deno task bench`: measures each subject beside its floor, taking turns in
 * one run, unpinned and, where `taskset` is there, pinned to one processor.
 * `--json` prints rows `{name, value, unit, floor, ratio, target, met, others}`;
 * `--only TEXT` measures the subjects whose name holds it; `--no-peers` leaves out
 * what has to be installed from npm.
 *
 * @module
 */

import { Output } from "../src/cli/output.ts";
import { formatTable } from "../src/cli/table.ts";
import { type Contender, median, medianRatio, takeTurns } from "./measure.ts";
import { NODE_PEERS, NodePeers } from "./peers/node_peers.ts";
import type { OpenSubject, Subject } from "./subject.ts";
import { openBulk, openPipelined, openRoundTrip } from "./subjects/calls.ts";
import { openColdStart } from "./subjects/cold_start.ts";
import { openGrowth } from "./subjects/growth.ts";
import { openFanOut, openUnrelated } from "./subjects/events.ts";
import { openInstalledCpu, openInstalledMemory } from "./subjects/installed.ts";
import { openManifestParse } from "./subjects/manifest_parse.ts";
import { openMemory } from "./subjects/memory.ts";
import { openNeighbours } from "./subjects/neighbours.ts";
import { openObserver } from "./subjects/observer.ts";
import { openPluginCall, openPluginStream } from "./subjects/plugin_calls.ts";
import { openColdReload, openReloadOfMany, openStandbyReload } from "./subjects/reloads.ts";
import { openStagedStart } from "./subjects/staged_start.ts";
import { openSupervision } from "./subjects/supervision.ts";
import { openIdleWatch, openSaveNoticed, openWatchStart } from "./subjects/watching.ts";
import { openWorkerCall, openWorkerEcho } from "./subjects/worker_calls.ts";

/** One line of the report. */
interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly floor: number;
  readonly ratio: number;
  readonly target: number;
  readonly met: boolean;
  readonly others: Readonly<Record<string, number>>;
}

const SUBJECTS: readonly (readonly [name: string, open: OpenSubject])[] = [
  ["cold start", openColdStart],
  ["round trip", openRoundTrip],
  ["pipelined calls", openPipelined],
  ["1 MiB echo", openBulk],
  ["plugin to plugin", openPluginCall],
  ["stream between plugins", openPluginStream],
  ["worker call", openWorkerCall],
  ["worker 1 MiB echo", openWorkerEcho],
  ["call among 200 plugins", openGrowth],
  ["event fan-out to 1", () => openFanOut(1)],
  ["event fan-out to 10", () => openFanOut(10)],
  ["event fan-out to 100", () => openFanOut(100)],
  ["publish beside 1000 others", () => openUnrelated(1_000)],
  ["publish beside 10000 others", () => openUnrelated(10_000)],
  ["memory per plugin", openMemory],
  ["memory of 500 installed", openInstalledMemory],
  ["idle processor of 500 installed", openInstalledCpu],
  ["p99 beside culprits", openNeighbours],
  ["staged start of 50", () => openStagedStart(50)],
  ["staged start of 200", () => openStagedStart(200)],
  ["manifest parse", openManifestParse],
  ["supervised check", openSupervision],
  ["watched call", openObserver],
  ["save to answer, standby", openStandbyReload],
  ["save to answer, cold", openColdReload],
  ["reload of 50 plugins", openReloadOfMany],
  ["watching 10,000 files", openWatchStart],
  ["idle watch of 10,000 files", openIdleWatch],
  ["save noticed", openSaveNoticed],
];
/** Subjects whose figures depend on where the scheduler puts the two processes. */
const PINNED = [
  "cold start",
  "round trip",
  "pipelined calls",
  "1 MiB echo",
  "plugin to plugin",
  "stream between plugins",
  "worker call",
];

const wantsJson = Deno.args.includes("--json");
const only = Deno.args[Deno.args.indexOf("--only") + 1];
const suffix = Deno.env.get("CORDON_BENCH_PINNED") === undefined ? "" : " (pinned)";
const output = new Output({ json: wantsJson, color: true });
await using peers = Deno.args.includes("--no-peers")
  ? undefined
  : await NodePeers.open((message) => output.notice(message));
const rows: Row[] = [];
for (const [name, open] of SUBJECTS) {
  if (Deno.args.includes("--only") && !name.includes(only!)) continue;
  if (suffix !== "" && !PINNED.includes(name)) continue;
  await using subject = await open();
  rows.push(await measure(subject, name));
}
if (suffix === "") rows.push(...await measurePinned());
if (wantsJson) output.value(rows);
else print(rows);

/** Measures a subject; `job` is what the peers in Node know it by. */
async function measure(subject: Subject, job: string): Promise<Row> {
  const contenders: Record<string, Contender> = { ...subject.contenders };
  for (const [peer, jobs] of Object.entries(NODE_PEERS)) {
    if (peers !== undefined && jobs.includes(job)) contenders[peer] = peers.contender(peer, job);
  }
  const rounds = await takeTurns(contenders, subject.rounds);
  const { cordon, floor, ...others } = Object.fromEntries(rounds);
  const ratio = medianRatio(cordon!, floor!);
  const isWithin = (figure: number, bound: number) =>
    subject.better === "lower" ? figure <= bound : figure >= bound;
  return {
    name: `${subject.name}${suffix}`,
    value: round(median(cordon!)),
    unit: subject.unit,
    floor: round(median(floor!)),
    ratio: round(ratio),
    target: subject.target,
    met: isWithin(ratio, subject.target) &&
      (subject.goal === undefined || isWithin(median(cordon!), subject.goal)),
    others: Object.fromEntries(
      Object.entries(others).map(([name, figures]) => [name, round(median(figures))]),
    ),
  };
}

/** The same once more, on one processor. */
async function measurePinned(): Promise<Row[]> {
  try {
    const { success, stdout } = await new Deno.Command("taskset", {
      args: [
        "-c",
        "0",
        Deno.execPath(),
        "run",
        "-A",
        new URL(import.meta.url).pathname,
        ...Deno.args,
        "--json",
      ],
      env: { CORDON_BENCH_PINNED: "1" },
      stderr: "inherit",
    }).output();
    return success ? JSON.parse(new TextDecoder().decode(stdout)) : [];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function print(rows: readonly Row[]): void {
  const heading = ["SUBJECT", "CORDON", "FLOOR", "RATIO", "TARGET", "", "OTHERS"];
  const lines = rows.map(({ name, value, unit, floor, ratio, target, met, others }) => [
    name,
    `${value} ${unit}`,
    `${floor} ${unit}`,
    `${ratio}x`,
    `${target}x`,
    met ? "met" : "MISSED",
    Object.entries(others).map(([other, figure]) => `${other} ${figure}`).join(", "),
  ]);
  for (const line of formatTable([heading, ...lines].map((row) => row.map((text) => ({ text }))))) {
    output.line(line);
  }
}

function round(figure: number): number {
  return Number(figure.toPrecision(4));
}
