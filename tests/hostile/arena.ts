/**
 * Where hostile plugins run: a host of its own, secrets around it that none of
 * them may reach, and a plugin beside them that has to stay well.
 *
 * @module
 */

import { openHost, type PluginHost } from "@cordon/cordon";
import { LocalControl } from "../../src/control/local_control.ts";
import { controlPath, ControlServer } from "../../src/control/server.ts";
import { openDatabase } from "../../src/store/database.ts";
import { Journal } from "../../src/store/journal.ts";
import { readLog } from "../../src/store/log_store.ts";
import type { Attack, AttackedTier, Verdict } from "./corpus.ts";
import { type Endpoints, openEndpoints } from "./endpoints.ts";
import { copyFolder, install } from "./install.ts";
import { hashTree, shareFolder, writeSecrets } from "./secrets.ts";

/** What came of an attack. */
export interface Outcome {
  readonly attack: Attack;
  readonly verdict: Verdict;
  /** Everything that anyone was told about it: answers, reasons, log and journal. */
  readonly transcript: string;
  /** What must not have happened, and did. */
  readonly damage: readonly string[];
}

/** Notes on one attack, while it goes on. */
interface Notes {
  readonly attack: Attack;
  readonly dir: string;
  id: string;
  verdict: Verdict;
  readonly transcript: string[];
  readonly damage: string[];
}

/** A program that some attacks are granted: with it they do what native code does. */
const DENO = Deno.realPathSync(Deno.execPath());

const WITNESS = new URL("witness", import.meta.url).pathname;

/** Environment of the host that no plugin may see. */
const HOST_VARIABLES = ["CORDON_CANARY", "DENO_AUTH_TOKENS", "OTEL_EXPORTER_OTLP_HEADERS"];

// deno-lint-ignore no-control-regex -- control characters are what this finds
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

/** Runs attacks side by side in one host. */
export async function runAttacks(attacks: readonly Attack[], tier: AttackedTier): Promise<Outcome[]> {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "cordon-hostile-" }));
  const canary = `canary-${crypto.randomUUID()}`;
  const outside = `${root}/outside`;
  const notes = attacks.map((attack): Notes => ({
    attack,
    dir: `${root}/plugins/${attack.name}`,
    id: "",
    verdict: "open",
    transcript: [],
    damage: [],
  }));
  for (const name of HOST_VARIABLES) Deno.env.set(name, canary);
  try {
    await writeSecrets(outside, canary);
    await shareFolder(`${root}/shared`, outside);
    for (const { attack, dir } of notes) await install(attack, { dir, outside });
    await copyFolder(WITNESS, `${root}/plugins/witness`);
    const before = await hashTree(outside);
    await runHost(notes, { root, outside, canary, tier });
    const changed = await hashTree(outside) === before ? [] : ["a file outside was changed"];
    return notes.map(({ attack, verdict, transcript, damage }) => {
      const text = transcript.join("\n");
      const told = text.includes(canary) ? ["a secret was told"] : [];
      return { attack, verdict, transcript: text, damage: [...damage, ...changed, ...told] };
    });
  } finally {
    for (const name of HOST_VARIABLES) Deno.env.delete(name);
    await Deno.remove(root, { recursive: true });
  }
}

/** Carries out the attacks one after the other, and notes what is said about them. */
async function runHost(
  notes: readonly Notes[],
  { root, outside, canary, tier }: { root: string; outside: string; canary: string; tier: AttackedTier },
): Promise<void> {
  await using endpoints = await openEndpoints(`${root}/service`, canary);
  const facts: Record<string, string> = {
    ...endpoints.facts,
    outside,
    shared: `${root}/shared`,
    data: `${root}/data`,
    pid: String(Deno.pid),
    deno: DENO,
  };
  {
    await using host = await openHost({
      plugins: [`${root}/plugins`],
      data: `${root}/data`,
      grant: "requested",
      vars: { granted: endpoints.facts.granted!, outside, shared: `${root}/shared`, deno: DENO },
      policy: { tier, requireTier: tier },
    });
    // As the command line has one.
    await using _server = new ControlServer(controlPath(host.dataDir), new LocalControl(host));
    await host.start();
    facts.neighbour = String(host.info("hostile.witness").pid);
    for (const note of notes) await carryOut(note, { host, facts, endpoints });
  }
  for (const note of notes) note.damage.push(...await findSurvivors(note.id));
  const byId = new Map(notes.map((note) => [note.id, note]));
  // As the host left it: stopping is part of the story.
  using database = openDatabase(`${root}/data/cordon.db`).database;
  for (const { id, type, facts } of new Journal(database).list()) {
    byId.get(id ?? "")?.transcript.push(`journal: ${type} ${JSON.stringify(facts)}`);
  }
  for await (const { id, source, message, facts } of readLog(`${root}/data`)) {
    const note = byId.get(id);
    note?.transcript.push(`log: ${source}: ${message} ${facts === undefined ? "" : JSON.stringify(facts)}`);
    if (CONTROL.test(message)) note?.damage.push("a control character got into the log");
  }
}

/** Processes that work in the folder of a plugin after its host is gone; they are ended. */
async function findSurvivors(id: string): Promise<string[]> {
  const survivors: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // One that ends while we look is none.
    const dir = await Deno.readLink(`/proc/${name}/cwd`).catch(() => "");
    if (!dir.split("/").includes(id)) continue;
    survivors.push(`process ${name} outlived the plugin`);
    Deno.kill(Number(name), "SIGKILL");
  }
  return survivors;
}

async function carryOut(
  note: Notes,
  { host, facts, endpoints }: { host: PluginHost; facts: Record<string, string>; endpoints: Endpoints },
): Promise<void> {
  note.id = host.list().find(({ dir }) => dir === note.dir)!.id;
  const { verdict, words } = await attackHost(host, note.id, facts);
  note.verdict = verdict;
  const { message, hint } = host.info(note.id);
  note.transcript.push(words, `now: ${message ?? "fine"} ${hint ?? ""}`);
  note.damage.push(...await examine(host), ...endpoints.takeTrespasses());
}

/** What the attack got, or what it was told. */
async function attackHost(
  host: PluginHost,
  id: string,
  facts: Record<string, string>,
): Promise<{ verdict: Verdict; words: string }> {
  const { state, message, problems } = host.info(id);
  if (state === "invalid" || state === "blocked") {
    const words = [message, ...problems.map(({ message }) => message)].join("\n");
    return { verdict: "refused before start", words };
  }
  if (state === "failed") return { verdict: "closed", words: `start: ${message}` };
  try {
    const got = await host.call(id, "attack", [facts]);
    const words = typeof got === "string" ? got : JSON.stringify(got);
    return { verdict: words.startsWith("closed:") ? "closed" : "open", words };
  } catch (error) {
    return { verdict: "closed", words: `error: ${(error as Error).message}` };
  }
}

/** Whether the host and the plugin beside are well. */
async function examine(host: PluginHost): Promise<string[]> {
  if ("polluted" in {}) return ["an object of the host has a property it was not given"];
  const pulse = crypto.randomUUID();
  try {
    host.publish("hostile.pulse", pulse);
    const felt = await host.call("hostile.witness", "feel", [pulse]);
    return felt === pulse ? [] : [`the witness felt ${JSON.stringify(felt)}`];
  } catch (error) {
    return [`the witness does not answer: ${(error as Error).message}`];
  }
}
