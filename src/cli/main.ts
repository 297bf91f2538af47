/**
 * The command line: what there is, and the way from words to a command. A
 * command's code is loaded only when it is chosen.
 *
 * @module
 */

import { Command, ValidationError } from "@cliffy/command";
import { CordonError, exitCodeOf } from "../errors.ts";
import { CORDON_VERSION } from "../internal/version.ts";
import type { CommandContext } from "./options.ts";
import { Output } from "./output.ts";

/** Runs a command and returns its exit code. */
type Run = (context: CommandContext, ...args: string[]) => Promise<number>;

/** One command: its words, and where its code is. */
interface CommandSpec {
  readonly usage: string;
  readonly description: string;
  readonly options?: readonly (readonly [flags: string, description: string])[];
  readonly example?: string;
  readonly load: () => Promise<Run>;
}

const COMMANDS: readonly CommandSpec[] = [
  {
    usage: "run [dirs...:string]",
    description: "Start the plugins, stage by stage, and serve until interrupted.",
    options: [["--once", "Stop after the start report."]],
    example: "cordon run ./plugins --var input=./docs --var output=./site --grant requested",
    load: async () => (await import("./commands/run.ts")).run,
  },
  {
    usage: "check [dirs...:string]",
    description: "Validate manifests, files, imports, permissions and dependencies; run no plugin code.",
    example: "cordon check ./plugins",
    load: async () => (await import("./commands/check.ts")).check,
  },
  {
    usage: "list",
    description: "List the plugins and whether they can start.",
    load: async () => (await import("./commands/list.ts")).list,
  },
  {
    usage: "info <id:string>",
    description: "Show everything about one plugin.",
    load: async () => (await import("./commands/info.ts")).info,
  },
  {
    usage: "graph",
    description: "Show who depends on whom, and in which stages they start.",
    options: [["--format <format:string>", "text, mermaid, dot or json."]],
    load: async () => (await import("./commands/graph.ts")).graph,
  },
  {
    usage: "call <target:string> <method:string> [args...:string]",
    description: "Call a method of a plugin or capability; what it needs is started first.",
    options: [["--timeout <ms:integer>", "Milliseconds until the call fails."]],
    example: `cordon call search query '"sandbox"' --grant requested --var input=./docs`,
    load: async () => (await import("./commands/call.ts")).call,
  },
  {
    usage: "logs [id:string]",
    description: "Show what plugins logged and printed.",
    options: [
      ["-f, --follow", "Wait for more."],
      ["-n, --lines <count:integer>", "How many of the last lines to show (200)."],
      ["--level <level:string>", "Lowest level to show: debug, info, warn or error."],
    ],
    load: async () => (await import("./commands/logs.ts")).logs,
  },
  {
    usage: "doctor",
    description: "Check whether this machine can run plugins, and how well it can confine them.",
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
];

/** Runs the command line and returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const wantsJson = args.includes("--json");
  const interruption = new AbortController();
  const onInterrupt = () => interruption.abort(new CordonError("interrupted", "Interrupted"));
  let code = 0;
  const program = buildProgram(async (spec, options, words) => {
    const output = new Output({ json: options.json === true, color: options.color !== false });
    const run = await spec.load();
    code = await run({ output, options, signal: interruption.signal }, ...words);
  });
  Deno.addSignalListener("SIGINT", onInterrupt);
  try {
    await program.parse(args.length === 0 ? ["--help"] : [...args]);
    return code;
  } catch (error) {
    const failure = error instanceof ValidationError ? toUsageError(error) : error;
    new Output({ json: wantsJson, color: true }).failure(failure);
    return exitCodeOf(failure);
  } finally {
    Deno.removeSignalListener("SIGINT", onInterrupt);
  }
}

type Action = (spec: CommandSpec, options: Record<string, unknown>, words: string[]) => Promise<void>;

function buildProgram(action: Action): { parse(args: string[]): Promise<unknown> } {
  const program = createCommand()
    .name("cordon")
    .version(CORDON_VERSION)
    .description("Run plugins that nobody had to trust, each in its own sandbox.")
    .globalOption("--json", "Print JSON.")
    .globalOption("--no-color", "Print without colours.")
    .globalOption("--dir <dir:string>", "Folder of plugins (./plugins); may be given again.", {
      collect: true,
    })
    .globalOption("--data <dir:string>", "Folder for what the host keeps (./.cordon).")
    .globalOption("--var <assignment:string>", "Value of a variable, name=value; may be given again.", {
      collect: true,
    })
    .globalOption("--grant <mode:string>", '"requested": grant what manifests ask for (development, tests).')
    .throwErrors()
    .noExit();
  for (const spec of COMMANDS) {
    const command = createCommand().description(spec.description);
    for (const [flags, description] of spec.options ?? []) command.option(flags, description);
    if (spec.example !== undefined) command.example("Example", spec.example);
    command.action((options: unknown, ...words: string[]) =>
      action(spec, options as Record<string, unknown>, words.filter((word) => word !== undefined))
    );
    program.command(spec.usage, command);
  }
  return program;
}

// deno-lint-ignore no-explicit-any -- the tree is built from data, so its types say nothing
function createCommand(): Command<any> {
  // deno-lint-ignore no-explicit-any -- as above
  return new Command<any>();
}

function toUsageError(error: ValidationError): CordonError {
  return new CordonError("usage", error.message.replace(/\.$/, ""), {
    hint: "See what there is: cordon --help",
  });
}
