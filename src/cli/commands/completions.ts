/**
 * `cordon completions bash|zsh|fish`: scripts that complete commands and
 * options, made from the table of commands.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import type { CommandContext } from "../options.ts";

type OptionSpec = readonly [flags: string, description: string, ...unknown[]];

/** What there is to complete. */
export interface CompletionTable {
  /** The commands. */
  readonly commands: readonly {
    readonly usage: string;
    readonly description: string;
    readonly options?: readonly OptionSpec[];
  }[];
  /** The options of every command. */
  readonly globalOptions: readonly OptionSpec[];
}

interface Option {
  readonly short: string | undefined;
  readonly long: string;
  /** What its value is called, when it takes one. */
  readonly value: string | undefined;
  readonly description: string;
}

interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly Option[];
  /** What its first argument is called, when it takes one. */
  readonly argument: string | undefined;
}

type Render = (commands: readonly CompletedCommand[], globals: readonly Option[]) => string;

const SHELLS: Readonly<Record<string, Render>> = { bash: renderBash, zsh: renderZsh, fish: renderFish };

/** Prints the script for a shell. */
export function completions(
  { output }: CommandContext,
  shell: string,
  { commands, globalOptions }: CompletionTable,
): Promise<number> {
  if (!Object.hasOwn(SHELLS, shell)) {
    throw new CordonError("usage", `Cannot complete in "${shell}": expected bash, zsh or fish`);
  }
  const script = SHELLS[shell]!(commands.map(toCommand), globalOptions.map(toOption));
  output.document({ shell, script });
  output.line(script);
  return Promise.resolve(0);
}

function toCommand(spec: CompletionTable["commands"][number]): CompletedCommand {
  return {
    name: spec.usage.split(" ")[0]!,
    description: withoutStop(spec.description),
    options: (spec.options ?? []).map(toOption),
    argument: /[<[](?:\.{3})?(\w+)/.exec(spec.usage)?.[1],
  };
}

function toOption([flags, description]: OptionSpec): Option {
  return {
    short: /(?:^|\s)(-\w)\b/.exec(flags)?.[1],
    long: /--[\w-]+/.exec(flags)![0],
    value: /<(\w+)/.exec(flags)?.[1],
    description: withoutStop(description),
  };
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, "");
}

/** Names of values that are folders, in the usage of commands and options. */
function isFolder(value: string | undefined): boolean {
  return value === "dir" || value === "dirs";
}

function flagsOf({ short, long }: Option): string[] {
  return short === undefined ? [long] : [short, long];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function renderBash(commands: readonly CompletedCommand[], globals: readonly Option[]): string {
  const everyOption = [...globals, ...commands.flatMap(({ options }) => options)];
  const patterns = (options: readonly Option[]) => [...new Set(options.flatMap(flagsOf))].join("|");
  const words = (options: readonly Option[]) => options.map(({ long }) => long).join(" ");
  const cases = commands.flatMap(({ name, options, argument }) => {
    const effects = [
      ...(options.length > 0 ? [`options="$options ${words(options)}"`] : []),
      ...(isFolder(argument) ? ["folders=1"] : argument === "shell" ? ['words="bash zsh fish"'] : []),
    ];
    return effects.length > 0 ? [`    ${name}) ${effects.join("; ")} ;;`] : [];
  });
  return `# Completion of cordon in bash.
_cordon() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local command="" options="${words(globals)}" words="" folders="" i IFS=$' \\t\\n'
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      ${patterns(globals.filter(({ value }) => value !== undefined))}) ((i++)) ;;
      -*) ;;
      *) command="\${COMP_WORDS[i]}"; break ;;
    esac
  done
  case "$previous" in
    ${patterns(everyOption.filter(({ value }) => isFolder(value)))}) folders=only ;;
    ${
    patterns(everyOption.filter(({ value }) => value !== undefined && !isFolder(value)))
  }) COMPREPLY=(); return ;;
  esac
  case "$command" in
    "") words="${commands.map(({ name }) => name).join(" ")}" ;;
${cases.join("\n")}
  esac
  if [[ "$current" == -* ]]; then words="$options"; folders=""; fi
  if [[ "$folders" == only ]]; then words=""; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ -n "$folders" ]]; then
    IFS=$'\\n'
    COMPREPLY+=($(compgen -d -- "$current"))
  fi
}
complete -o filenames -F _cordon cordon`;
}

function renderZsh(commands: readonly CompletedCommand[], globals: readonly Option[]): string {
  const escape = (text: string) => text.replaceAll(/[\\[\]:]/g, "\\$&");
  const action = (value: string) => isFolder(value) ? "_files -/" : " ";
  const optionSpecs = (options: readonly Option[]) =>
    options.flatMap((option) =>
      flagsOf(option).map((flag) => {
        const value = option.value === undefined ? "" : `:${option.value}:${action(option.value)}`;
        return quote(`*${flag}[${escape(option.description)}]${value}`);
      })
    );
  const cases = commands.map(({ name, options, argument }) => {
    const rest = isFolder(argument)
      ? [quote("*:folder:_files -/")]
      : argument === "shell"
      ? [quote("1:shell:(bash zsh fish)")]
      : [];
    return `        ${name}) _arguments ${["$globals", ...optionSpecs(options), ...rest].join(" ")} ;;`;
  });
  return `#compdef cordon
# Completion of cordon in zsh.
_cordon() {
  local state
  local -a commands globals
  commands=(
${commands.map(({ name, description }) => `    ${quote(`${name}:${description}`)}`).join("\n")}
  )
  globals=(
${optionSpecs(globals).map((spec) => `    ${spec}`).join("\n")}
  )
  _arguments -C $globals '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe -t commands command commands ;;
    argument)
      case $words[1] in
${cases.join("\n")}
      esac ;;
  esac
}
# Loaded from a folder of completions it is the function itself, else it is announced.
if [[ "$funcstack[1]" == _cordon ]]; then _cordon "$@"; else compdef _cordon cordon; fi`;
}

function renderFish(commands: readonly CompletedCommand[], globals: readonly Option[]): string {
  const escape = (text: string) => `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
  const optionWords = ({ short, long, value, description }: Option) =>
    [
      ...(short === undefined ? [] : [`-s ${short.slice(1)}`]),
      `-l ${long.slice(2)}`,
      ...(value === undefined ? [] : ["-r"]),
      ...(isFolder(value) ? ["-a '(__fish_complete_directories)'"] : []),
      `-d ${escape(description)}`,
    ].join(" ");
  const lines = commands.flatMap(({ name, description, options, argument }) => {
    const within = `complete -c cordon -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c cordon -n __fish_use_subcommand -a ${name} -d ${escape(description)}`,
      ...options.map((option) => `${within} ${optionWords(option)}`),
      ...(isFolder(argument) ? [`${within} -a '(__fish_complete_directories)'`] : []),
      ...(argument === "shell" ? [`${within} -a 'bash zsh fish'`] : []),
    ];
  });
  return [
    "# Completion of cordon in fish.",
    "complete -c cordon -f",
    ...globals.map((option) => `complete -c cordon ${optionWords(option)}`),
    ...lines,
  ].join("\n");
}
