import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { eventually } from "../faults/host_process.ts";
import { manifestText } from "../fixtures/start_host.ts";
import { type WatchedPlugins, watchPlugins } from "../fixtures/watched_plugins.ts";

const ONLY_A = { dirs: ["a"], hasRoots: false, isRescan: false };

async function git(dir: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("git", {
    args: ["-c", "user.name=a", "-c", "user.email=a@b.test", ...args],
    cwd: dir,
  }).output();
  assert(success, new TextDecoder().decode(stderr));
}

/** Makes a folder and files in it before anybody else has a turn. */
function makeAtOnce(dir: string, count = 1): void {
  Deno.mkdirSync(dir, { recursive: true });
  for (let index = 0; index < count; index++) {
    Deno.writeTextFileSync(`${dir}/file${index}.ts`, "export {};");
  }
}

/** A change that concerns plugin `b`, told after everything that came before it. */
async function assertNothingBefore(plugins: WatchedPlugins): Promise<void> {
  await plugins.save("b/main.ts");
  assertEquals(await plugins.next(), { ...ONLY_A, dirs: ["b"] });
}

const SAVES: Readonly<Record<string, (plugins: WatchedPlugins) => Promise<void>>> = {
  "writes over a file": ({ save }) => save("a/main.ts"),
  "makes a file": ({ save }) => save("a/more.ts"),
  "touches a file": ({ root }) => Deno.utime(`${root}/a/main.ts`, 1, 1),
  "removes a file": ({ root }) => Deno.remove(`${root}/a/main.ts`),
  "saves as vim does": async ({ root, save }) => {
    await save("a/4913");
    await Deno.remove(`${root}/a/4913`);
    await Deno.rename(`${root}/a/main.ts`, `${root}/a/main.ts~`);
    await save("a/main.ts");
    await Deno.remove(`${root}/a/main.ts~`);
  },
  "writes beside and renames": async ({ root, save }) => {
    await save("a/.main.ts.tmp");
    await Deno.rename(`${root}/a/.main.ts.tmp`, `${root}/a/main.ts`);
  },
  "moves a file in from elsewhere": async ({ root }) => {
    await Deno.writeTextFile(`${root}/../outside.ts`, "export {};");
    await Deno.rename(`${root}/../outside.ts`, `${root}/a/main.ts`);
  },
  "moves a file out": ({ root }) => Deno.rename(`${root}/a/main.ts`, `${root}/../outside.ts`),
  "replaces the manifest as vim does": async ({ root, save }) => {
    await Deno.rename(`${root}/a/plugin.toml`, `${root}/a/plugin.toml~`);
    await save("a/plugin.toml", manifestText("test.a"));
  },
};

for (const [name, change] of Object.entries(SAVES)) {
  Deno.test(`PluginWatcher tells in one batch of who ${name}`, async () => {
    await using plugins = await watchPlugins(["a", "b"]);
    await change(plugins);
    const batch = await plugins.next();
    assertEquals([batch.dirs, batch.isRescan], [["a"], false]);
    await assertNothingBefore(plugins);
  });
}

Deno.test("PluginWatcher waits for the end of a file that is written in pieces", async () => {
  await using plugins = await watchPlugins(["a", "b"]);
  const file = await Deno.open(`${plugins.root}/a/main.ts`, { append: true });
  await file.write(new Uint8Array(10));
  file.close();
  assertEquals(await plugins.next(), ONLY_A);
  await assertNothingBefore(plugins);
});

Deno.test("PluginWatcher tells of no file that concerns no plugin", async () => {
  await using plugins = await watchPlugins(["a", "b"], {
    prepare: async (root) => {
      await Deno.mkdir(`${root}/a/node_modules/x`, { recursive: true });
      await Deno.mkdir(`${root}/docs`);
      await git(root, "init", "-q");
    },
  });
  for (const file of ["a/.main.ts.swp", "a/main.ts~", "a/#main.ts#", "a/node_modules/x/y.js", "docs/x.md"]) {
    await plugins.save(file);
  }
  await Deno.remove(`${plugins.root}/docs/x.md`);
  await plugins.save(".git/description");
  await assertNothingBefore(plugins);
});

