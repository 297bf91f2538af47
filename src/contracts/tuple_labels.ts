/**
 * Optional members of tuples that have a name, as in `[a: string, b?: number]`:
 * `deno doc` does not tell them from those that must be there.
 *
 * @module
 */

/** What says nothing about brackets. */
const ASIDE = /\/\*[^]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[^]|[^`\\])*`/g;

/** Whether a tuple somewhere in the text has an optional member with a name. */
export function hasOptionalLabel(text: string): boolean {
  const open: string[] = [];
  for (const [token] of text.replaceAll(ASIDE, " ").matchAll(/[()[\]{}]|[\p{ID_Continue}$]+\s*\?\s*:/gu)) {
    if ("([{".includes(token)) open.push(token);
    else if (")]}".includes(token)) open.pop();
    else if (open.at(-1) === "[") return true;
  }
  return false;
}
