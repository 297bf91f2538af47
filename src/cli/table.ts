/**
 * Text in columns.
 *
 * @module
 */

/** A cell: its text, and how to style it without changing its width. */
export interface Cell {
  readonly text: string;
  readonly style?: (text: string) => string;
  /** Set for figures: their ends are below each other. */
  readonly align?: "right";
}

/**
 * Renders rows in columns two spaces apart; the last column is not padded.
 *
 * @param rows Rows of equal length; the first is the heading.
 * @param width Longest line; the last column is cut to fit. @default {no bound}
 */
export function formatTable(rows: readonly (readonly Cell[])[], width = Infinity): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.text.length)));
  return rows.map((row) => {
    let used = 0;
    return row.map(({ text, style = (plain) => plain, align }, column) => {
      const isLast = column === row.length - 1;
      const shown = isLast ? cut(text, width - used) : text;
      used += widths[column]! + 2;
      const padding = " ".repeat(Math.max(0, widths[column]! - shown.length));
      if (align === "right") return padding + style(shown);
      return style(shown) + (isLast ? "" : padding);
    }).join("  ").trimEnd();
  });
}

function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return length < 2 ? "" : `${text.slice(0, length - 1)}…`;
}