Deno.test("PluginWatcher finds files in folders that are new, however soon they are written", async () => {
  await using plugins = await watchPlugins(["a", "b"]);
  const seen: number[] = [];
  for (let round = 0; round < 20; round++) {
    makeAtOnce(`${plugins.root}/a/new${round}/deep/er`);
    await plugins.until(({ dirs }) => dirs.includes("a"));
    seen.push(round);
  }
  assertEquals(seen.length, 20);
});

Deno.test("PluginWatcher looks once more at a folder that is new, since nobody watched its first moment", async () => {
  await using plugins = await watchPlugins(["a", "b"]);
  await Deno.mkdir(`${plugins.root}/a/new`);
  assertEquals(await plugins.next(), ONLY_A);
  assertEquals(await plugins.next(), ONLY_A);
  await assertNothingBefore(plugins);
});

Deno.test("PluginWatcher tells of plugins that come and go", async (test) => {
  await using plugins = await watchPlugins(["a", "b"]);
  const { root, pluginDirs, save } = plugins;
  await test.step("written file by file", async () => {
    await Deno.mkdir(`${root}/c/src`, { recursive: true });
    await save("c/src/x.ts");
    await save("c/plugin.toml", manifestText("test.c"));
    const [batch] = await plugins.until(({ hasRoots }) => hasRoots);
    assertEquals(batch!.dirs, []);
    pluginDirs.add(`${root}/c`);
  });
  await test.step("moved in from elsewhere", async () => {
    await Deno.rename(`${root}/c`, `${root}/../c`);
    const gone = await plugins.until(({ dirs, hasRoots }) => hasRoots && dirs.includes("c"));
    assert(gone.length > 0);
    pluginDirs.delete(`${root}/c`);
    await Deno.rename(`${root}/../c`, `${root}/d`);
    await plugins.until(({ hasRoots }) => hasRoots);
  });
  await test.step("removed with everything in it", async () => {
    await Deno.remove(`${root}/b`, { recursive: true });
    const [batch] = (await plugins.until(({ dirs }) => dirs.length > 0)).slice(-1);
    assertEquals([batch!.dirs, batch!.hasRoots], [["b"], true]);
  });
  await test.step("with the folder around it", async () => {
    await Deno.mkdir(`${root}/around`);
    await plugins.until(({ hasRoots }) => hasRoots);
    pluginDirs.add(`${root}/around/e`);
    await Deno.remove(`${root}/around`);
    const [batch] = await plugins.until(({ dirs }) => dirs.includes("around/e"));
    assert(batch!.hasRoots);
  });
});

Deno.test("PluginWatcher tells of a folder that is replaced as of one change", async () => {
  await using plugins = await watchPlugins(["a", "b"]);
  const { root, save } = plugins;
  await Deno.remove(`${root}/a`, { recursive: true });
  await Deno.mkdir(`${root}/a`);
  await save("a/main.ts");
  await save("a/plugin.toml", manifestText("test.a"));
  const batch = await plugins.next();
  assertEquals([batch.dirs, batch.hasRoots], [["a"], true]);
});

Deno.test("PluginWatcher tells of a checkout of many plugins in one batch", async () => {
  const names = Array.from({ length: 30 }, (_, index) => `p${index}`);
  await using plugins = await watchPlugins(names, {
    prepare: async (root) => {
      await git(root, "init", "-q", "-b", "first");
      await git(root, "add", ".");
      await git(root, "commit", "-qm", "first");
      await git(root, "checkout", "-qb", "second");
      for (const name of names) await Deno.writeTextFile(`${root}/${name}/main.ts`, "// changed");
      await git(root, "commit", "-qam", "second");
    },
  });
  await git(plugins.root, "checkout", "-q", "first");
  assertEquals((await plugins.next()).dirs, [...names].sort());
});

