/**
 * The commands that record a plugin and replay it.
 *
 * @module
 */

import type { CommandSpec } from "./command_spec.ts";

/** The commands. */
export const RECORDING_COMMANDS: readonly CommandSpec[] = [
  {
    usage: "record <id:string>",
    description: "Write down what a plugin and the host send each other, from a start of the plugin on.",
    options: [
      ["--out <file:string>", "The file to make (ID.recording.jsonl)."],
      ["--for <duration:string>", 'End it after this time, as "30s"; without a bound, Ctrl-C does.'],
      ["--count <answers:integer>", "End it when the plugin has answered so many calls."],
      ["--call <call:string>", "A method with its JSON values, called meanwhile; may be given again.", true],
      ["--max-size <size:string>", "Longest file (64MiB)."],
    ],
    example: `cordon record cordon.search --call 'query "sandbox"' --grant requested --var input=./docs`,
    load: async () => (await import("./commands/record.ts")).record,
  },
  {
    usage: "replay <file:string>",
    description: "Run a plugin alone against a recording and report the first difference.",
    options: [
      ["--plugin <dir:string>", "The plugin's folder; by default it is looked for in --dir."],
      [
        "--ignore <rule:string>",
        "What is not compared, as log or result.value.took; may be given again.",
        true,
      ],
      ["--logs", "Compare log records too."],
      ["--timeout <duration:string>", "How much longer than then to wait for a message (10s)."],
    ],
    example: "cordon replay cordon.search.recording.jsonl --dir plugins --grant requested",
    load: async () => (await import("./commands/replay.ts")).replay,
  },
];
