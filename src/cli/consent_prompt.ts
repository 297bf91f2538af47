/**
 * Asks an administrator about plugins that wait for consent: what each asks
 * for, in whose words why, what harm that allows, what it can do without.
 *
 * @module
 */

import type { Consents } from "../lifecycle/consent/consents.ts";
import type { PluginInfo } from "../lifecycle/plugin_summary.ts";
import type { RequestVerdict } from "../permissions/request_verdict.ts";
import { sanitizeText } from "../internal/sanitize_text.ts";
import type { Ask } from "./answers.ts";
import { breakValue, quoteWords } from "./author_words.ts";
import { exposureCell } from "./exposure_rows.ts";
import type { Output } from "./output.ts";

/** What asking needs. */
export interface PromptContext {
  /** Where answers go. */
  readonly consents: Pick<Consents, "grant" | "refuse">;
  /** Where it is shown. */
  readonly output: Output;
  /** Asks a question. */
  readonly ask: Ask;
}

/** Asks about each plugin, but for versions that were refused; an answer counts at once. */
export async function askConsents(plugins: readonly PluginInfo[], context: PromptContext): Promise<void> {
  const asked = plugins.filter(({ consent }) => consent?.refused === undefined);
  for (const [index, plugin] of asked.entries()) {
    const { output } = context;
    for (const line of describeRequest(plugin, output)) output.line(line);
    if (!await askConsent(plugin, context)) {
      const left = asked.length - index;
      output.line(`No answer: ${left === 1 ? "it waits" : `${left} plugins wait`} for consent.`);
      return;
    }
    output.line();
  }
}

/** What a plugin asks for, as lines; its author's words stand in quotes. */
export function describeRequest(plugin: PluginInfo, output: Output): string[] {
  const { id, version, manifest, consent, requests } = plugin;
  const known = new Set(consent?.diff.unchanged.map(({ kind, value }) => `${kind} ${value}`));
  const name = manifest === undefined || manifest.name === id
    ? ""
    : `, by its own account ${quoteWords(manifest.name, output.width - 60)}`;
  const earlier = consent?.grantedVersion;
  return [
    "",
    `${output.style("bold", `${sanitizeText(id)} ${version}`)}${name}, asks for${
      earlier === undefined || earlier === version ? "" : ` more than was granted to ${sanitizeText(earlier)}`
    }:`,
    ...requests.flatMap((request) => {
      const isKnown = known.has(`${request.kind} ${request.value}`);
      const marks = [
        ...request.optional ? ["optional"] : [],
        ...isKnown ? ["granted before"] : [],
      ];
      const [first, ...rest] = breakValue(nameValue(request), output.width - 8);
      const why = request.reason === undefined
        ? "it does not say why"
        : `it says: ${quoteWords(request.reason, output.width - 16)}`;
      return [
        `  ${isKnown ? "=" : "+"} ${first}`,
        ...rest.map((line) => `      ${line}`),
        output.style("dim", `      ${[...marks, why].join("; ")}`),
      ];
    }),
    formatExposure(plugin, output),
  ];
}

/** Whether there was an answer. */
async function askConsent(plugin: PluginInfo, { consents, output, ask }: PromptContext): Promise<boolean> {
  const { id, requests } = plugin;
  const optional = requests.filter((request) => request.optional && request.value !== undefined);
  const choices = [
    "[a]ll",
    ...optional.length === 0 ? [] : ["[c]hoose what is optional"],
    "[n]ot now",
    "[never]",
  ];
  while (true) {
    const answer = await ask(`Grant to ${sanitizeText(id)}: ${choices.join(", ")}? `);
    switch (answer?.toLowerCase()) {
      case undefined:
        return false;
      case "a":
      case "all":
        await consents.grant(id, { scope: "all" });
        return true;
      case "c":
      case "choose": {
        if (optional.length === 0) break;
        const only: string[] = [];
        for (const request of optional) {
          const isWanted = await askYesOrNo(
            `  Also ${quoteWords(nameValue(request), 60)}: [y]es, [n]o? `,
            ask,
          );
          if (isWanted === undefined) return false;
          if (isWanted) only.push(`${request.kind}:${request.value}`);
        }
        await consents.grant(id, { scope: "required", only });
        return true;
      }
      case "n":
      case "not now":
        return true;
      case "never":
        await consents.refuse(id);
        return true;
    }
    output.line("Please answer with a letter in brackets, or with the word never.");
  }
}

async function askYesOrNo(question: string, ask: Ask): Promise<boolean | undefined> {
  while (true) {
    const answer = (await ask(question))?.toLowerCase();
    if (answer === undefined) return undefined;
    if (["y", "yes"].includes(answer)) return true;
    if (["n", "no"].includes(answer)) return false;
  }
}

function nameValue({ kind, text, value }: RequestVerdict): string {
  return `${kind} ${value ?? `${text} (has no value here)`}`;
}

function formatExposure({ requestedExposure, requiredExposure }: PluginInfo, output: Output): string {
  const show = (score: number | undefined) => {
    const { text, style = (plain: string) => plain } = exposureCell(score, output);
    return style(text);
  };
  const all = `  exposure ${show(requestedExposure?.score)} with everything`;
  return requestedExposure?.score === requiredExposure?.score
    ? all
    : `${all}, ${show(requiredExposure?.score)} with what it cannot start without`;
}
