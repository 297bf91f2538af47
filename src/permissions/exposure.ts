/**
 * The exposure score: how much harm a plugin could do with what it may reach,
 * from 0 to 10, and why. It says nothing about what the plugin does.
 *
 * @module
 */

import type {
  CombinationRule,
  ExposurePlaces,
  ExposureRule,
  ExposureSetting,
  PermissionRule,
} from "./exposure_rule.ts";
import { EXPOSURE_RULES } from "./exposure_rules.ts";
import { listPermissions, type PermissionSet } from "./permission_set.ts";

/** Values shown of a rule. */
const MAX_SHOWN = 3;

/** The score in a word, by the bands that CVSS uses: from 0.1, 4, 7 and 9. */
export type ExposureLevel = "none" | "low" | "medium" | "high" | "critical";

/** What is judged. */
export interface ExposureInput extends ExposureSetting, ExposurePlaces {
  /** What the plugin may reach. */
  readonly permissions: PermissionSet;
}

/** A rule that counted. */
export interface ExposureReason {
  /** Id of the rule; stable. */
  readonly rule: string;
  /** What it added. */
  readonly points: number;
  /** What it means here. */
  readonly text: string;
}

/** A score with its reasons. */
export interface Exposure {
  /** 0 to 10, with one decimal. */
  readonly score: number;
  /** The score in a word. */
  readonly level: ExposureLevel;
  /** What it is made of, the heaviest first; their points add up to the score, or to more than 10. */
  readonly reasons: readonly ExposureReason[];
}

/** Scores what a plugin may reach. A permission more never lowers the score, a stronger tier never raises it. */
export function scoreExposure(input: ExposureInput): Exposure {
  const found = new Map<ExposureRule, readonly string[][]>();
  for (const [rule, values] of findPermissions(input)) found.set(rule, [values]);
  const byId = new Map([...found].map(([{ id }, values]) => [id, values[0]!]));
  for (const rule of EXPOSURE_RULES) {
    if (rule.type === "setting" && rule.applies(input)) found.set(rule, []);
    if (rule.type !== "combination") continue;
    const parts = findParts(rule, byId);
    if (parts !== undefined) found.set(rule, parts);
  }
  const reasons = heaviestOfEachGroup([...found.keys()])
    .map((rule) => ({ rule: rule.id, points: rule.points, text: describe(rule, found.get(rule)!) }));
  const sum = reasons.reduce((total, { points }) => total + points, 0);
  const score = Math.min(10, Math.round(sum * 10) / 10);
  return { score, level: exposureLevel(score), reasons };
}

/** The word for a score. */
export function exposureLevel(score: number): ExposureLevel {
  if (score >= 9) return "critical";
  if (score >= 7) return "high";
  if (score >= 4) return "medium";
  return score > 0 ? "low" : "none";
}

/** The permission rules that take a value, with those values. */
function findPermissions({ permissions, ...places }: ExposureInput): Map<PermissionRule, string[]> {
  const found = new Map<PermissionRule, string[]>();
  for (const { kind, value } of listPermissions(permissions)) {
    const rule = EXPOSURE_RULES.find((rule): rule is PermissionRule =>
      rule.type === "permission" && rule.kind === kind && rule.takes(value, places)
    )!;
    const values = found.get(rule);
    if (values === undefined) found.set(rule, [value]);
    else values.push(value);
  }
  return found;
}

/** The values that make up a combination, of each list; undefined where one has none. */
function findParts(
  { all }: CombinationRule,
  found: ReadonlyMap<string, readonly string[]>,
): string[][] | undefined {
  const parts = all.map((ids) => ids.flatMap((id) => found.get(id) ?? []));
  return parts.every((values) => values.length > 0) ? parts : undefined;
}

function heaviestOfEachGroup(rules: readonly ExposureRule[]): ExposureRule[] {
  const groups = Map.groupBy(rules, ({ group }) => group);
  return [...groups.values()]
    .map((group) => group.reduce((heaviest, rule) => rule.points > heaviest.points ? rule : heaviest))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points);
}

function describe({ text }: ExposureRule, parts: readonly (readonly string[])[]): string {
  return text.replaceAll(/\{(\d)\}/g, (_, index: string) => listValues(parts[Number(index)]!));
}

function listValues(values: readonly string[]): string {
  const shown = values.slice(0, MAX_SHOWN).map((value) => `"${value}"`);
  const more = values.length - shown.length;
  return more === 0 ? shown.join(", ") : `${shown.join(", ")} and ${more} more`;
}
