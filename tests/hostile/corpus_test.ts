import { assert, assertEquals } from "@std/assert";
import { type Outcome, runAttacks } from "./arena.ts";
import { probeKernel } from "../../src/sandbox/kernel_support.ts";
import {
  type Attack,
  CLASSES,
  type Expectation,
  expectationOf,
  obstacleTo,
  readAttacks,
  TIERS,
  VERDICTS,
} from "./corpus.ts";

/** Folders that hold no attacks. */
const PROPS = ["outside", "runners", "witness"];

const machine = {
  isRoot: Deno.build.os !== "windows" && Deno.uid() === 0,
  landlock: probeKernel().landlock,
};

Deno.test("Each attack says what has to come of it, and by which evidence that is seen", async () => {
  for await (const { name, isDirectory } of Deno.readDir(new URL(".", import.meta.url))) {
    if (isDirectory && !PROPS.includes(name)) {
      assert((CLASSES as readonly string[]).includes(name), `"${name}" is no class`);
    }
  }
  for (const className of CLASSES) {
    for (const { name, deno, os } of await readAttacks(className)) {
      const place = `${className}/${name}/expect.toml`;
      assert(deno !== undefined, `${place} has no verdict for tier "deno"`);
      for (const { verdict, by, evidence } of os === undefined ? [deno] : [deno, os]) {
        assert(VERDICTS.includes(verdict), `${place} has the unknown verdict "${verdict}"`);
        assert(by.length > 10 && by.length <= 120, `${place} does not say in a phrase what stops it`);
        assert([evidence].flat().every((text) => text.length >= 5), `${place} names no evidence`);
      }
    }
  }
});

for (const tier of TIERS) {
  for (const className of CLASSES) {
    Deno.test({
      name: `Attacks of the class "${className}" come to what is expected on tier "${tier}"`,
      ignore: Deno.build.os !== "linux" || (tier === "os" && machine.landlock === 0),
      async fn(t) {
        const attacks = await readAttacks(className);
        const tried: Attack[] = [];
        for (const attack of attacks) {
          const reason = await obstacleTo(attack, tier, machine);
          if (reason === undefined) tried.push(attack);
          else await t.step({ name: `${attack.name}: ${reason}`, ignore: true, fn() {} });
        }
        for (const outcome of await runAttacks(tried, tier)) {
          await t.step(outcome.attack.name, () => judge(outcome, expectationOf(outcome.attack, tier)));
        }
      },
    });
  }
}

function judge({ verdict, transcript, damage }: Outcome, { verdict: expected, evidence }: Expectation): void {
  assertEquals(verdict, expected, transcript);
  // More than one where machines differ in what stops it.
  const texts = [evidence].flat();
  assert(texts.some((text) => transcript.includes(text)), `none of ${JSON.stringify(texts)}: ${transcript}`);
  if (expected !== "open") assertEquals(damage, [], transcript);
}
