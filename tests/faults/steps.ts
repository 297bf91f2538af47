/**
 * The moments at which a host is killed, as data. Whatever gets steps of its
 * own, such as reload or supervision, adds them here; the moments that can be
 * named are those that `moments.ts` reports.
 *
 * @module
 */

import type { Wanted } from "./moments.ts";

/** A moment, and the plugin that brings it about. */
export interface Step extends Wanted {
  /** What goes on then. */
  readonly name: string;
  /** Code of the plugin that is started, called and stopped. @default {one that does what it is told} */
  readonly code?: string;
  /** Where it can come. @default {in both tiers} */
  readonly tier?: "os" | "deno";
  /** The plugin is in an endless loop: tier `deno` ends it at the next start only. @default {false} */
  readonly isBusy?: boolean;
  /** Code of a version that takes over once the plugin was called. */
  readonly next?: string;
}

const WORKS = "export const activate = () => ({ work() {} });";

const WORKS_TOO = `${WORKS} // 2`;

/** Prints a word and never comes back. */
const hangAt = (word: string) => `{ console.log("${word}"); for (;;); }`;

/** Each start begins with the plugin that is needed; the one that is looked at comes second. */
export const STEPS: readonly Step[] = [
  { name: "start: decided, not kept", moment: "writing plugin.state starting test.subject" },
  { name: "start: kept, no process yet", moment: "plugin.state starting test.subject" },
  { name: "start: the first launcher is a process", moment: "spawned", time: 1, tier: "os" },
  { name: "start: the spare launcher is a process", moment: "spawned", time: 2, tier: "os" },
  { name: "start: the plugin is a process", moment: "spawned", time: 2, tier: "deno" },
  { name: "start: its process is noted", moment: "noted", time: 2 },
  { name: "start: the launcher has its order", moment: "ordered", time: 2, tier: "os" },
  { name: "start: the bootstrap has connected", moment: "connected", time: 2 },
  {
    name: "start: the plugin is loading",
    moment: "printed loading",
    code: hangAt("loading"),
    isBusy: true,
  },
  {
    name: "start: the plugin is activating",
    moment: "printed activating",
    code: `export function activate() ${hangAt("activating")}`,
    isBusy: true,
  },
  { name: "start: running, not kept", moment: "writing plugin.state running test.subject" },
  { name: "start: running", moment: "plugin.state running test.subject" },
  {
    name: "call: in flight, the plugin waits",
    moment: "printed working",
    code: `export const activate = () => ({
      work() { console.log("working"); return new Promise(() => setInterval(() => {}, 1_000)); },
    });`,
  },
  {
    name: "call: in flight, the plugin computes",
    moment: "printed working",
    code: `export const activate = () => ({ work() ${hangAt("working")} });`,
    isBusy: true,
  },
  { name: "reload: kept, no process yet", moment: "plugin.state reloading test.subject", next: WORKS_TOO },
  { name: "reload: the process of the new version is noted", moment: "noted", time: 3, next: WORKS_TOO },
  {
    name: "reload: the new version is activating",
    moment: "printed activating",
    next: `export function activate() ${hangAt("activating")}`,
    isBusy: true,
  },
  {
    name: "reload: the new version serves",
    moment: "plugin.state running test.subject",
    time: 2,
    next: WORKS_TOO,
  },
  { name: "reload: the old version ends", moment: "plugin.reloaded 1.0.0 test.subject", next: WORKS_TOO },
  { name: "stop: kept, not asked yet", moment: "plugin.state stopping test.subject" },
  {
    name: "stop: asked",
    moment: "printed asked",
    code: `${WORKS} export function deactivate() ${hangAt("asked")}`,
    isBusy: true,
  },
  {
    name: "stop: the connection is closed",
    moment: "printed closed",
    code: `${WORKS} addEventListener("unload", () => ${hangAt("closed")});`,
    isBusy: true,
  },
  {
    name: "stop: told to terminate",
    moment: "signalled SIGTERM",
    code: `${WORKS} addEventListener("unload", () => ${hangAt("closed")});`,
    isBusy: true,
  },
  { name: "stop: ended, not kept", moment: "writing plugin.state stopped test.subject" },
  { name: "stop: stopped", moment: "plugin.state stopped test.subject" },
];

/** Code of the plugin, at this step. */
export function codeOf({ code = WORKS }: Step): string {
  return code;
}
