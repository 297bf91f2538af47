/**
 * What the journal tells about the state of a plugin. Events of other versions
 * of Cordon may lack facts, so none is relied on. Pure.
 *
 * @module
 */

import { formatFigure, type LimitName } from "../../sandbox/limits/limit.ts";
import type { JournalEvent } from "../../store/journal.ts";
import type { PluginInfo } from "../plugin_summary.ts";

type Facts = JournalEvent["facts"];

/** What restarts and their end tell, for a plugin that waits for one or was given up. */
export function describeRestarts({ state, manifest }: PluginInfo, events: readonly JournalEvent[]): string[] {
  if (state === "backoff") {
    const event = findLast(events, "plugin.backoff");
    if (event === undefined) return [];
    const { attempt, delayMs } = event.facts;
    const most = manifest?.health.maxRestarts.count;
    const which = typeof attempt === "number"
      ? `attempt ${attempt}${most === undefined ? "" : ` of ${most}`}`
      : "the next attempt";
    const due = typeof delayMs === "number"
      ? ` follows ${new Date(Date.parse(event.time) + delayMs).toISOString()}`
      : " follows";
    return [`is started again: ${which}${due}${because(event.facts)}`];
  }
  const gaveUp = findLast(events, "plugin.gave_up");
  if (state !== "failed" || gaveUp === undefined || gaveUp.seq < lastRun(events)) return [];
  const restarts = text(gaveUp.facts, "restarts") ?? text(gaveUp.facts, "attempts");
  return [
    `was given up ${gaveUp.time}${restarts === undefined ? "" : ` after ${restarts} restarts`}${
      because(gaveUp.facts)
    }`,
  ];
}

/** What is known against its health, by who says so; nothing for one that does not run. */
export function describeHealth({ state }: PluginInfo, events: readonly JournalEvent[]): string[] {
  if (state !== "running" && state !== "degraded") return [];
  const last = new Map<string, JournalEvent>();
  const since = lastStart(events);
  for (const event of events) {
    if (event.type === "plugin.health" && event.seq > since) {
      last.set(text(event.facts, "source") ?? "", event);
    }
  }
  return [...last].flatMap(([source, { time, facts }]) => {
    const status = text(facts, "status");
    if (status === undefined || status === "ok") return [];
    return [`is ${status} since ${time}${source === "" ? "" : ` by its ${source}`}${because(facts)}`];
  });
}

/** The last reload, the step that one is at, and the last version that was taken back. */
export function describeVersions({ state }: PluginInfo, events: readonly JournalEvent[]): string[] {
  const reload = events.findLast(({ type }) => type === "plugin.reloaded" || type === "plugin.reload_failed");
  const back = events.findLast(({ type }) => type === "plugin.rolled_back" || type === "version.rejected");
  const step = state !== "reloading"
    ? undefined
    : events.findLast(({ type, facts }) =>
      type.startsWith("plugin.reload") && typeof facts.step === "string"
    );
  return [
    ...(step === undefined ? [] : [`is reloading: at the step "${step.facts.step}" since ${step.time}`]),
    ...(reload === undefined || reload === step ? [] : [describeReload(reload)]),
    ...(back === undefined ? [] : [describeReturn(back)]),
  ];
}

function describeReload({ type, time, facts }: JournalEvent): string {
  if (type === "plugin.reloaded") {
    const { from, to, holdMs } = facts;
    const versions = from === undefined || to === undefined ? "" : ` from ${from} to ${to}`;
    const hold = typeof holdMs === "number" ? `; calls were held for ${Math.round(holdMs)} ms` : "";
    return `was reloaded ${time}${versions}${hold}`;
  }
  const { files } = facts;
  const step = text(facts, "step");
  const changed = Array.isArray(files) && files.length > 0
    ? ` (changed: ${files.slice(0, 5).join(", ")}${files.length > 5 ? " …" : ""})`
    : "";
  return `a reload failed ${time}${step === undefined ? "" : ` at the step "${step}"`}${
    because(facts)
  }${changed}`;
}

function describeReturn({ type, time, facts }: JournalEvent): string {
  const [from, to] = [text(facts, "from") ?? text(facts, "version"), text(facts, "to")];
  const what = type === "version.rejected"
    ? `${from ?? "a version"} was rejected ${time}`
    : `went back${from === undefined ? "" : ` from ${from}`}${to === undefined ? "" : ` to ${to}`} ${time}`;
  return `${what}${because(facts)}`;
}

/** The limit that it came close to, or reached, last. */
export function describeCrossing(events: readonly JournalEvent[]): string[] {
  const crossing = findLast(events, "plugin.limit");
  if (crossing === undefined) return [];
  const { limit, used, allowed, stage } = crossing.facts;
  const figure = formatFigure({ limit: limit as LimitName, used: Number(used), allowed: Number(allowed) });
  return [`${stage === "hard" ? "was stopped" : "was told of a limit"} ${crossing.time}: ${figure}`];
}

/** How its process ended last. */
export function describeExit(events: readonly JournalEvent[]): string[] {
  const exit = findLast(events, "plugin.exit");
  if (exit === undefined) return [];
  const { code, signal, rung, reason } = exit.facts;
  const how = signal === undefined ? `code ${code}` : `signal ${signal}`;
  const who = rung === undefined ? "by itself" : `at the rung "${rung}" of the kill ladder`;
  const why = reason === undefined ? "" : `: ${reason}`;
  return [`its process last ended ${exit.time} with ${how}, ${who}${why}`];
}

/** What supervision denied, as far as the journal has it. */
export function describeDenials({ denials }: PluginInfo, events: readonly JournalEvent[]): string[] {
  if (denials === undefined) return [];
  const last = findLast(events, "permission.denied");
  if (denials === 0 || last === undefined) return ["is supervised, and was denied nothing since it started"];
  const { kind, value, reason } = last.facts;
  const what = value === undefined ? kind : `${kind} "${value}"`;
  return [`is supervised; ${denials} checks were denied since it started, as ${what}: ${reason}`];
}

/** Since when it is in its state, as far as the journal goes back. */
export function findSince(state: string, events: readonly JournalEvent[]): string | undefined {
  const last = findLast(events, "plugin.state");
  return last?.facts.to === state ? last.time : undefined;
}

function findLast(events: readonly JournalEvent[], type: string): JournalEvent | undefined {
  return events.findLast((event) => event.type === type);
}

function lastRun(events: readonly JournalEvent[]): number {
  return events.findLast(({ type, facts }) => type === "plugin.state" && facts.to === "running")?.seq ?? 0;
}

function lastStart(events: readonly JournalEvent[]): number {
  return events.findLast(({ type, facts }) => type === "plugin.state" && facts.to === "starting")?.seq ?? 0;
}

function because(facts: Facts): string {
  const why = text(facts, "reason") ?? text(facts, "message");
  return why === undefined ? "" : `: ${why}`;
}

function text(facts: Facts, name: string): string | undefined {
  const value = facts[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}
