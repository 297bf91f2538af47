/**
 * The commands about how plugins talk: capabilities and their types, shared
 * things, and how much goes on.
 *
 * @module
 */

import type { CommandSpec } from "./command_spec.ts";

/** The commands. */
export const TALKING_COMMANDS: readonly CommandSpec[] = [
  {
    usage: "capabilities [name:string]",
    description: "Show who provides each capability, who uses it, and who serves whom.",
    load: async () => (await import("./commands/capabilities.ts")).capabilities,
  },
  {
    usage: "prefer <capability:string> [id:string]",
    description: "Have one plugin provide a capability to everybody who uses it.",
    options: [["--clear", "Take the choice back."]],
    example: "cordon prefer geocode acme.geo",
    load: async () => (await import("./commands/capabilities.ts")).prefer,
  },
  {
    usage: "resources [name:string]",
    description: "Show what the plugins of the running host share: who holds what, and who waits.",
    load: async () => (await import("./commands/resources.ts")).resources,
  },
  {
    usage: "top [ids...:string]",
    description: "Watch what the plugins of the running host do and use: calls, errors, memory, processor.",
    options: [
      ["--interval <duration:string>", 'Time between two looks (1s), as "500ms".'],
      ["--sort <column:string>", "calls, p99, errors, memory or cpu: the highest first (calls)."],
      ["--once", "Print one table after one interval, as in a pipe."],
    ],
    example: "cordon top --sort memory --interval 2s",
    load: async () => (await import("./commands/top.ts")).top,
  },
  {
    usage: "types <id:string>",
    description: "Write the types of the capabilities that a plugin uses, for its code to import.",
    options: [
      ["--capability <name:string>", "Only those of this capability."],
      ["--out <file:string>", "Where to write the types of one capability."],
      ["--write", "Name the files in the manifest, keeping its comments and layout."],
      ["--force", "Replace files that this command did not write."],
      ["--provided", "The types of what it provides, to print or, with --out, to write."],
    ],
    example: "cordon types acme.weather --write",
    load: async () => (await import("./commands/write_types.ts")).writeTypes,
  },
];
