// deno-lint-ignore-file no-explicit-any no-console -- It prints; the type parameters default as loosely as the original allows.
import { type OptionOptions, parseDefinition, parseOption } from "./definition.ts";
import { type CommandDefinition, formatHelp, readArguments } from "./program.ts";
import { ValidationError } from "./validation_error.ts";

/** Runs a command with its options and arguments. */
export type ActionHandler = (
  this: Command<any>,
  options: Record<string, unknown>,
  ...args: any[]
) => unknown;

/** What {@linkcode Command.parse} resolves to. */
export interface CommandResult {
  /** The options, by their name in camel case. */
  options: Record<string, unknown>;
  /** The positional arguments. */
  args: any[];
  /** What follows `--`. */
  literal: string[];
  /** The command that ran. */
  cmd: Command<any>;
}

interface State extends CommandDefinition {
  action?: ActionHandler;
  shouldThrow?: boolean;
  shouldExit?: boolean;
}

/** A command of a command line program, built step by step. */
export class Command<
  _ParentGlobals = any,
  _ParentTypes = any,
  _Options = any,
  _Arguments = any,
  _Globals = any,
  _Types = any,
  _GlobalTypes = any,
  _Parent = any,
> {
  readonly #state: State = {
    command: this,
    name: "COMMAND",
    description: "",
    aliases: [],
    isHidden: false,
    options: [],
    values: [],
    examples: [],
    commands: [],
  };
  /** The command that the next steps describe: this one, or the last added to it. */
  #selected: State = this.#state;

  /** Sets the name. */
  name(name: string): this {
    this.#selected.name = name;
    return this;
  }

  /** Sets the version that `--version` prints. */
  version(version: string): this {
    this.#selected.version = version;
    return this;
  }

  /** Sets the description. */
  description(description: string): this {
    this.#selected.description = description;
    return this;
  }

  /** Sets what help shows after the name. */
  usage(usage: string): this {
    this.#selected.usage = usage;
    return this;
  }

  /** Adds an example to the help. */
  example(name: string, description: string): this {
    this.#selected.examples.push({ name, description });
    return this;
  }

  /** Adds an option that all commands below take too. */
  globalOption(flags: string, desc: string, opts?: OptionOptions): this {
    this.#selected.options.push(parseOption(flags, desc, { ...opts, isGlobal: true }));
    return this;
  }

  /** Adds an option. */
  option(flags: string, desc: string, opts?: OptionOptions): this {
    this.#selected.options.push(parseOption(flags, desc, { ...opts, isGlobal: false }));
    return this;
  }

  /** Sets the positional arguments. */
  arguments(args: string): this {
    this.#selected.values = parseDefinition(args).values;
    return this;
  }

  /** Sets what the command does. */
  action(fn: ActionHandler): this {
    this.#selected.action = fn;
    return this;
  }

  /** Adds another name. */
  alias(alias: string): this {
    this.#selected.aliases.push(alias);
    return this;
  }

  /** Hides the command from help. */
  hidden(): this {
    this.#selected.isHidden = true;
    return this;
  }

  /** Makes `parse()` reject where the arguments are wrong, instead of ending the process. */
  throwErrors(): this {
    this.#selected.shouldThrow = true;
    return this;
  }

  /** Keeps the process running after help, version and errors. */
  noExit(): this {
    this.#selected.shouldExit = false;
    return this.throwErrors();
  }

  /** Adds a command, which the next steps describe. */
  command(name: string, cmdOrDescription?: Command<any> | string): this {
    const { names: [first = "", ...aliases], values } = parseDefinition(name);
    const command = cmdOrDescription instanceof Command ? cmdOrDescription : new Command<any>();
    const state = command.reset().#state;
    state.name = first;
    state.parent = this.#state;
    state.aliases.push(...aliases);
    if (typeof cmdOrDescription === "string") state.description = cmdOrDescription;
    if (values.length > 0) state.values = values;
    this.#state.commands.push(state);
    this.#selected = state;
    return this;
  }

  /** Lets the next steps describe this command again. */
  reset(): this {
    this.#selected = this.#state;
    return this;
  }

  /** Returns the name. */
  getName(): string {
    return this.#state.name;
  }

  /** Returns the description. */
  getDescription(): string {
    return this.#state.description;
  }

  /** Returns the commands below, the hidden ones only if asked for. */
  getCommands(hidden = false): Command<any>[] {
    return this.#state.commands.filter(({ isHidden }) => hidden || !isHidden).map(({ command }) => command);
  }

  /** Returns a command below by its name or alias, a hidden one only if asked for. */
  getCommand(name: string, hidden = false): Command<any> | undefined {
    return this.getCommands(hidden).find((command) =>
      command.#state.name === name || command.#state.aliases.includes(name)
    );
  }

  /** Returns the help. */
  getHelp(): string {
    return formatHelp(this.#state);
  }

  /** Prints the help. */
  showHelp(): void {
    console.log(this.getHelp());
  }

  /** Runs the command that the arguments ask for. */
  async parse(args: string[] = Deno.args): Promise<CommandResult> {
    this.reset();
    const end = args.indexOf("--");
    const [read, literal] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end + 1)];
    try {
      const { type, definition, options, args: values } = readArguments(this.#state, read);
      const { command } = definition;
      if (type === "help") command.showHelp();
      if (type === "version") {
        console.log(
          read.includes("--version") ? `${definition.name} ${definition.version}` : definition.version,
        );
      }
      if (type === "run") await command.#state.action?.call(command, options, ...values);
      else if (command.#find("shouldExit") ?? true) Deno.exit(0);
      return { options, args: values, literal, cmd: command };
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      const command = error.cmd ?? this;
      if (command.#find("shouldThrow")) throw error;
      command.showHelp();
      console.error(`  error: ${error.message}\n`);
      Deno.exit(error.exitCode);
    }
  }

  /** Returns a setting of this command, or else of the closest command above that has it. */
  #find(setting: "shouldThrow" | "shouldExit"): boolean | undefined {
    const parent = this.#state.parent?.command;
    return this.#state[setting] ?? (parent && parent.#find(setting));
  }
}
