import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { stub } from "@std/testing/mock";
import { CordonError } from "../../../src/errors.ts";
import { type CatalogueOptions, readCatalogue } from "../../../src/lifecycle/catalogue.ts";
import type { FoundPlugin } from "../../../src/lifecycle/discovery.ts";
import { VersionKeeper, type VersionKeeperContext } from "../../../src/lifecycle/versions/version_keeper.ts";
import { eventually } from "../../faults/host_process.ts";
import { manifestText } from "../../fixtures/start_host.ts";
import { ID, openStore, type StoreSite } from "./open_store.ts";

/** A version as the host knows it. */
interface Version {
  readonly id: string;
  readonly found: FoundPlugin;
}

/** A keeper on a store of its own; gone with the block. */
async function openKeeper(options: Partial<VersionKeeperContext> = {}): Promise<
  {
    keeper: VersionKeeper;
    site: StoreSite;
    notices: string[];
    /** Puts a version into the folder and reads it. */
    read(version: string, more?: string): Promise<Version>;
    /** The same, and has it run. */
    run(version: string, more?: string): Promise<Version>;
    isKept(version: Version): boolean;
  } & AsyncDisposable
> {
  const site = await openStore();
  const notices: string[] = [];
  const reading: CatalogueOptions = { registry: site.registry, workDir: site.folders.work };
  const keeper = new VersionKeeper({
    store: site.store,
    registry: site.registry,
    reading,
    onNotice: (message) => notices.push(message),
    copyAfterMs: [1, 1, 1],
    ...options,
  });
  const read = async (version: string, more = "") => {
    await site.put(version, { "plugin.toml": manifestText(ID, more).replace("1.0.0", version) });
    const [entry] = await readCatalogue([site.dir], reading);
    return { id: ID, found: entry!.found };
  };
  return {
    keeper,
    site,
    notices,
    read,
    async run(version, more) {
      const entry = await read(version, more);
      keeper.noteRunning(entry);
      return entry;
    },
    isKept: ({ found }) => site.registry.versions.get(ID, found.content!) !== undefined,
    async [Symbol.asyncDispose]() {
      await keeper[Symbol.asyncDispose]();
      await site[Symbol.asyncDispose]();
    },
  };
}

Deno.test("VersionKeeper keeps what runs, and finds it with the state that it left", async () => {
  await using test = await openKeeper();
  const { keeper } = test;
  const first = await test.run("1.0.0", '[reload]\nstate_size = "1KiB"\n');
  await eventually(() => test.isKept(first), "the first copy");
  await assertRejects(() => keeper.keepState(first, new Uint8Array(1_025)), RangeError, "1025 bytes");
  await keeper.keepState(first, new Uint8Array([7]));
  const second = await test.run("1.1.0");
  await eventually(() => test.isKept(second), "the second copy");

  const { catalogue, record, state } = await keeper.findTarget(second);
  assertEquals([catalogue.found.manifest?.version, catalogue.found.content], ["1.0.0", first.found.content]);
  assertEquals([catalogue.report?.problems, record.hash, state], [
    [],
    first.found.content,
    new Uint8Array([7]),
  ]);
  assertEquals(
    keeper.list(second).map(({ version, isCurrent, stateBytes }) => [version, isCurrent, stateBytes]),
    [
      ["1.1.0", true, undefined],
      ["1.0.0", false, 1],
    ],
  );
  assertEquals(test.notices, []);
});

Deno.test("VersionKeeper tries again, and says once that a version is not kept", async () => {
  await using test = await openKeeper({ copyAfterMs: [1, 1, 1] });
  const main = `${test.site.dir}/main.ts`;
  const version = await test.read("1.0.0");
  await Deno.writeTextFile(main, "// saved");
  test.keeper.noteRunning(version);
  await eventually(() => test.notices.length > 0, "the notice");
  assertStringIncludes(test.notices[0]!, `1.0.0 of "${ID}" is not kept, so there is no going back to it`);
  const told = test.site.registry.journal.list({ id: ID }).filter(({ type }) => type === "version.not_kept");
  assertEquals(told.map(({ facts }) => facts.version), ["1.0.0"]);
});

Deno.test("VersionKeeper says nothing of files that are what they were when it tries again", async () => {
  await using test = await openKeeper({ copyAfterMs: [1, 500] });
  const main = `${test.site.dir}/main.ts`;
  const version = await test.read("1.0.0");
  const text = await Deno.readTextFile(main);
  const { keep } = test.site.store;
  const tries: string[] = [];
  using _keep = stub(test.site.store, "keep", async (...args) => {
    const outcome = await keep.apply(test.site.store, args);
    tries.push(outcome);
    return outcome;
  });
  await Deno.writeTextFile(main, "// half of a save");
  test.keeper.noteRunning(version);
  await eventually(() => tries.length === 1, "the first try");
  await Deno.writeTextFile(main, text);
  await eventually(() => test.isKept(version), "the copy");
  assertEquals([tries.at(0), test.notices], ["changed", []]);
});

