/**
 * The commands that show what happened: what plugins said, why they stand where
 * they do, how they ended.
 *
 * @module
 */

import type { CommandSpec } from "./command_spec.ts";

/** The commands. */
export const LOOKING_COMMANDS: readonly CommandSpec[] = [
  {
    usage: "logs [id:string]",
    description: "Show what plugins logged and printed.",
    options: [
      ["-f, --follow", "Wait for more."],
      ["-n, --lines <count:integer>", "How many of the last lines to show (200)."],
      ["--level <level:string>", "Lowest level to show: debug, info, warn or error."],
      ["--since <time:string>", 'Oldest to show: "10m" for ten minutes ago, or a date.'],
    ],
    load: async () => (await import("./commands/logs.ts")).logs,
  },
  {
    usage: "why <id:string>",
    description: "Explain why a plugin is in the state it is in, and what would change it.",
    load: async () => (await import("./commands/why.ts")).why,
  },
  {
    usage: "crashes [id:string]",
    description: "Show how plugins ended that nobody had stopped, and starts that failed.",
    options: [["--last", "Everything about the last one: stack, limits, and what it said last."]],
    example: "cordon crashes acme.weather --last",
    load: async () => (await import("./commands/crashes.ts")).crashes,
  },
  {
    usage: "journal [id:string]",
    description: "Show what happened to plugins.",
    options: [
      ["-f, --follow", "Wait for more."],
      ["-n, --lines <count:integer>", "How many of the last events to show (100)."],
    ],
    load: async () => (await import("./commands/journal.ts")).journal,
  },
];
