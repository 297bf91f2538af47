import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { CordonError } from "@cordon/cordon";
import { connectControl } from "../../src/control/client.ts";
import type { HostControl } from "../../src/control/control.ts";
import { LocalControl } from "../../src/control/local_control.ts";
import { keyPath } from "../../src/control/control_key.ts";
import { controlPath, ControlServer } from "../../src/control/server.ts";
import { FrameChannel } from "../../src/rpc/channel.ts";
import { RpcPeer } from "../../src/rpc/peer.ts";
import { openFixtures } from "../fixtures/start_host.ts";

/** A host on two fixtures with its control socket, and a client of it. */
async function openControlled(): Promise<{ client: HostControl; data: string } & AsyncDisposable> {
  const opened = await openFixtures(["greeter", "polite"]);
  const server = new ControlServer(controlPath(opened.host.dataDir), new LocalControl(opened.host));
  const client = await connectControl(opened.host.dataDir);
  assertInstanceOf(client, Object);
  return {
    client,
    data: opened.host.dataDir,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await opened[Symbol.asyncDispose]();
    },
  };
}

Deno.test("A control client sees, calls and steers the host of another process as its own", async () => {
  await using opened = await openControlled();
  const { client } = opened;
  assertEquals(client.isRemote, true);
  assertEquals((await client.list()).map(({ id, state }) => [id, state]), [
    ["fixture.greeter", "ready"],
    ["fixture.polite", "ready"],
  ]);
  assertEquals(await client.call("polite", "greetTwice", ["Ada"]), ["Hello Ada", "Hello Ada"]);
  assertEquals(await client.call("greet", "echo", [new Uint8Array([1, 2])]), new Uint8Array([1, 2]));
  const stopped = await client.stop("fixture.greeter");
  assertEquals(stopped.state, "stopped");
  assertEquals((await client.list()).map(({ state }) => state), ["stopped", "stopped"]);
  assertEquals((await client.start("fixture.polite")).state, "running");
  const { pid } = await client.info("fixture.polite");
  assertEquals((await client.restart("fixture.polite")).pid === pid, false);
  const { providers, bindings } = await client.graph();
  assertEquals(providers, { greet: "fixture.greeter", polite: "fixture.polite" });
  assertEquals(bindings, { "fixture.polite": { greet: "fixture.greeter" } });
  assertEquals((await client.capabilities()).map(({ name, because }) => [name, because]), [
    ["greet", "only"],
    ["polite", "only"],
  ]);
  assertEquals((await client.prefer("greet", "fixture.greeter")).because, "administrator");
  assertEquals((await client.prefer("greet", undefined)).because, "only");
  assertEquals((await assertRejects(() => client.prefer("greet", "no.body"), CordonError)).code, "not_found");
});

Deno.test("A control client gets the host's errors with code and hint", async () => {
  await using opened = await openControlled();
  const missing = await assertRejects(() => opened.client.info("no.body"), CordonError);
  assertEquals([missing.code, typeof missing.hint], ["not_found", "string"]);
  const idle = await assertRejects(() => opened.client.stop("fixture.greeter"), CordonError);
  assertEquals(idle.code, "not_running");
  const thrown = await assertRejects(() => opened.client.call("greet", "fail", []), CordonError);
  assertEquals([thrown.code, thrown.message], ["plugin_error", "no such greeting"]);
});

Deno.test("A control client records a plugin, ends that by its signal, and is told what it must not say", async () => {
  await using opened = await openControlled();
  const { client, data } = opened;
  const ending = new AbortController();
  const recording = client.record("fixture.greeter", { file: `${data}/a.jsonl`, signal: ending.signal });
  for await (
    const { type, facts } of client.followJournal({ from: 0, signal: new AbortController().signal })
  ) {
    if (type === "plugin.state" && facts.to === "running") break;
  }
  assertEquals(await client.call("greet", "hello", ["Ada"]), "Hello Ada");
  ending.abort();
  const { id, end, failures } = await recording;
  assertEquals([id, end, failures], ["fixture.greeter", "asked", []]);

  const { signal } = new AbortController();
  for (
    const options of [
      { file: "relative.jsonl" },
      { file: 7 },
      { file: "/x", calls: [{ method: 1, args: [] }] },
      { file: "/x", forMs: -1 },
    ]
  ) {
    const wrong = options as unknown as { file: string };
    const error = await assertRejects(
      () => client.record("fixture.greeter", { ...wrong, signal }),
      CordonError,
    );
    assertEquals(error.code, "invalid_input");
  }
});

