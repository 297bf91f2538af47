/**
 * Exposure scores as cells and rows of a table.
 *
 * @module
 */

import { sanitizeText } from "../internal/sanitize_text.ts";
import { type Exposure, type ExposureLevel, exposureLevel } from "../permissions/exposure.ts";
import type { Output, Style } from "./output.ts";
import { type Cell, formatTable } from "./table.ts";

const LEVEL_STYLES: Readonly<Record<ExposureLevel, Style>> = {
  none: "green",
  low: "green",
  medium: "yellow",
  high: "red",
  critical: "red",
};

/** A score with its word, or a dash. */
export function exposureCell(score: number | undefined, output: Output): Cell {
  if (score === undefined) return { text: "-" };
  const level = exposureLevel(score);
  return {
    text: `${score.toFixed(1)} ${level}`,
    style: (text) => output.style(LEVEL_STYLES[level], text),
  };
}

/** Renders plugins with their scores, each reason on a line of its own. */
export function formatExposures(
  plugins: readonly { readonly id: string; readonly exposure: Exposure | undefined }[],
  output: Output,
): string[] {
  const dim = (text: string): Cell => ({ text, style: (plain) => output.style("dim", plain) });
  const heading = ["PLUGIN", "EXPOSURE", "ADDS", "RULE", "BECAUSE IT"].map(dim);
  const rows = plugins.flatMap(({ id, exposure }) => {
    const first: Cell[] = [{ text: sanitizeText(id) }, exposureCell(exposure?.score, output)];
    const reasons = (exposure?.reasons ?? []).map(({ points, rule, text }): Cell[] => [
      { text: points.toFixed(1).padStart(4) },
      dim(rule),
      { text: sanitizeText(text) },
    ]);
    const none = exposure === undefined ? "is not known: its manifest cannot be used" : "may reach nothing";
    const [top = [{ text: "" }, { text: "" }, { text: none }], ...rest] = reasons;
    return [[...first, ...top], ...rest.map((cells) => [{ text: "" }, { text: "" }, ...cells])];
  });
  return formatTable([heading, ...rows], output.width);
}
