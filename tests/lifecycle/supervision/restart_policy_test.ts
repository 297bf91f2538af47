import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import {
  backoffRange,
  type EndKind,
  HEALTHY_WAITS,
  MOST_RESTARTS,
  RestartPolicy,
  type RestartRule,
} from "../../../src/lifecycle/supervision/restart_policy.ts";

const RULE: RestartRule = {
  restart: "on-failure",
  backoffMs: [1_000, 60_000],
  maxRestarts: { count: 5, periodMs: 600_000 },
};

/** A policy with its clock and dice in our hands. */
function createPolicy(rule: Partial<RestartRule> = {}, random = () => 0) {
  const clock = { now: 0 };
  return { clock, policy: new RestartPolicy({ ...RULE, ...rule }, { now: () => clock.now, random }) };
}

/** Ends and restarts in a row, each after a run of some length; returns when the restarts were, and what ended it. */
function play(
  rule: RestartRule,
  runs: readonly { ranMs: number; lateMs: number; kind: EndKind; startFails: boolean; dice: number }[],
) {
  let dice = 0;
  const { clock, policy } = createPolicy(rule, () => dice);
  const restarts: number[] = [];
  for (const run of runs) {
    if (!run.startFails) policy.noteRunning();
    clock.now += run.startFails ? 1 : run.ranMs;
    dice = run.dice;
    const decision = policy.decide(run.startFails ? "failed" : run.kind);
    if (decision.type !== "restart") return { restarts, decision, at: clock.now };
    const [shortest, longest] = backoffRange(rule, decision.attempt);
    assert(decision.delayMs >= Math.min(...rule.backoffMs) && decision.delayMs <= rule.backoffMs[1]);
    assert(decision.delayMs >= Math.floor(shortest) && decision.delayMs <= Math.ceil(longest));
    // A timer is never early, and may be late.
    clock.now += decision.delayMs + run.lateMs;
    policy.noteRestart();
    restarts.push(clock.now);
  }
  return { restarts, decision: undefined, at: clock.now };
}

const anyRule = fc.record({
  restart: fc.constantFrom<RestartRule["restart"]>("never", "on-failure", "always"),
  backoffMs: fc.tuple(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 0, max: 100_000 }))
    .map(([first, more]) => [first, first + more] as const),
  maxRestarts: fc.record({
    count: fc.integer({ min: 1, max: 12 }),
    periodMs: fc.integer({ min: 1, max: 1_000_000 }),
  }),
});

const anyRuns = fc.array(
  fc.record({
    ranMs: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 400_000 })),
    lateMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 50_000 })),
    kind: fc.constantFrom<EndKind>("failed", "failed", "failed", "clean"),
    startFails: fc.boolean(),
    dice: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  }),
  { maxLength: 60 },
);

Deno.test("RestartPolicy never restarts more often than it may, in any window of time", () => {
  fc.assert(fc.property(anyRule, anyRuns, (rule, runs) => {
    const { restarts } = play(rule, runs);
    const { count, periodMs } = rule.maxRestarts;
    for (let index = count; index < restarts.length; index++) {
      assert(restarts[index]! - restarts[index - count]! >= periodMs);
    }
  }));
});

Deno.test("RestartPolicy gives up only where as many restarts as allowed were within the time", () => {
  fc.assert(fc.property(anyRule, anyRuns, (rule, runs) => {
    const { restarts, decision, at } = play(rule, runs);
    if (decision?.type !== "give_up") return;
    const { count, periodMs } = rule.maxRestarts;
    assert(restarts.filter((time) => at - time < periodMs).length >= count);
    assertEquals(decision.limit, rule.maxRestarts);
  }));
});

Deno.test("RestartPolicy leaves alone what its rule does not name, and nothing else", () => {
  fc.assert(fc.property(anyRule, anyRuns, (rule, runs) => {
    const { decision, restarts } = play(rule, runs);
    const last = runs[restarts.length];
    const isClean = last !== undefined && !last.startFails && last.kind === "clean";
    const isLeft = rule.restart === "never" || (rule.restart === "on-failure" && isClean);
    if (last !== undefined) assertEquals(decision?.type === "leave", isLeft);
  }));
});

Deno.test("RestartPolicy waits longer at most with each failure in a row", () => {
  const { policy } = createPolicy({ maxRestarts: { count: 100, periodMs: 1 } }, () => 1 - Number.EPSILON);
  const waits = Array.from({ length: 8 }, () => {
    const decision = policy.decide("failed");
    return decision.type === "restart" ? decision.delayMs : undefined;
  });
  assertEquals(waits, [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

Deno.test("RestartPolicy begins with the first wait again after a healthy run, and not after a shorter one", () => {
  const { clock, policy } = createPolicy();
  const endAfter = (ranMs: number) => {
    policy.noteRunning();
    clock.now += ranMs;
    const decision = policy.decide("failed");
    return decision.type === "restart" ? decision.attempt : undefined;
  };
  const healthyMs = HEALTHY_WAITS * RULE.backoffMs[1];
  assertEquals([5, 5, healthyMs - 1, healthyMs, 5].map(endAfter), [1, 2, 3, 1, 2]);
  // A start that fails is no run, however long it took.
  clock.now += 10 * healthyMs;
  assertEquals(policy.decide("failed"), { type: "restart", attempt: 3, delayMs: 1_000 });
});

Deno.test("RestartPolicy.reset() lets a plugin that was given up be restarted as if nothing had been", () => {
  const { policy } = createPolicy({ maxRestarts: { count: 2, periodMs: 1_000 } });
  for (let restarts = 0; restarts < 2; restarts++) {
    assertEquals(policy.decide("failed").type, "restart");
    policy.noteRestart();
  }
  assertEquals(policy.decide("failed"), { type: "give_up", limit: { count: 2, periodMs: 1_000 } });
  policy.reset();
  assertEquals(policy.decide("failed"), { type: "restart", attempt: 1, delayMs: 1_000 });
});

Deno.test("RestartPolicy bounds a manifest that allows itself everything", () => {
  const { clock, policy } = createPolicy({
    backoffMs: [1, 1],
    maxRestarts: { count: 999_999_999, periodMs: 1 },
  });
  let restarts = 0;
  while (policy.decide("failed").type === "restart") {
    clock.now += 1;
    policy.noteRestart();
    restarts++;
  }
  assertEquals(restarts, MOST_RESTARTS.count);
  assertEquals(policy.decide("failed"), { type: "give_up", limit: MOST_RESTARTS });
});

Deno.test("backoffRange() stays within what a timer can keep", () => {
  const year = 365 * 24 * 3_600_000;
  assertEquals(backoffRange({ backoffMs: [year, year] }, 1_000), [2 ** 31 - 1, 2 ** 31 - 1]);
  // A last wait below the first is the bound still.
  assertEquals(backoffRange({ backoffMs: [1_000, 10] }, 1), [10, 10]);
});
