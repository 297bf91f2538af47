/**
 * Takes secrets out of what a plugin said last: values that it was handed, and
 * what stands where people write secrets. Against accidents, not against a
 * plugin that hides what it tells.
 *
 * @module
 */

import { isSecretName } from "../../permissions/telling_names.ts";
import { createReplacer, HIDDEN } from "../../recording/text_values.ts";

/** Shorter values that are not named as secrets would stand everywhere. */
const MIN_VALUE = 8;
/** Shorter values of secrets, too. */
const MIN_SECRET = 4;

/** `name=`, `"name": `, `--name `. */
const ASSIGNED = /(?<![\w-])-{0,2}([A-Za-z_][\w.-]{0,63})(?:["']?\s{0,3}[=:]\s{0,3}|(?<=--[\w-]{1,63})\s)/g;
/** What stands behind that. */
const VALUE = /"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s,;&"'}\])]+/y;
const KEY_BEGIN = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
/** What is a secret wherever it stands. */
const TELLING: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, HIDDEN],
  [/\b(Bearer|Basic)\s+[\w+/=.~-]{8,}/gi, `$1 ${HIDDEN}`],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, HIDDEN],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@:]*:[^\s/@]+@/gi, `$1${HIDDEN}@`],
];

/** What a plugin was handed, by name. */
export interface HandedValues {
  /** Variables of the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables of its manifest. */
  readonly vars: Readonly<Record<string, string>>;
  /** Texts in what its configuration calls secrets. */
  readonly secrets: readonly string[];
}

/** Makes the function that takes secrets out of a text, which may have several lines. */
export function createSecretFilter({ env, vars, secrets }: HandedValues): (text: string) => string {
  const named = Object.entries(vars).flatMap(([name, value]) => isSecret(name) ? [value] : []);
  const granted = Object.entries(env).flatMap(([name, value]) =>
    value.length >= (isSecret(name) ? MIN_SECRET : MIN_VALUE) ? [value] : []
  );
  const values = [...secrets, ...named, ...granted].filter((value) => value.length >= MIN_SECRET);
  const hide = createReplacer(new Map(values.flatMap(listForms).map((form) => [form, HIDDEN])));
  return (text) => {
    let shown = hide(text);
    for (const [pattern, replacement] of TELLING) shown = shown.replace(pattern, replacement);
    return hideAssigned(shown);
  };
}

/** Hides what is assigned to names as people give them to secrets. */
function hideAssigned(text: string): string {
  let shown = "";
  let end = 0;
  for (const { 0: assigned, 1: name, index } of text.matchAll(ASSIGNED)) {
    if (index < end || !isSecret(name!)) continue;
    VALUE.lastIndex = index + assigned.length;
    const value = VALUE.exec(text)?.[0];
    if (value === undefined || value.startsWith(HIDDEN.slice(0, -1))) continue;
    const quote = /^["']/.exec(value)?.[0] ?? "";
    shown += `${text.slice(end, index)}${assigned}${quote}${HIDDEN}${quote}`;
    end = index + assigned.length + value.length;
  }
  return shown + text.slice(end);
}

/** Takes secrets out of lines that belong together: a key stands on several. */
export function hideInLines(lines: readonly string[], hide: (text: string) => string): string[] {
  let isInKey = false;
  return lines.map((line) => {
    const [begins, ends] = [KEY_BEGIN.test(line), line.includes("-----END ")];
    const isBody = isInKey && !begins;
    isInKey = (isInKey || begins) && !ends;
    return isBody ? HIDDEN : hide(line);
  });
}

/** Names are written in several ways: `API_KEY`, `apiKey`, `api-key`, `config.api_key`. */
function isSecret(name: string): boolean {
  return isSecretName(name.replaceAll(/[.-]/g, "_").replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2"));
}

/** A value as programs print it; one of several lines also line by line. */
function listForms(value: string): string[] {
  const lines = value.includes("\n") ? value.split(/\r?\n/).filter((line) => line.length >= MIN_VALUE) : [];
  const bytes = new TextEncoder().encode(value);
  return [
    value,
    ...lines,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value.toWellFormed()),
    bytes.toBase64(),
    bytes.toHex(),
  ];
}
