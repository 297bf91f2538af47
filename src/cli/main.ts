/**
 * The command line: what there is, and the way from words to a command. A
 * command's code is loaded only when it is chosen.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { Command, ValidationError } from "@cliffy/command";
import { CordonError, exitCodeOf } from "../errors.ts";
import { CORDON_VERSION } from "../internal/version.ts";
import type { SiteOptions } from "../lifecycle/consent/site_model.ts";
import type { CommandSpec } from "./command_spec.ts";
import { LOOKING_COMMANDS } from "./looking_commands.ts";
import { Output } from "./output.ts";
import { RECORDING_COMMANDS } from "./recording_commands.ts";
import { STEERING_COMMANDS } from "./steering_commands.ts";
import { TALKING_COMMANDS } from "./talking_commands.ts";

/** Name of the site's file. */
const SITE_FILE = "cordon.toml";

/** The options of every command; `collect`: whether one may be given again. */
const GLOBAL_OPTIONS: readonly (readonly [flags: string, description: string, collect?: boolean])[] = [
  ["--json", "Print JSON."],
  ["--no-color", "Print without colours."],
  ["--dir <dir:string>", "Folder of plugins (./plugins); may be given again.", true],
  ["--data <dir:string>", "Folder for what the host keeps (./.cordon)."],
  ["--var <assignment:string>", "Value of a variable, name=value; may be given again.", true],
  ["--config <file:string>", "What the site decided (./cordon.toml, where it is there)."],
  ["--grant <mode:string>", '"requested": grant what manifests ask for (development, tests).'],
];

const COMMANDS: readonly CommandSpec[] = [
  {
    usage: "run [dirs...:string]",
    description: "Start the plugins, stage by stage, and serve until interrupted.",
    options: [
      ["--once", "Stop after the start report."],
      ["--no-watch", "Do not follow what changes in the plugin folders."],
    ],
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
  ...STEERING_COMMANDS,
  {
    usage: "grant <id:string>",
    description: "Consent: grant a plugin what it needs of what it asks for.",
    options: [
      ["--all", "Everything it asks for."],
      ["--required", "What it cannot start without; so it is without another option."],
      ["--only <value:string>", "A single value, as net:api.test:443; may be given again.", true],
      ["--supervise", "Run it under Deno's permission broker, so that revoking takes effect at once."],
    ],
    example: "cordon grant acme.weather --required --only net:maps.example.org:443",
    load: async () => (await import("./commands/grant.ts")).grant,
  },
  {
    usage: "revoke <id:string>",
    description: "Take back what was granted to a plugin; one that runs goes on with what is left, or stops.",
    options: [
      ["--only <value:string>", "A single value, as net:api.test:443; may be given again.", true],
      ["--never", "Refuse this version, so that nobody is asked about it again."],
    ],
    load: async () => (await import("./commands/grant.ts")).revoke,
  },
  {
    usage: "permissions <id:string>",
    description: "Show what a plugin asks for, what it has, and why it lacks the rest.",
    load: async () => (await import("./commands/permissions.ts")).permissions,
  },
  {
    usage: "exposure [id:string]",
    description: "Score how much harm plugins could do if everything they ask for were granted.",
    options: [["--max <score:number>", "Fail when a plugin exceeds this score, 0 to 10."]],
    example: "cordon exposure --max 6.9 --dir ./plugins",
    load: async () => (await import("./commands/exposure.ts")).exposure,
  },
  {
    usage: "learn <id:string>",
    description: "Run a plugin under supervision and propose the smallest manifest for what it used.",
    options: [
      ["--for <duration:string>", 'How long to watch, as "10s"; by default until it asks for nothing more.'],
      [
        "--call <call:string>",
        "A method with its JSON values, called to exercise it; may be given again.",
        true,
      ],
      [
        "--within <permission:string>",
        "What it may try beyond its manifest, kind=value; may be given again.",
        true,
      ],
      ["--allow-undeclared", "Let it try everything that the site's ceiling allows."],
      ["--write", "Change the manifest, keeping its comments and layout."],
      ["--yes", "Run it without asking."],
    ],
    example: `cordon learn cordon.search --call 'query "sandbox"' --grant requested --var input=./docs --yes`,
    load: async () => (await import("./commands/learn.ts")).learn,
  },
  ...LOOKING_COMMANDS,
  ...TALKING_COMMANDS,
  ...RECORDING_COMMANDS,
  {
    usage: "new <name:string>",
    isAside: true,
    description: "Make the folder of a new plugin, with a test.",
    options: [["--publisher <publisher:string>", "Publisher of a plugin whose name has none (local)."]],
    example: "cordon new acme.weather",
    load: async () => (await import("./commands/new.ts")).newPlugin,
  },
  {
    usage: "test <dir:string>",
    isAside: true,
    description: "Check a plugin, then run its own tests, confined to its folder.",
    example: "cordon test ./acme.weather",
    load: async () => (await import("./commands/test.ts")).test,
  },
  {
    usage: "completions <shell:string>",
    isAside: true,
    description: "Print a script that completes commands and options in bash, zsh or fish.",
    example: "cordon completions bash > ~/.local/share/bash-completion/completions/cordon",
    load: async () => {
      const { completions } = await import("./commands/completions.ts");
      return (context, shell = "") =>
        completions(context, shell, { commands: COMMANDS, globalOptions: GLOBAL_OPTIONS });
    },
  },
  {
    usage: "doctor",
    isAside: true,
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
    const [run, site] = await Promise.all([spec.load(), spec.isAside ? undefined : readSite(options.config)]);
    code = await run({ output, options, site, signal: interruption.signal }, ...words);
  });
  Deno.addSignalListener("SIGINT", onInterrupt);
  try {
    await program.parse(args.length === 0 ? ["--help"] : [...args]);
    return code;
  } catch (error) {
    const failure = error instanceof ValidationError ? toUsageError(error, args) : error;
    new Output({ json: wantsJson, color: true }).failure(failure);
    return exitCodeOf(failure);
  } finally {
    Deno.removeSignalListener("SIGINT", onInterrupt);
  }
}

/** Reads the site's file: the one named, or the one in the working folder. */
async function readSite(named: unknown): Promise<SiteOptions | undefined> {
  const path = typeof named === "string" ? named : existsSync(SITE_FILE) ? SITE_FILE : undefined;
  if (path === undefined) return undefined;
  // The model is large, and most commands are run where there is no such file.
  const { readSiteFile } = await import("../lifecycle/consent/site_file.ts");
  return await readSiteFile(path);
}

type Action = (spec: CommandSpec, options: Record<string, unknown>, words: string[]) => Promise<void>;

function buildProgram(action: Action): { parse(args: string[]): Promise<unknown> } {
  const program = createCommand()
    .name("cordon")
    .version(CORDON_VERSION)
    .description("Run plugins that nobody had to trust, each in its own sandbox.")
    .throwErrors()
    .noExit();
  for (const [flags, description, collect = false] of GLOBAL_OPTIONS) {
    program.globalOption(flags, description, { collect });
  }
  for (const spec of COMMANDS) {
    const command = createCommand().description(spec.description);
    for (const [flags, description, collect = false] of spec.options ?? []) {
      command.option(flags, description, { collect });
    }
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

function toUsageError(error: ValidationError, args: readonly string[]): CordonError {
  const names = COMMANDS.map(({ usage }) => usage.split(" ")[0]!);
  const named = args.find((word) => names.includes(word));
  return new CordonError("usage", error.message.replace(/\.$/, ""), {
    hint: `See what there is: cordon ${named === undefined ? "" : `${named} `}--help`,
  });
}
