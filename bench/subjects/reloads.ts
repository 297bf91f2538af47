/**
 * From the save of a file to the first answer of the new code, beside a bare
 * watch with a bare process; and a change of many plugins at once, beside their
 * start.
 *
 * @module
 */

import { JsonFloor } from "../floors/json_host.ts";
import { time } from "../measure.ts";
import type { Subject } from "../subject.ts";
import { ECHO, openWorkspace, writePlugins } from "../workspace.ts";

/** Quiet before each save: a sandbox is made ready, and saves that come too often are held. */
const QUIET_MS = 2_100;
const PLUGINS = 50;

/** Into a sandbox that waits. */
export function openStandbyReload(): Promise<Subject> {
  return openSave({ name: "save to answer, standby", goal: 15, isWarm: true });
}

/** Into a process that is started then. */
export function openColdReload(): Promise<Subject> {
  return openSave({ name: "save to answer, cold", goal: 60, isWarm: false });
}

/** Milliseconds until 50 plugins that changed together serve, beside their staged start. */
export async function openReloadOfMany(): Promise<Subject> {
  await using stack = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir({ prefix: "cordon-bench-" });
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  await writePlugins(dir, PLUGINS);
  const workspace = stack.use(await openWorkspace([dir]));
  const { host } = workspace;
  let version = 0;
  const parts = stack.move();
  return {
    name: `reload of ${PLUGINS} plugins`,
    unit: "ms",
    better: "lower",
    target: 1.3,
    rounds: 5,
    contenders: {
      cordon: async () => {
        await host.start();
        version++;
        for (let index = 0; index < PLUGINS; index++) {
          await Deno.writeTextFile(`${dir}/p${index}/main.ts`, await withVersion(version));
        }
        const figure = await time(() => host.rescan());
        await host.stop();
        return figure;
      },
      floor: async () => {
        const figure = await time(() => host.start());
        await host.stop();
        return figure;
      },
    },
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  };
}

async function openSave(
  { name, goal, isWarm }: { name: string; goal: number; isWarm: boolean },
): Promise<Subject> {
  await using stack = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir({ prefix: "cordon-bench-" });
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  await Deno.mkdir(`${dir}/cordon`);
  await Deno.mkdir(`${dir}/floor`);
  const manifest = await Deno.readTextFile(`${ECHO}/plugin.toml`);
  // Another manifest at each save fits no sandbox that waits.
  const save = async (version: number) => {
    const text = isWarm ? manifest : `${manifest}start_timeout = "${10_000 + version}ms"\n`;
    await Deno.writeTextFile(`${dir}/cordon/plugin.toml`, text);
    await Deno.writeTextFile(`${dir}/cordon/main.ts`, await withVersion(version));
  };
  await save(0);
  const { host } = stack.use(await openWorkspace([`${dir}/cordon`], { watch: true }));
  await host.start();
  const floor = stack.use(await SaveFloor.open(`${dir}/floor`, { isWarm }));
  let version = 0;
  const parts = stack.move();
  return {
    name,
    unit: "ms",
    better: "lower",
    target: 4,
    goal,
    rounds: 9,
    contenders: {
      cordon: async () => {
        await settle();
        const wanted = ++version;
        await save(wanted);
        return await time(async () => {
          while (await host.call("bench.echo", "version") !== wanted);
        });
      },
      floor: async () => {
        await settle();
        return await floor.save(await withVersion(++version));
      },
    },
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  };
}

/** A bare watch, and a bare process that imports what was saved. */
class SaveFloor implements AsyncDisposable {
  readonly #dir: string;
  readonly #isWarm: boolean;
  #ready: JsonFloor | undefined;

  constructor(dir: string, isWarm: boolean) {
    this.#dir = dir;
    this.#isWarm = isWarm;
  }

  static async open(dir: string, { isWarm }: { isWarm: boolean }): Promise<SaveFloor> {
    const floor = new SaveFloor(dir, isWarm);
    await floor.#prepare();
    return floor;
  }

  /** Milliseconds until what was saved answers. */
  async save(text: string): Promise<number> {
    const path = `${this.#dir}/main.ts`;
    const watch = Deno.watchFs(this.#dir);
    await Deno.writeTextFile(path, text);
    const figure = await time(async () => {
      for await (const { kind } of watch) if (kind === "access" || kind === "modify") break;
      this.#ready ??= await JsonFloor.open({ dir: this.#dir, cacheDir: `${this.#dir}/cache` });
      await this.#ready.load(path);
      await this.#ready.call(1);
    });
    await this.#ready?.[Symbol.asyncDispose]();
    this.#ready = undefined;
    await this.#prepare();
    return figure;
  }

  async #prepare(): Promise<void> {
    if (this.#isWarm) this.#ready = await JsonFloor.open({ dir: this.#dir, cacheDir: `${this.#dir}/cache` });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ready?.[Symbol.asyncDispose]();
  }
}

/** The echo plugin, with a method that says which text it is. */
async function withVersion(version: number): Promise<string> {
  const text = await Deno.readTextFile(`${ECHO}/main.ts`);
  return text.replace("return { answer", `return { version: () => ${version}, answer`);
}

function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, QUIET_MS));
}
