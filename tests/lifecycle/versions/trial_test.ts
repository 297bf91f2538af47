import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Trial, type TrialVerdict } from "../../../src/lifecycle/versions/trial.ts";

Deno.test("Trial is passed by a version that runs for its time", () => {
  const trial = new Trial({ trialMs: 100, trialCrashes: 0 }, 1_000);
  assertEquals([trial.look(1_099).type, trial.remainingMs(1_099)], ["on_trial", 1]);
  assertEquals([trial.look(1_100).type, trial.remainingMs(1_100)], ["passed", 0]);
  assertEquals(new Trial({ trialMs: 0, trialCrashes: 0 }, 5).look(5).type, "passed");
});

Deno.test("Trial is lost by one crash more than allowed, or by health", () => {
  const crashing = new Trial({ trialMs: 100, trialCrashes: 1 }, 0);
  assertEquals(crashing.crash(10, "first").type, "on_trial");
  crashing.resume(20);
  assertEquals(crashing.crash(30, "second"), { type: "roll_back", reason: "second" });
  const sick = new Trial({ trialMs: 100, trialCrashes: 5 }, 0);
  assertEquals(sick.fail(99, "no answer"), { type: "roll_back", reason: "no answer" });
});

Deno.test("Trial does not count the time in which the version is down", () => {
  const trial = new Trial({ trialMs: 100, trialCrashes: 1 }, 0);
  trial.crash(50, "once");
  assertEquals(trial.look(1_000).type, "on_trial");
  trial.resume(1_000);
  assertEquals([trial.look(1_049).type, trial.look(1_050).type], ["on_trial", "passed"]);
});

Deno.test("Trial takes no more than the allowed crashes, needs its time of running, and never changes its verdict", () => {
  const step = fc.record({
    waitMs: fc.nat(60),
    what: fc.constantFrom("crash" as const, "resume" as const, "look" as const, "fail" as const),
  });
  fc.assert(fc.property(
    fc.array(step, { maxLength: 40 }),
    fc.integer({ min: 0, max: 200 }),
    fc.nat(4),
    (steps, trialMs, trialCrashes) => {
      const trial = new Trial({ trialMs, trialCrashes }, 0);
      let [now, upMs, crashes, isUp, hasFailed] = [0, 0, 0, true, false];
      let verdict: TrialVerdict = trial.look(now);
      for (const { waitMs, what } of steps) {
        now += waitMs;
        if (isUp) upMs += waitMs;
        const before = verdict;
        if (what === "crash") [verdict, crashes, isUp] = [trial.crash(now, "crash"), crashes + 1, false];
        else if (what === "fail") [verdict, hasFailed] = [trial.fail(now, "health"), true];
        else {
          if (what === "resume") [isUp] = [true, trial.resume(now)];
          verdict = trial.look(now);
        }
        if (before.type !== "on_trial") {
          assertEquals(verdict, before);
          return;
        }
        if (verdict.type === "passed") assert(upMs >= trialMs);
        if (verdict.type === "roll_back") assert(hasFailed || crashes > trialCrashes);
        if (verdict.type === "on_trial") {
          assert(!hasFailed && crashes <= trialCrashes && (!isUp || upMs < trialMs));
        }
      }
    },
  ));
});
