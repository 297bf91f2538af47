import { parse as parseToml, TomlError } from "smol-toml";

/** Parses TOML, or throws a `SyntaxError` that names line and column. */
export function parse(tomlString: string): Record<string, unknown> {
  try {
    return parseToml(tomlString);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    // npm:smol-toml puts a prefix before its reason and a code block behind it; std counts columns from 0.
    const reason = cause.message.split("\n", 1)[0]!.replace(/^Invalid TOML document: /, "");
    const place = `line ${cause.line}, column ${cause.column - 1}`;
    throw new SyntaxError(`Parse error on ${place}: ${reason}`, { cause });
  }
}
