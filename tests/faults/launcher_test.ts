import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { exists } from "@std/fs";
import { CordonError } from "../../src/errors.ts";
import { writeBootstrap, writeLauncher } from "../../src/sandbox/bootstrap_file.ts";
import { planConfinement } from "../../src/sandbox/confinement.ts";
import { Launcher } from "../../src/sandbox/launcher.ts";
import { createProcessSandboxes } from "../../src/sandbox/process_sandbox.ts";
import { createSandboxes } from "../../src/sandbox/sandboxes.ts";
import { createSpec } from "../sandbox/open_plugin.ts";
import { eventually, listProcesses } from "./host_process.ts";
import { TIERS } from "./tiers.ts";

const ignore = TIERS.some(({ tier, obstacle }) => tier === "os" && obstacle !== undefined);

/** A folder with what sandboxes are made of; nothing may be left of them when the block ends. */
async function openWorkshop(script?: string): Promise<Workshop> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "cordon-launcher-" }));
  for (const name of ["code", "data", "deno", "run", "scratch"]) await Deno.mkdir(`${dir}/${name}`);
  const bootstrap = await writeBootstrap(`${dir}/bootstrap`);
  const path = script === undefined ? await writeLauncher(`${dir}/bootstrap`) : `${dir}/bootstrap/odd.js`;
  if (script !== undefined) await Deno.writeTextFile(path, script);
  const launcher = new Launcher({ script: path, cacheDir: `${dir}/bootstrap/deno`, readyMs: 1_000 });
  return {
    dir,
    launcher,
    open: createProcessSandboxes({ bootstrap, socketDir: `${dir}/run`, launcher }),
    async [Symbol.asyncDispose]() {
      await launcher[Symbol.asyncDispose]();
      assertEquals(await Array.fromAsync(Deno.readDir(`${dir}/run`)), [], "sockets are left");
      await eventually(async () => (await listProcesses(dir)).length === 0, "the end of every process");
      await Deno.remove(dir, { recursive: true });
    },
  };
}

interface Workshop extends AsyncDisposable {
  readonly dir: string;
  readonly launcher: Launcher;
  readonly open: ReturnType<typeof createProcessSandboxes>;
}

/** Process id of the spare launcher, once it waits for its order. */
async function findSpare({ dir, launcher }: Workshop): Promise<number> {
  await launcher.warm();
  const [pid] = await listProcesses(dir);
  assert(pid !== undefined, "there is a spare launcher");
  return pid;
}

/** What opening a sandbox fails with. */
async function failToOpen(workshop: Workshop, spec: object = {}): Promise<CordonError> {
  return await assertRejects(
    () => workshop.open({ ...createSpec(workshop.dir), ...spec }),
    CordonError,
  );
}

Deno.test({
  name: "A spare launcher that was killed is replaced by another, unseen",
  ignore,
  async fn() {
    await using workshop = await openWorkshop();
    const pid = await findSpare(workshop);
    Deno.kill(pid, "SIGKILL");
    await eventually(async () => !await exists(`/proc/${pid}`), "the end of the spare");
    const spawned: number[] = [];
    await using sandbox = await workshop.open({
      ...createSpec(workshop.dir),
      onSpawn: (pid) => spawned.push(pid),
    });
    assertEquals(spawned, [pid, sandbox.pid!]);
  },
});

Deno.test({
  name: "A launcher killed between its order and its becoming Deno fails that start only",
  ignore,
  async fn() {
    await using workshop = await openWorkshop();
    const pid = await findSpare(workshop);
    Deno.kill(pid, "SIGSTOP");
    const failing = failToOpen(workshop, { onSpawn: () => queueMicrotask(() => Deno.kill(pid, "SIGKILL")) });
    assertMatch(
      (await failing).message,
      /Deno ended with code 137 before it connected|its launcher has ended/,
    );
    await using sandbox = await workshop.open(createSpec(workshop.dir));
    assertEquals(sandbox.tier, "os");
  },
});

