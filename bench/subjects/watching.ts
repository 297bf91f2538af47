/**
 * Watching plugin folders, beside the bare watch of the system: what it costs
 * to begin with 10,000 files, to wait, and to notice that one was saved.
 *
 * @module
 */

import process from "node:process";
import { PluginWatcher } from "../../src/reload/watcher.ts";
import { time } from "../measure.ts";
import type { Subject } from "../subject.ts";

const PLUGINS = 100;
const FILES = 100;
const IDLE_MS = 2_000;

/** Plugin folders with 10,000 files in all. */
interface Tree extends AsyncDisposable {
  readonly root: string;
  readonly pluginDirs: ReadonlySet<string>;
}

/** Milliseconds until changes of 10,000 files are told. */
export async function openWatchStart(): Promise<Subject> {
  const tree = await makeTree();
  return {
    name: "watching 10,000 files",
    unit: "ms",
    better: "lower",
    target: 3,
    goal: 100,
    rounds: 9,
    contenders: {
      cordon: async () => {
        await using watcher = createWatcher(tree, () => {});
        return await time(() => watcher.start());
      },
      floor: async () => {
        let watch: Deno.FsWatcher | undefined;
        const ms = await time(() => {
          watch = Deno.watchFs(tree.root);
          return Promise.resolve();
        });
        await endWatch(watch!);
        return ms;
      },
    },
    [Symbol.asyncDispose]: () => tree[Symbol.asyncDispose](),
  };
}

/** Milliseconds of the processor's time that two seconds of waiting take. */
export async function openIdleWatch(): Promise<Subject> {
  const tree = await makeTree();
  return {
    name: "idle watch of 10,000 files",
    unit: "ms CPU in 2 s",
    better: "lower",
    // Both are close to nothing, so the ratio says little.
    target: 10,
    goal: 10,
    rounds: 5,
    contenders: {
      cordon: async () => {
        await using watcher = createWatcher(tree, () => {});
        await watcher.start();
        return await measureIdle();
      },
      floor: async () => {
        const watch = Deno.watchFs(tree.root);
        const ms = await measureIdle();
        await endWatch(watch);
        return ms;
      },
    },
    [Symbol.asyncDispose]: () => tree[Symbol.asyncDispose](),
  };
}

/** Milliseconds from the end of a save until it is told. */
export async function openSaveNoticed(): Promise<Subject> {
  const tree = await makeTree();
  const file = `${tree.root}/p50/f50.ts`;
  let onBatch = () => {};
  const watcher = createWatcher(tree, () => onBatch());
  await watcher.start();
  return {
    name: "save noticed",
    unit: "ms",
    better: "lower",
    // The system tells of it when the file is closed; that nothing follows shows 2 ms later.
    target: 20,
    goal: 5,
    rounds: 51,
    contenders: {
      cordon: () => {
        const { promise, resolve } = Promise.withResolvers<void>();
        onBatch = resolve;
        save(file);
        return time(() => promise);
      },
      floor: async () => {
        const watch = Deno.watchFs(tree.root);
        save(file);
        const ms = await time(async () => {
          for await (const { kind } of watch) if (kind === "access") break;
        });
        await endWatch(watch);
        return ms;
      },
    },
    async [Symbol.asyncDispose]() {
      await watcher.close();
      await tree[Symbol.asyncDispose]();
    },
  };
}

function createWatcher({ root, pluginDirs }: Tree, onBatch: () => void): PluginWatcher {
  return new PluginWatcher({
    roots: [root],
    pluginDirs,
    onBatch: () => {
      onBatch();
      return Promise.resolve();
    },
  });
}

async function makeTree(): Promise<Tree> {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "cordon-bench-" }));
  const pluginDirs = new Set(Array.from({ length: PLUGINS }, (_, plugin) => `${root}/p${plugin}`));
  for (const dir of pluginDirs) {
    await Deno.mkdir(dir);
    for (let file = 0; file < FILES; file++) await Deno.writeTextFile(`${dir}/f${file}.ts`, "export {};");
  }
  return { root, pluginDirs, [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }) };
}

function save(file: string): void {
  Deno.writeTextFileSync(file, crypto.randomUUID());
}

async function measureIdle(): Promise<number> {
  const before = process.cpuUsage();
  await new Promise<void>((resolve) => setTimeout(resolve, IDLE_MS));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** The system's watch ends with its last event, and only then another one can begin. */
async function endWatch(watch: Deno.FsWatcher): Promise<void> {
  watch.close();
  for await (const _ of watch) {
    // What came before the end.
  }
}