Deno.test("PluginWatcher waits while git holds its lock, and not for one that was left behind", async (test) => {
  await using plugins = await watchPlugins(["a", "b"], { prepare: (root) => git(root, "init", "-q") });
  const lock = `${plugins.root}/.git/index.lock`;
  await test.step("held", async () => {
    await Deno.writeTextFile(lock, "");
    await plugins.save("a/main.ts");
    const next = plugins.next();
    // By then the first save would have been told alone.
    await using others = await watchPlugins(["c"]);
    for (let round = 0; round < 5; round++) {
      await others.save("c/main.ts");
      await others.next();
    }
    await plugins.save("b/main.ts");
    await Deno.remove(lock);
    assertEquals((await next).dirs, ["a", "b"]);
  });
  await test.step("left behind", async () => {
    await Deno.writeTextFile(lock, "");
    await Deno.utime(lock, 1, 1);
    await plugins.save("a/main.ts");
    assertEquals(await plugins.next(), ONLY_A);
  });
});

Deno.test("PluginWatcher never acts on two batches at a time, and folds what comes meanwhile into the next", async () => {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  let acting = 0;
  await using plugins = await watchPlugins(["a", "b", "c"], {
    onBatch: async () => {
      assertEquals(++acting, 1);
      begun.resolve();
      await gate.promise;
      acting--;
    },
  });
  await plugins.save("a/main.ts");
  await begun.promise;
  await plugins.save("b/main.ts");
  await plugins.save("c/main.ts");
  gate.resolve();
  assertEquals(await plugins.next(), ONLY_A);
  assertEquals((await plugins.until(({ dirs }) => dirs.includes("c"))).flatMap(({ dirs }) => dirs).sort(), [
    "b",
    "c",
  ]);
});

Deno.test("PluginWatcher goes on after a batch could not be acted on, and says so", async () => {
  let isFirst = true;
  await using plugins = await watchPlugins(["a", "b"], {
    onBatch: () => {
      if (!isFirst) return Promise.resolve();
      isFirst = false;
      return Promise.reject(new Error("no room"));
    },
  });
  await plugins.save("a/main.ts");
  await eventually(() => plugins.notices.length > 0, "the notice");
  assertEquals(plugins.notices, ["Cannot act on changed plugins: no room"]);
  await assertNothingBefore(plugins);
});

Deno.test("PluginWatcher tells of ten thousand changes in a few batches", async () => {
  await using plugins = await watchPlugins(["a", "b"]);
  makeAtOnce(`${plugins.root}/a`, 10_000);
  const batches = await plugins.until(({ dirs, isRescan }) => isRescan || dirs.includes("a"));
  await plugins.save("b/main.ts");
  batches.push(...await plugins.until(({ dirs }) => dirs.includes("b")));
  assert(batches.length <= 8, `${batches.length} batches`);
  assert(batches.some(({ isRescan }) => isRescan), "the system's queue holds about a thousand");
});

Deno.test("PluginWatcher sees a root out that vanishes and comes back", async (test) => {
  await using plugins = await watchPlugins(["a", "b"]);
  const { root } = plugins;
  await test.step("moved away for longer", async () => {
    await Deno.rename(root, `${root}.away`);
    assertEquals((await plugins.until(({ isRescan }) => isRescan)).at(-1)!.hasRoots, true);
  });
  await test.step("back", async () => {
    await Deno.rename(`${root}.away`, root);
    await plugins.until(({ isRescan }) => isRescan);
    await plugins.save("a/main.ts");
    await plugins.until(({ dirs }) => dirs.includes("a"));
  });
  await test.step("replaced by another folder", async () => {
    await Deno.mkdir(`${root}.new/a`, { recursive: true });
    await Deno.rename(root, `${root}.old`);
    await Deno.rename(`${root}.new`, root);
    await plugins.until(({ isRescan }) => isRescan);
    await plugins.save("a/main.ts");
    await plugins.until(({ dirs }) => dirs.includes("a"));
  });
  await test.step("removed and made anew", async () => {
    await Deno.remove(root, { recursive: true });
    await Deno.mkdir(`${root}/a`, { recursive: true });
    await plugins.until(({ isRescan }) => isRescan);
    await plugins.save("a/main.ts");
    await plugins.until(({ dirs }) => dirs.includes("a"));
  });
  assertEquals(plugins.notices, []);
});