Deno.test("A recording ends when the client that asked for it has gone", async () => {
  await using opened = await openControlled();
  const other = (await connectControl(opened.data))!;
  const { signal } = new AbortController();
  const gone = assertRejects(() =>
    other.record("fixture.greeter", { file: `${opened.data}/a.jsonl`, signal })
  );
  let isRunning = false;
  for await (const { type, facts } of opened.client.followJournal({ from: 0, signal })) {
    if (type === "plugin.state" && facts.to === "running") {
      isRunning = true;
      await other[Symbol.asyncDispose]();
    }
    if (isRunning && type === "recording.ended") break;
  }
  await gone;
});

Deno.test("A control client follows the journal from a position until it stops", async () => {
  await using opened = await openControlled();
  const controller = new AbortController();
  const events = opened.client.followJournal({ from: 1, signal: controller.signal })[Symbol.asyncIterator]();
  await opened.client.start("fixture.greeter");
  const seen: unknown[] = [];
  while (!seen.includes("running")) seen.push((await events.next()).value.facts.to);
  assertEquals(seen.at(-1), "running");
  controller.abort();
  assertEquals((await events.next()).done, true);
});

Deno.test("A control client grants, takes back and reloads; a choice of another shape is refused", async () => {
  await using opened = await openControlled();
  const { client } = opened;
  const granted = await client.grant("fixture.greeter", { scope: "all", supervise: true });
  assertEquals([granted.consent?.grantedVersion, granted.consent?.supervised], ["1.0.0", true]);
  const revoked = await client.revoke("fixture.greeter", {});
  assertEquals(revoked?.consent?.grantedVersion, undefined);
  assertEquals((await client.reload("fixture.greeter")).state, "ready");
  const absent = await assertRejects(() => client.revoke("no.body", {}), CordonError);
  assertEquals(absent.code, "not_found");
  for (const only of ["net:a.test:1", [1]] as unknown as string[][]) {
    const refused = await assertRejects(() => client.grant("fixture.greeter", { only }), CordonError);
    assertEquals(refused.code, "invalid_input");
  }
});

Deno.test("The control socket is its owner's only, and nothing answers where no host runs", async () => {
  await using opened = await openControlled();
  assertEquals((await Deno.stat(controlPath(opened.data))).mode! & 0o777, 0o600);
  const empty = await Deno.makeTempDir();
  assertEquals(await connectControl(empty), undefined);
  await Deno.remove(empty);
});

Deno.test("A client that does not show the key from the data folder steers nothing", async () => {
  await using opened = await openControlled();
  const path = controlPath(opened.data);
  assertEquals((await Deno.stat(keyPath(path))).mode! & 0o777, 0o600);
  for (const shown of [undefined, "", "0".repeat(64), null]) {
    const peer = new RpcPeer(new FrameChannel(await Deno.connect({ transport: "unix", path })), {
      trustCodes: true,
    });
    const served = peer.run();
    if (shown !== undefined) {
      await assertRejects(() => peer.call("enter", [shown]), CordonError, "not its key");
    }
    for (const method of ["list", "stop", "journal", "follow"]) {
      await assertRejects(() => peer.call(method, ["fixture.greeter"]), CordonError, "was not shown");
    }
    peer.close();
    await served;
  }
});

Deno.test("Garbage, half frames and silence on the control socket cost their sender its connection and nobody else anything", async () => {
  await using opened = await openControlled();
  const path = controlPath(opened.data);
  using silent = await Deno.connect({ transport: "unix", path });
  for (const bytes of [crypto.getRandomValues(new Uint8Array(4096)), new Uint8Array(64).fill(255)]) {
    using rude = await Deno.connect({ transport: "unix", path });
    await rude.write(bytes);
    assertEquals(await rude.read(new Uint8Array(16)), null);
  }
  using half = await Deno.connect({ transport: "unix", path });
  await half.write(new Uint8Array([0, 0, 0]));
  assertEquals((await opened.client.list()).length, 2);
  silent.close();
});

Deno.test("The 33rd control client is turned away and the 32 before it are served", async () => {
  await using opened = await openControlled();
  const path = controlPath(opened.data);
  const others: Deno.UnixConn[] = [];
  for (let count = 0; count < 31; count++) others.push(await Deno.connect({ transport: "unix", path }));
  // The server takes connections in their order: once this answers, the others are in.
  await opened.client.list();
  using late = await Deno.connect({ transport: "unix", path });
  assertEquals(await late.read(new Uint8Array(1)), null);
  assertEquals((await opened.client.list()).length, 2);
  for (const other of others) other.close();
});
