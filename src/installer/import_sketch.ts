/**
 * What of a module's text can have a part in what it imports. Where that is
 * the same, so are its imports, and nobody has to look at them again. It errs
 * to one side: a text with other imports has another sketch.
 *
 * @module
 */

/** Where an import may stand: the words for it, and the comments that TypeScript and Deno read. */
const PLACES = /\b(?:import|export|from|require)\b|\/\/\/|@(?:deno|ts|jsx)/g;
/** Up to the end of the first text in quotes, which may be the name of a module. */
const NAMED = /^[^"'`]*(?:"[^"\\\n]*"|'[^'\\\n]*')/;
/** What is no import, though it begins like one: `import.meta`, and exports that say what they are. */
const HARMLESS = /^(?:import\s*\.\s*meta\b|export\s+(?:async\s+)?(?:const|let|var|function|class|default)\b)/;
/** Behind such a word so much counts at most. */
const SPAN = 400;

/** Files with imports. */
export const MODULE_PATTERN: RegExp = /\.(?:[cm]?[jt]s|[jt]sx)$/i;

/** The sketch of a module's text. */
export function sketchImports(text: string): string {
  const parts: string[] = [];
  for (const { index } of text.matchAll(PLACES)) {
    const rest = text.slice(index, index + SPAN);
    if (HARMLESS.test(rest)) continue;
    parts.push(NAMED.exec(rest)?.[0] ?? rest);
  }
  return parts.join("\n");
}
