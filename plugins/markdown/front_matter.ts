/** What stands before a page's text, and where the text begins. */
export interface FrontMatter {
  readonly title?: string;
  readonly description?: string;
  /** Where the author wants the page among its neighbours; smaller comes first. */
  readonly order?: number;
  /** The page without its front matter. */
  readonly body: string;
  /** Lines of front matter. */
  readonly lines: number;
}

const OPENING = /^(---|\+\+\+)[ \t]*\n/;
// What generators of documentation call it: Docusaurus, Hugo, Just the Docs, VitePress and others.
const ORDER_KEYS = ["sidebar_position", "weight", "nav_order", "order"];
const MAX_LINES = 500;

/**
 * Splits the front matter (`---` YAML or `+++` TOML) off a page. Only plain
 * `key: value` lines at its top level are read; anything else in it is ignored.
 */
export function parseFrontMatter(text: string): FrontMatter {
  const fence = OPENING.exec(text)?.[1];
  if (!fence) return { body: text, lines: 0 };
  const fields = new Map<string, string>();
  let position = text.indexOf("\n") + 1;
  for (let lines = 1; lines < MAX_LINES && position < text.length; lines++) {
    const end = text.indexOf("\n", position);
    const line = text.slice(position, end < 0 ? text.length : end).trimEnd();
    position = end < 0 ? text.length : end + 1;
    if (line === fence || (fence === "---" && line === "...")) {
      return { ...readFields(fields), body: text.slice(position), lines: lines + 1 };
    }
    const field = /^([A-Za-z_][\w-]*)\s*[:=]\s*(.*)$/.exec(line);
    if (field) fields.set(field[1]!.toLowerCase(), unquote(field[2]!));
  }
  return { body: text, lines: 0 }; // never closed: it is a thematic break, not front matter
}

function readFields(
  fields: ReadonlyMap<string, string>,
): Pick<FrontMatter, "title" | "description" | "order"> {
  const order = ORDER_KEYS.map((key) => fields.get(key)).find((value) =>
    value && /^-?\d+(\.\d+)?$/.test(value)
  );
  return {
    title: fields.get("title") || undefined,
    description: fields.get("description") || undefined,
    order: order === undefined ? undefined : Number(order),
  };
}

function unquote(value: string): string {
  const text = value.trim();
  const quote = text[0];
  if (quote === "'" || quote === '"') {
    const end = text.lastIndexOf(quote);
    if (end > 0) {
      const inner = text.slice(1, end);
      return quote === "'" ? inner.replaceAll("''", "'") : inner.replace(/\\(["\\])/g, "$1");
    }
  }
  if (/^[|>[{&*!]/.test(text)) return ""; // a block, list or tag: not a plain value
  return text.replace(/\s+#.*$/, "");
}