Deno.test("VersionKeeper copies no version that another has replaced, and none when it is closed", async () => {
  await using test = await openKeeper();
  const [first, second] = [await test.read("1.0.0"), await test.read("1.1.0")];
  for (const version of [first, second]) test.keeper.noteRunning(version);
  await eventually(() => test.isKept(second), "the second copy");
  // To copy it would have been tried, and failed.
  assertEquals([test.isKept(first), test.notices], [false, []]);
  const third = await test.run("1.2.0");
  await test.keeper[Symbol.asyncDispose]();
  assert(!test.isKept(third));
});

Deno.test("VersionKeeper decides for a rollback when a version loses its trial, by crashes or health", async (step) => {
  const lost = "[reload]\ntrial_crashes = 1\n";
  const crash = { crashed: true, reason: "it crashed" };
  await step.step("not without anything to go back to", async () => {
    await using test = await openKeeper();
    const only = await test.run("1.0.0");
    assertEquals(test.keeper.noteEnd(only, crash), undefined);
    assertEquals(test.keeper.noteUnhealthy(only, "it is slow"), undefined);
    const error = await assertRejects(() => test.keeper.findTarget(only), CordonError);
    assertEquals(error.code, "not_found");
  });
  await step.step("crashes beyond those allowed", async () => {
    await using test = await openKeeper();
    const first = await test.run("1.0.0");
    await eventually(() => test.isKept(first), "the first copy");
    const second = await test.run("1.1.0", lost);
    assertEquals(test.keeper.noteEnd(first, crash), undefined);
    assertEquals(test.keeper.noteEnd(second, crash), undefined);
    test.keeper.noteRunning(second);
    const decision = { from: second.found.content!, reason: "it crashed" };
    assertEquals(test.keeper.noteEnd(second, crash), decision);
  });
  await step.step("health, but not after it was stopped", async () => {
    await using test = await openKeeper();
    const first = await test.run("1.0.0");
    await eventually(() => test.isKept(first), "the first copy");
    const second = await test.run("1.1.0", lost);
    assertEquals(test.keeper.noteUnhealthy(second, "it is slow")?.reason, "it is slow");
    test.keeper.noteEnd(second, { crashed: false, reason: "stopped" });
    assertEquals(test.keeper.noteUnhealthy(second, "it is slow"), undefined);
  });
  await step.step("not after its trial, nor in a version that has proven itself before", async () => {
    let now = 0;
    await using test = await openKeeper({ now: () => now });
    const first = await test.run("1.0.0");
    await eventually(() => test.isKept(first), "the first copy");
    const second = await test.run("1.1.0", lost);
    await eventually(() => test.isKept(second), "the second copy");
    now = 60_000;
    assertEquals(test.keeper.noteUnhealthy(second, "it is slow"), undefined);
    assertEquals(test.site.registry.versions.get(ID, second.found.content!)?.verdict, "good");
    test.keeper.noteEnd(second, { crashed: false, reason: "stopped" });
    test.keeper.noteRunning(second);
    for (let crashes = 0; crashes < 3; crashes++) assertEquals(test.keeper.noteEnd(second, crash), undefined);
  });
});

Deno.test("VersionKeeper remembers what was rejected, and what took its place, until it is accepted", async () => {
  await using test = await openKeeper();
  const { keeper, site } = test;
  const versions: Version[] = [];
  for (const version of ["1.0.0", "1.1.0", "1.2.0"]) {
    versions.push(await test.run(version));
    await eventually(() => test.isKept(versions.at(-1)!), "the copy");
  }
  const [first, second, third] = versions as [Version, Version, Version];
  keeper.reject(third, { reason: "it crashed", successor: first.found.content! });
  assertEquals(site.store.findRejection(ID, third.found.content!)?.reason, "it crashed");
  assertEquals((await keeper.findTarget(third)).record.version, "1.0.0");
  assertEquals((await keeper.findTarget(first)).record.version, "1.1.0");
  const error = await assertRejects(() => keeper.findTarget(first, "1.2.0"), CordonError);
  assertEquals(error.code, "rejected");
  assertStringIncludes(error.message, "1.2.0 was rolled back from on");

  // What took its place was rejected too.
  keeper.reject(first, { reason: "asked for", successor: second.found.content! });
  assertEquals((await keeper.findTarget(third)).record.version, "1.1.0");
  // Two that name each other.
  keeper.reject(second, { reason: "asked for", successor: third.found.content! });
  await assertRejects(() => keeper.findTarget(third), CordonError, "no earlier version");

  keeper.accept(third);
  assertEquals(site.store.findRejection(ID, third.found.content!), undefined);
  const types = site.registry.journal.list({ id: ID }).map(({ type }) => type);
  assertEquals(types, ["version.rejected", "version.rejected", "version.rejected", "version.accepted"]);
});