Deno.test("PluginWatcher follows a root that is a link to where it leads next", async () => {
  const parent = await Deno.realPath(await Deno.makeTempDir());
  for (const name of ["one", "two"]) {
    await Deno.mkdir(`${parent}/${name}`);
    await Deno.writeTextFile(`${parent}/${name}/plugin.toml`, manifestText("test.a"));
  }
  await Deno.symlink("one", `${parent}/current`);
  {
    await using plugins = await watchPlugins(["a"], { roots: [`${parent}/current`] });
    await Deno.symlink("two", `${parent}/next`);
    await Deno.rename(`${parent}/next`, `${parent}/current`);
    await plugins.until(({ isRescan }) => isRescan);
    plugins.pluginDirs.add(`${parent}/two`);
    await Deno.writeTextFile(`${parent}/two/main.ts`, "export {};");
    await plugins.until(({ dirs }) => dirs.length > 0);
  }
  await Deno.remove(parent, { recursive: true });
});

Deno.test("PluginWatcher waits for a root that is not there when it starts", async () => {
  const parent = await Deno.realPath(await Deno.makeTempDir());
  {
    await using plugins = await watchPlugins(["a"], { roots: [`${parent}/later`] });
    await Deno.mkdir(`${parent}/later`);
    assertEquals((await plugins.until(({ isRescan }) => isRescan)).length, 1);
  }
  await Deno.remove(parent, { recursive: true });
});

Deno.test("PluginWatcher looks again and again where the limit of watches is used up, and says what to do", async () => {
  await using plugins = await watchPlugins(["a", "b"], {
    pollMs: 5,
    watchFs: () => {
      throw new Error('OS file watch limit reached. about ["/x"]');
    },
  });
  await plugins.save("a/main.ts");
  assertEquals((await plugins.next()).dirs, ["a"]);
  assertEquals(plugins.notices.length, 1);
  assertStringIncludes(plugins.notices[0]!, "sysctl fs.inotify.max_user_watches=");
});

Deno.test("PluginWatcher looks again and again where a watch fails later, and misses nothing", async () => {
  const failing = Promise.withResolvers<IteratorResult<Deno.FsEvent>>();
  await using plugins = await watchPlugins(["a", "b"], {
    pollMs: 5,
    watchFs: () => ({
      close: () => failing.resolve({ done: true, value: undefined }),
      [Symbol.asyncIterator]: () => ({ next: () => failing.promise }),
    }),
  });
  await plugins.save("a/main.ts");
  failing.reject(new Error("OS file watch limit reached."));
  assertEquals(await plugins.next(), { dirs: [], hasRoots: true, isRescan: true });
  await plugins.save("b/main.ts");
  assertEquals((await plugins.next()).dirs, ["b"]);
});

Deno.test("PluginWatcher does not watch through a link to a folder: it may lead to all of the machine", async () => {
  const opened: string[] = [];
  await using plugins = await watchPlugins(["a", "b"], {
    pollMs: 5,
    prepare: (root) => Deno.symlink("/", `${root}/a/everything`),
    watchFs: (path) => {
      opened.push(path);
      return Deno.watchFs(path);
    },
  });
  assertEquals(opened, []);
  assertStringIncludes(plugins.notices[0]!, '/a/everything" is a link to a folder');
  await plugins.save("a/main.ts");
  assertEquals((await plugins.next()).dirs, ["a"]);
});

Deno.test("PluginWatcher closes while a batch is acted on, and leaves nothing behind", async () => {
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  let closing: PromiseLike<void>;
  {
    const plugins = await watchPlugins(["a", "b"], {
      onBatch: () => {
        begun.resolve();
        return gate.promise;
      },
    });
    await plugins.save("a/main.ts");
    await begun.promise;
    await plugins.save("b/main.ts");
    closing = plugins[Symbol.asyncDispose]();
  }
  gate.resolve();
  await closing;
});
