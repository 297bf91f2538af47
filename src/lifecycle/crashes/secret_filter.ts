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

/** `name=value`, `"name": "value"`, `--name value`. */
const ASSIGNMENT =
  /(?<![\w-])(-{0,2})([A-Za-z_][\w.-]{0,63})(["']?\s{0,3}[=:]\s{0,3}|(?<=--[\w-]{1,63})\s)("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s,;&"'}\])]+)/g;
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
    return shown.replace(
      ASSIGNMENT,
      (all: string, dashes: string, name: string, between: string, value: string) => {
        if (!isSecret(name) || value.startsWith(HIDDEN)) return all;
        const quote = /^["']/.exec(value)?.[0] ?? "";
        return `${dashes}${name}${between}${quote}${HIDDEN}${quote}`;
      },
    );
  };
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
