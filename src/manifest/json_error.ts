/**
 * Says where a text stops being JSON. V8 names a place for some mistakes only.
 *
 * @module
 */

/** What is wrong with a JSON text, and on which line. */
export interface JsonMistake {
  /** What is wrong, on one line. */
  readonly message: string;
  /** Line, counted from 1, when it is known. */
  readonly line: number | undefined;
}

/** Describes the mistake that `JSON.parse(text)` failed with. */
export function describeJsonError(text: string, { message }: Error): JsonMistake {
  const named = /line (\d+)/.exec(message)?.[1];
  if (named !== undefined) return { message: message.split("\n")[0]!, line: Number(named) };
  const token = /^Unexpected token '([^]+?)', /.exec(message)?.[1];
  if (token !== undefined) {
    return { message: `Unexpected token ${JSON.stringify(token)}`, line: lineAt(text, findToken(text)) };
  }
  const isAtEnd = message.startsWith("Unexpected end");
  return { message: message.split("\n")[0]!, line: isAtEnd ? lineAt(text, text.length) : undefined };
}

/** Where the unexpected token stands: the end of the longest beginning that fails for another reason, if at all. */
function findToken(text: string): number {
  let good = 0;
  let bad = text.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (hasUnexpectedToken(text.slice(0, middle))) bad = middle;
    else good = middle;
  }
  return good;
}

function hasUnexpectedToken(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    return (error as Error).message.startsWith("Unexpected token");
  }
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
