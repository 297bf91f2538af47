/**
 * The states of a plugin and the moves between them, as data. The diagram in
 * the docs is made from this table.
 *
 * @module
 */

/** Where a plugin stands. */
export type PluginState =
  | "discovered"
  | "invalid"
  | "blocked"
  | "ready"
  | "starting"
  | "running"
  | "degraded"
  | "reloading"
  | "stopping"
  | "stopped"
  | "backoff"
  | "failed";

/** What a blocked plugin waits for. */
export type BlockReason = "consent" | "dependency" | "policy" | "conflict" | "variable" | "rejected";

/** From each state, where to. */
export const TRANSITIONS: Readonly<Record<PluginState, readonly PluginState[]>> = {
  discovered: ["invalid", "blocked", "ready"],
  invalid: ["discovered"],
  blocked: ["discovered", "ready", "blocked"],
  ready: ["discovered", "starting", "blocked"],
  starting: ["running", "failed", "stopping", "backoff"],
  running: ["degraded", "reloading", "stopping", "stopped", "backoff", "failed"],
  degraded: ["running", "reloading", "stopping", "stopped", "backoff", "failed"],
  reloading: ["running", "stopping", "stopped", "backoff", "failed"],
  stopping: ["stopped", "backoff", "failed"],
  stopped: ["discovered", "ready", "starting", "blocked"],
  backoff: ["starting", "stopped", "blocked", "failed"],
  failed: ["discovered", "starting", "blocked"],
};

/** States in which a plugin serves. */
const SERVING: ReadonlySet<PluginState> = new Set(["running", "degraded", "reloading"]);

/** Whether a plugin in some state serves: it takes calls and events. */
export function isServing(state: PluginState): boolean {
  return SERVING.has(state);
}

/** Whether the table has a move from one state to another. */
export function canMove(from: PluginState, to: PluginState): boolean {
  return TRANSITIONS[from].includes(to);
}

/** The table as a Mermaid state diagram. */
export function formatStateDiagram(): string {
  const lines = Object.entries(TRANSITIONS).flatMap(([from, targets]) =>
    targets.filter((to) => to !== from).map((to) => `  ${from} --> ${to}`)
  );
  return ["stateDiagram-v2", "  [*] --> discovered", ...lines].join("\n");
}
