import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Outcome, runAttacks } from "./arena.ts";
import { probeKernel } from "../../src/sandbox/kernel_support.ts";
import { CLASSES, type Expectation, expectationOf, readAttacks, TIERS, VERDICTS } from "./corpus.ts";

/** Device files take root. */
const isRoot = Deno.build.os !== "windows" && Deno.uid() === 0;

Deno.test("Each attack says what has to come of it, and by which evidence that is seen", async () => {
  for await (const { name, isDirectory } of Deno.readDir(new URL(".", import.meta.url))) {
    if (isDirectory && !["outside", "witness"].includes(name)) {
      assert((CLASSES as readonly string[]).includes(name), `"${name}" is no class`);
    }
  }
  for (const className of CLASSES) {
    for (const { name, deno } of await readAttacks(className)) {
      const place = `${className}/${name}/expect.toml`;
      assert(deno !== undefined, `${place} has no verdict for tier "deno"`);
      assert(VERDICTS.includes(deno.verdict), `${place} has the unknown verdict "${deno.verdict}"`);
      assert(deno.by.length > 10 && deno.by.length <= 120, `${place} does not say in a phrase what stops it`);
      assert(deno.evidence.length >= 5, `${place} names no evidence`);
    }
  }
});

for (const tier of TIERS) {
  for (const className of CLASSES) {
    Deno.test({
      name: `Attacks of the class "${className}" come to what is expected on tier "${tier}"`,
      ignore: Deno.build.os !== "linux" || (tier === "os" && probeKernel().landlock === 0),
      async fn(t) {
        const attacks = (await readAttacks(className)).filter(({ make }) =>
          isRoot || make.devices === undefined
        );
        for (const outcome of await runAttacks(attacks, tier)) {
          await t.step(outcome.attack.name, () => judge(outcome, expectationOf(outcome.attack, tier)));
        }
      },
    });
  }
}

function judge({ verdict, transcript, damage }: Outcome, { verdict: expected, evidence }: Expectation): void {
  assertEquals(verdict, expected, transcript);
  assertStringIncludes(transcript, evidence);
  if (expected !== "open") assertEquals(damage, [], transcript);
}
