import { ValidationError } from "./validation_error.ts";

/** What an option can be besides its flags. */
export interface OptionOptions {
  /** The value without the option, or a function that returns it. */
  default?: unknown;
  /** Whether it must be given. */
  required?: boolean;
  /** Whether help leaves it out. */
  hidden?: boolean;
  /** Whether it can be given more than once, and is an array. */
  collect?: boolean;
}

/** A value in angle (required) or square (optional) brackets, such as `<port:integer>`. */
export interface ValueDefinition {
  name: string;
  type: string;
  isOptional: boolean;
  isVariadic: boolean;
}

/** An option as the program declares it. */
export interface OptionDefinition extends OptionOptions {
  flags: string[];
  /** Its name among the parsed options. */
  key: string;
  description: string;
  isGlobal: boolean;
  isNegated: boolean;
  value?: ValueDefinition;
}

/** Splits `name <id:string> [rest...:string]` into names or flags, and values. */
export function parseDefinition(text: string): { names: string[]; values: ValueDefinition[] } {
  const parts = text.trim().split(/[, ]+/);
  const isValue = (part: string): boolean => /^[<[].+[>\]]$/.test(part);
  return {
    names: parts.filter((part) => !isValue(part)),
    values: parts.filter(isValue).map(parseValue),
  };
}

/** Returns the option that a definition such as `-p, --port <port:integer>` declares. */
export function parseOption(
  text: string,
  description: string,
  options: OptionOptions & { isGlobal: boolean },
): OptionDefinition {
  const { names: flags, values: [value] } = parseDefinition(text);
  const name = (flags.find((flag) => flag.startsWith("--")) ?? flags[0] ?? "").replace(/^-+/, "");
  const isNegated = name.startsWith("no-");
  const key = (isNegated ? name.slice(3) : name).replaceAll(/-([a-z])/g, (_, letter) => letter.toUpperCase());
  return { ...options, flags, key, description, isNegated, value };
}

/** Converts the text of a value to its type, or throws a {@linkcode ValidationError}. */
export function convertValue(text: string, type: string, label: string): unknown {
  if (type === "string") return text;
  if (type === "boolean" && /^(true|1)$/.test(text)) return true;
  if (type === "boolean" && /^(false|0)$/.test(text)) return false;
  const number = Number(text);
  if (type === "integer" && Number.isInteger(number)) return number;
  if (type === "number" && Number.isFinite(number)) return number;
  throw new ValidationError(`${label} must be of type "${type}", but got "${text}".`);
}

function parseValue(part: string): ValueDefinition {
  const [label = "", type = "string"] = part.slice(1, -1).split(":");
  const name = label.replace("...", "");
  return { name, type, isOptional: part.startsWith("["), isVariadic: name !== label };
}
