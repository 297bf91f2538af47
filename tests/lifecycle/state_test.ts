import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { canMove, formatStateDiagram, type PluginState, TRANSITIONS } from "../../src/lifecycle/state.ts";

const STATES = Object.keys(TRANSITIONS) as PluginState[];

/** Every state that some moves lead to. */
function reach(from: PluginState): Set<PluginState> {
  const reached = new Set([from]);
  for (const state of reached) for (const next of TRANSITIONS[state]) reached.add(next);
  return reached;
}

Deno.test("TRANSITIONS lead to every state, and from every state back to a running plugin", () => {
  assertEquals([...reach("discovered")].sort(), STATES.toSorted());
  for (const state of STATES) assert(reach(state).has("running"), state);
});

Deno.test("TRANSITIONS name known states only, each once", () => {
  for (const [from, targets] of Object.entries(TRANSITIONS)) {
    assertEquals(targets.filter((to) => !STATES.includes(to)), [], from);
    assertStrictEquals(new Set(targets).size, targets.length, from);
  }
});

Deno.test("canMove() allows what stands in the table and nothing else", () => {
  for (const from of STATES) {
    for (const to of STATES) {
      assertStrictEquals(canMove(from, to), TRANSITIONS[from].includes(to), `${from} ${to}`);
    }
  }
});

Deno.test("canMove() lets nobody run who did not start, nor start who was not let", () => {
  const into = (to: PluginState) => STATES.filter((from) => canMove(from, to));
  assertEquals(into("running"), ["starting", "degraded", "reloading"]);
  assertEquals(into("starting"), ["ready", "stopped", "backoff", "failed"]);
  // What was stopped with the host waits for its event again.
  assertEquals(into("ready"), ["discovered", "blocked", "stopped"]);
  assertEquals(into("invalid"), ["discovered"]);
  // One that ends by itself as it should has stopped.
  assertEquals(into("stopped"), ["running", "degraded", "reloading", "stopping", "backoff"]);
});

Deno.test("formatStateDiagram() draws every move once", () => {
  const lines = formatStateDiagram().split("\n");
  assertEquals(lines.slice(0, 2), ["stateDiagram-v2", "  [*] --> discovered"]);
  const moves = STATES.flatMap((from) =>
    TRANSITIONS[from].filter((to) => to !== from).map((to) => `  ${from} --> ${to}`)
  );
  assertEquals(lines.slice(2), moves);
});
