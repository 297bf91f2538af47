/**
 * Who is there: the same for the plugins and for whoever counts what they did.
 *
 * @module
 */

/** Plugins, each of which provides a capability. */
export const PLUGINS = 20;
/** Groups that they form; each group listens to another one. */
const GROUPS = 5;

/** The number of a plugin, by its id. */
export function numberOf(id: string): number {
  return Number(id.slice("soak.n".length));
}

/** The id of a plugin. */
export function idOf(number: number): string {
  return `soak.${capabilityOf(number)}`;
}

/** The capability of a plugin. */
export function capabilityOf(number: number): string {
  return `n${number}`;
}

/** Its topic whose events must arrive. */
export function keptTopicOf(number: number): string {
  return `kept.g${number % GROUPS}.n${number}`;
}

/** Its topic whose events need not. */
export function liveTopicOf(number: number): string {
  return `live.g${number % GROUPS}.n${number}`;
}

/** What it listens to. */
export function patternsOf(number: number): { readonly kept: string; readonly live: string } {
  return { kept: `kept.g${(number + 1) % GROUPS}.*`, live: `live.g${(number + 2) % GROUPS}.*` };
}

/** Whether a plugin listens to the events of another one that must arrive. */
export function hears(listener: number, publisher: number): boolean {
  return (listener + 1) % GROUPS === publisher % GROUPS;
}
