/**
 * The commands that have the running host start, stop and replace plugins.
 *
 * @module
 */

import type { CommandSpec } from "./command_spec.ts";

/** The commands. */
export const STEERING_COMMANDS: readonly CommandSpec[] = [
  {
    usage: "start <id:string>",
    description: "Have the running host start a plugin, with what it needs.",
    load: async () => (await import("./commands/steer.ts")).start,
  },
  {
    usage: "stop <id:string>",
    description: "Have the running host stop a plugin, and those that need it.",
    load: async () => (await import("./commands/steer.ts")).stop,
  },
  {
    usage: "restart <id:string>",
    description: "Have the running host stop a plugin and start it again.",
    load: async () => (await import("./commands/steer.ts")).restart,
  },
  {
    usage: "reload <id:string>",
    description: "Have the running host let the version in a plugin's folder take over.",
    options: [["--force", "Even if the plugin was rolled back from it."]],
    load: async () => (await import("./commands/steer.ts")).reload,
  },
  {
    usage: "rollback <id:string>",
    description: "Have the running host go back to an earlier version of a plugin.",
    options: [
      ["--to <version:string>", "Version, or beginning of its hash; by default the one that ran last."],
      ["--list", "List the versions instead."],
    ],
    example: "cordon rollback acme.weather --to 1.0.0",
    load: async () => (await import("./commands/rollback.ts")).rollback,
  },
  {
    usage: "rescan",
    description: "Have the running host look at its plugin folders: what came, changed or went there.",
    load: async () => (await import("./commands/rescan.ts")).rescan,
  },
];
