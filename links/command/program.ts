import { Argument, Command as Program, CommanderError, Option } from "commander";
import type { Command } from "./command.ts";
import { convertValue, type OptionDefinition, type ValueDefinition } from "./definition.ts";
import { ValidationError } from "./validation_error.ts";

const HELP_WIDTH = 100;

/** A command as the program declares it. */
export interface CommandDefinition {
  // deno-lint-ignore no-explicit-any
  command: Command<any>;
  parent?: CommandDefinition;
  name: string;
  version?: string;
  description: string;
  usage?: string;
  aliases: string[];
  isHidden: boolean;
  options: OptionDefinition[];
  values: ValueDefinition[];
  examples: { name: string; description: string }[];
  commands: CommandDefinition[];
}

/** What command line arguments ask for. */
export interface Invocation {
  type: "run" | "help" | "version";
  definition: CommandDefinition;
  options: Record<string, unknown>;
  args: unknown[];
}

interface Parsing {
  given: Map<OptionDefinition, unknown>;
  /** The command whose arguments are being read. */
  current: CommandDefinition;
  invocation?: Invocation;
}

/** Returns what command line arguments ask for, or throws a {@linkcode ValidationError}. */
export function readArguments(definition: CommandDefinition, args: string[]): Invocation {
  const parsing: Parsing = { given: new Map(), current: definition };
  try {
    createProgram(definition, parsing).parse(args, { from: "user" });
  } catch (error) {
    if (error instanceof ValidationError) error.cmd = parsing.current.command;
    // Commander throws to leave its parser, after help and version too.
    if (!(error instanceof CommanderError && parsing.invocation)) throw error;
  }
  return parsing.invocation!;
}

/** Formats the help of a command. */
export function formatHelp(definition: CommandDefinition): string {
  const program = createProgram(definition);
  const [main, ...groups] = parentsOf(definition).toReversed();
  // Usage shows the names of all commands above.
  if (main) {
    groups.reduce((outer, { name }) => outer.command(name), new Program(main.name)).addCommand(program);
  }
  const examples = definition.examples.map(({ name, description }) => `  ${name}: ${description}\n`);
  return program.helpInformation() + (examples.length > 0 ? `\nExamples:\n${examples.join("")}` : "");
}

function createProgram(definition: CommandDefinition, parsing?: Parsing): Program {
  const program = new Program(definition.name)
    .description(definition.description)
    .summary(definition.description.split("\n", 1)[0] ?? "")
    .aliases(definition.aliases)
    .helpCommand(false)
    .helpOption("-h, --help", "Show this help.")
    .enablePositionalOptions()
    .allowExcessArguments(false)
    .configureOutput({
      writeOut: () => {},
      writeErr: () => {},
      getOutHelpWidth: () => HELP_WIDTH,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  if (definition.usage) program.usage(definition.usage);
  if (definition.version && !definition.parent) program.version(definition.version);
  for (const value of definition.values) program.addArgument(createArgument(value));
  for (const option of optionsOf(definition)) {
    const created = createOption(option);
    program.addOption(created);
    program.on(`option:${created.name()}`, (text: string | null | undefined) => {
      if (parsing) parsing.current = definition;
      if (parsing) giveOption(parsing.given, option, text ?? undefined);
    });
  }
  for (const command of definition.commands) {
    program.addCommand(createProgram(command, parsing), { hidden: command.isHidden });
  }
  if (parsing) connect(program, definition, parsing);
  return program;
}

function connect(program: Program, definition: CommandDefinition, parsing: Parsing): void {
  function invoke(type: Invocation["type"], texts: string[] = []): void {
    parsing.current = definition;
    parsing.invocation = type === "run"
      ? {
        type,
        definition,
        options: readOptions(definition, parsing.given),
        args: readValues(definition, texts),
      }
      : { type, definition, options: { [type]: true }, args: [] };
  }
  program.exitOverride((error) => {
    parsing.current = definition;
    if (error.code === "commander.version") invoke("version");
    else if (error.code === "commander.helpDisplayed") invoke("help");
    else if (error.code === "commander.help") invoke("run"); // A group, without the name of a command.
    else throw new ValidationError(toMessage(error));
    throw error;
  });
  // Without action, commander refuses unknown commands of a group.
  if (definition.commands.length === 0 || definition.values.length > 0) {
    program.action(() => invoke("run", program.args));
  }
}

function createArgument({ name, isOptional, isVariadic }: ValueDefinition): Argument {
  const label = isVariadic ? `${name}...` : name;
  return new Argument(isOptional ? `[${label}]` : `<${label}>`);
}

function createOption(definition: OptionDefinition): Option {
  const { flags, value, description, hidden = false, default: defaultValue } = definition;
  const label = value && (value.isOptional ? ` [${value.name}]` : ` <${value.name}>`);
  const option = new Option(`${flags.join(", ")}${label ?? ""}`, description).hideHelp(hidden);
  return typeof defaultValue === "function" ? option : option.default(defaultValue);
}

function giveOption(given: Parsing["given"], option: OptionDefinition, text: string | undefined): void {
  const flag = option.flags.at(-1);
  const value = text === undefined
    ? (option.value && readDefault(option)) ?? !option.isNegated
    : convertValue(text, option.value?.type ?? "string", `Option "${flag}"`);
  if (option.collect) given.set(option, [...(given.get(option) as unknown[] ?? []), value]);
  else if (!given.has(option)) given.set(option, value);
  else throw new ValidationError(`Option "${flag}" can only occur once, but was found several times.`);
}

function readOptions(definition: CommandDefinition, given: Parsing["given"]): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const option of optionsOf(definition)) {
    const { key, flags, required } = option;
    const value = given.get(option) ?? readDefault(option);
    if (value !== undefined) options[key] = value;
    else if (required) throw new ValidationError(`Missing required option "${flags.at(-1)}".`);
    else if (option.isNegated && !(key in options)) options[key] = true;
  }
  return options;
}

function readDefault({ default: value }: OptionDefinition): unknown {
  return typeof value === "function" ? value() : value;
}

function readValues({ values }: CommandDefinition, texts: string[]): unknown[] {
  return texts.map((text, index) => {
    const value = values[index] ?? values.at(-1);
    return convertValue(text, value?.type ?? "string", `Argument "${value?.name}"`);
  });
}

/** Returns the options of a command and the global ones of its parents. */
function optionsOf(definition: CommandDefinition): OptionDefinition[] {
  const inherited = parentsOf(definition).flatMap(({ options }) =>
    options.filter((option) => option.isGlobal)
  );
  return [...inherited, ...definition.options];
}

function parentsOf(definition: CommandDefinition): CommandDefinition[] {
  return definition.parent ? [definition.parent, ...parentsOf(definition.parent)] : [];
}

/** Rewords what commander says to be like Cliffy. */
function toMessage({ message }: CommanderError): string {
  const text = message.replace(/^error: /, "").replaceAll("'", '"')
    .replace(/\n\(Did you mean (-\S+)\?\)$/, '. Did you mean option "$1"?')
    .replace(/\n\(Did you mean (\S+)\?\)$/, '. Did you mean command "$1"?')
    .replace(/\n\((Did you mean .+\?)\)$/, ". $1");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