Deno.test({
  name: "A launcher that is stopped holds a start up to its deadline, however long its order",
  ignore,
  async fn(test) {
    for (const paths of [0, 100]) {
      await test.step(`an order of ${paths} paths`, async () => {
        await using workshop = await openWorkshop();
        Deno.kill(await findSpare(workshop), "SIGSTOP");
        const permissions = Array.from({ length: paths }, (_, n) => ({
          kind: "ffi" as const,
          value: `/nowhere/${n}/${"x".repeat(1_000)}`,
        }));
        const reason = new Error("enough");
        const aborting = new AbortController();
        const opening = workshop.open(
          createSpec(workshop.dir, { permissions, onSpawn: () => setTimeout(() => aborting.abort(reason)) }),
          { signal: aborting.signal },
        );
        assertEquals(await opening.catch((error) => error), reason);
      });
    }
  },
});

Deno.test({
  name: "A launcher that is none is refused with its own words",
  ignore,
  async fn(test) {
    const scripts = {
      "prints garbage": ['Deno.stdout.writeSync(new TextEncoder().encode("garbage\\n"));', /garbage/],
      "prints another document": ["console.log('[]'); Deno.stdin.readSync(new Uint8Array(1))", /greeting/],
      "never greets": ["setInterval(() => {}, 1_000);", /not ready within 1000 ms/],
      "ends at once": ["", /it ended before it was ready/],
      "throws": ["throw new Error('no mood');", /no mood/],
    } as const;
    for (const [name, [script, message]] of Object.entries(scripts)) {
      await test.step(name, async () => {
        await using workshop = await openWorkshop(script);
        const error = await failToOpen(workshop);
        assertEquals(error.code, "confinement_failed");
        assertMatch(error.message, message);
      });
    }
  },
});

Deno.test({
  name: "A launcher that cannot do what it is told says why and is gone",
  ignore,
  async fn(test) {
    await test.step("a working folder that is not there", async () => {
      await using workshop = await openWorkshop();
      const error = await failToOpen(workshop, { scratchDir: `${workshop.dir}/missing` });
      assertEquals(error.code, "confinement_failed");
      assertMatch(error.message, /chdir to ".*missing" failed: ENOENT/);
    });
    await test.step("a program that is not there", async () => {
      await using workshop = await openWorkshop();
      const plan = { argv: ["/nowhere/deno"], env: {}, bootstrap: `${workshop.dir}/bootstrap` };
      const { order } = planConfinement(createSpec(workshop.dir), plan);
      const child = await workshop.launcher.launch(order, { onSpawn: () => {} });
      await child.stdin.close();
      const { code, stderr } = await child.output();
      assertEquals(code, 126);
      assertMatch(new TextDecoder().decode(stderr), /execve of "\/nowhere\/deno" failed/);
    });
  },
});

Deno.test({
  name: "A process whose number cannot be noted is ended before it does anything",
  ignore,
  async fn() {
    await using workshop = await openWorkshop();
    const spec = {
      ...createSpec(workshop.dir),
      onSpawn() {
        throw new Error("disk full");
      },
    };
    await assertRejects(() => workshop.open(spec), Error, "disk full");
  },
});

Deno.test({
  name: "A confinement that fails falls back to tier deno only where policy says so, aloud",
  ignore,
  async fn() {
    for (const tierFallback of [false, true]) {
      await using workshop = await openWorkshop();
      const { dir } = workshop;
      const notices: string[] = [];
      await using sandboxes = await createSandboxes({
        codeDir: `${dir}/bootstrap`,
        socketDir: `${dir}/run`,
        tier: "os",
        tierFallback,
        onNotice: (message) => notices.push(message),
      });
      // A bound that is none: the kernel cannot be told it.
      const bounds = { memoryBytes: undefined, descriptors: NaN, fileBytes: undefined };
      const opening = sandboxes.process(createSpec(dir, { bounds }));
      if (tierFallback) {
        await using sandbox = await opening;
        assertEquals(sandbox.tier, "deno");
        assertMatch(notices.join(), /"test.plugin" runs in tier "deno", as policy allows: .*Cannot confine/);
      } else {
        assertEquals((await assertRejects(() => opening, CordonError)).code, "confinement_failed");
        assertEquals(notices, []);
      }
    }
  },
});
