import { assert, assertRejects } from "@std/assert";
import { probeKernel } from "../../src/sandbox/kernel_support.ts";
import { findWorkerObstacle } from "../../src/sandbox/worker_support.ts";
import { CONFORMANCE, SANDBOX_KINDS } from "./conformance.ts";
import { Lab } from "./lab.ts";

const obstacle = await findWorkerObstacle();
// On a terminal Deno would ask whoever runs the tests; anything else in the way is a fault of ours.
const asksOnTerminal = obstacle?.hint?.includes("--no-prompt") ?? false;

Deno.test("Workers can be confined where the tests run, but for a terminal", () => {
  assert(obstacle === undefined || asksOnTerminal, obstacle?.message);
});

for (const kind of SANDBOX_KINDS) {
  for (const { name, run, differs, untried } of CONFORMANCE) {
    const difference = differs?.[kind];
    if (difference !== undefined && untried) continue;
    const claim = difference === undefined ? name : `${name}: not here (${difference})`;
    Deno.test({
      name: `A sandbox of tier "${kind}" ${claim}`,
      ignore: (kind === "worker" && asksOnTerminal) || (kind === "os" && probeKernel().landlock === 0),
      async fn() {
        await using lab = await Lab.open(kind);
        if (difference === undefined) await run(lab);
        else await assertRejects(() => run(lab), Error);
      },
    });
  }
}

// On the stronger of the two tiers, where there is one.
const supervisedKind = probeKernel().landlock === 0 ? "deno" : "os";

for (const { name, run, differs } of CONFORMANCE) {
  Deno.test({
    name: `A supervised sandbox of tier "${supervisedKind}" ${name}`,
    ignore: Deno.build.os === "windows" || differs?.[supervisedKind] !== undefined,
    async fn() {
      await using lab = await Lab.open(supervisedKind, { isSupervised: true });
      await run(lab);
    },
  });
}
