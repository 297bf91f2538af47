/**
 * What a dependency graph is made of.
 *
 * @module
 */

/** A plugin as the graph sees it. */
export interface GraphNode {
  /** Plugin id. */
  readonly id: string;
  /** Its version. */
  readonly version: string;
  /** Index of its phase; a lower one starts earlier. */
  readonly phase: number;
  /** Plugins it cannot run without, id to range. */
  readonly requires: Readonly<Record<string, string>>;
  /** Plugins it uses when they are there, id to range. */
  readonly optional: Readonly<Record<string, string>>;
  /** Plugins it cannot run beside, id to range. */
  readonly conflicts: Readonly<Record<string, string>>;
  /** Capabilities it provides, name to version. */
  readonly provides: Readonly<Record<string, string>>;
  /** Capabilities it uses, by name. */
  readonly uses: Readonly<Record<string, { readonly version: string; readonly optional: boolean }>>;
  /** Things it shares, name to what it declares each to be, in words: "a lock". */
  readonly resources: Readonly<Record<string, string>>;
}

/** A plugin that is there but cannot start for a reason of its own, such as a missing consent. */
export interface UnavailablePlugin {
  /** Plugin id. */
  readonly id: string;
  /** Capabilities it would provide, name to version. */
  readonly provides: Readonly<Record<string, string>>;
}

/** Why a plugin cannot start. */
export interface GraphProblem {
  /** Kind of the problem. */
  readonly type: "missing" | "version" | "capability" | "conflict" | "cycle" | "blocked";
  /** One sentence. */
  readonly message: string;
  /** What to look at or to change, where that is not the graph. */
  readonly hint?: string;
}

/** That one plugin waits for another. */
export interface GraphEdge {
  /** The plugin that waits. */
  readonly from: string;
  /** The plugin that it waits for. */
  readonly to: string;
  /** Whether it starts without. */
  readonly optional: boolean;
  /** What it is about: a range, or the capability's name. */
  readonly label: string;
}
