import { assertEquals, assertMatch } from "@std/assert";
import { LocalControl } from "../../src/control/local_control.ts";
import { controlPath, ControlServer } from "../../src/control/server.ts";
import { eventually } from "../faults/host_process.ts";
import { openFixtures } from "../fixtures/start_host.ts";
import { runCordon } from "./run_cordon.ts";

Deno.test("cordon resources shows who holds what and who waits, of the running host", async () => {
  await using opened = await openFixtures(["shares_things"]);
  const { host, data } = opened;
  await using _server = new ControlServer(controlPath(host.dataDir), new LocalControl(host));
  await host.start();
  const ask = (method: string, ...args: unknown[]) => host.call("fixture.shares-things", method, args);
  const token = await ask("lock", "fixture.door", { leaseMs: 600_000 });
  await ask("take", "fixture.seats", { permits: 2 });
  await ask("count", "fixture.hits", 41);
  const waiting = ask("lock", "fixture.door");
  const door = () => host.resources().find(({ name }) => name === "fixture.door")!;
  await eventually(() => door().waiters.length === 1, "one who waits");

  const [all, one, table, none] = await Promise.all([
    runCordon("resources", "--data", data, "--json"),
    runCordon("resources", "fixture.door", "--data", data, "--json"),
    runCordon("resources", "--data", data),
    runCordon("resources", "fixture.window", "--data", data, "--json"),
  ]);
  assertEquals([all.code, all.json.resources.length], [0, 7]);
  const [{ holders, waiters, ...shown }] = one.json.resources;
  assertEquals(shown, { name: "fixture.door", kind: "lock", users: ["fixture.shares-things"], permits: 1 });
  const [{ remainingMs, since, ...holder }] = holders;
  assertEquals(holder, { id: "fixture.shares-things", instance: 1, permits: 1, token });
  assertEquals([remainingMs > 500_000, Number.isNaN(Date.parse(since))], [true, false]);
  assertEquals(waiters.map(({ id, permits }: { id: string; permits: number }) => [id, permits]), [
    ["fixture.shares-things", 1],
  ]);
  assertMatch(table.stdout, /^RESOURCE +KIND +HAS +HELD BY +SINCE +ENDS IN +WAITING$/m);
  assertMatch(
    table.stdout,
    /^fixture\.door +lock +taken +fixture\.shares-things +[\d:]{8} +\d{3} s +fixture\.shares-things$/m,
  );
  assertMatch(table.stdout, /^fixture\.seats +semaphore +2 of 2 +fixture\.shares-things \(2\) .* -$/m);
  assertMatch(table.stdout, /^fixture\.hits +counter +41 +- +- +- +-$/m);
  assertMatch(table.stdout, /^fixture\.map +blob +version 0, 0 B/m);
  assertEquals([none.code, none.json.error.code], [3, "not_found"]);
  await ask("release", "fixture.door");
  await waiting;
});

Deno.test("cordon resources ends with 6 where no host runs", async () => {
  const run = await runCordon("resources", "--json");
  assertEquals([run.code, run.json.error.code], [6, "not_running"]);
});
