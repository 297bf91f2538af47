import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { createPermissionSet, NO_PERMISSIONS } from "../../src/permissions/permission_set.ts";
import type { DenoRequest } from "../../src/permissions/deno_request.ts";
import type { Supervisor } from "../../src/permissions/supervision.ts";
import { PermissionBroker } from "../../src/sandbox/permission_broker.ts";
import { Lab } from "./lab.ts";

const ignore = Deno.build.os === "windows";
const encoder = new TextEncoder();

/** A broker, and one that asks it. */
interface Asked extends AsyncDisposable {
  readonly broker: PermissionBroker;
  readonly asked: readonly DenoRequest[];
  /** Sends text and reads a line, or "" at the end of the connection. */
  ask(text: string): Promise<string>;
  /** Ends the asking side. */
  hangUp(): void;
}

async function openBroker(decide?: Supervisor["decide"]): Promise<Asked> {
  const dir = await Deno.makeTempDir({ prefix: "cordon-broker-" });
  const asked: DenoRequest[] = [];
  const broker = new PermissionBroker({
    socketDir: dir,
    channel: `${dir}/channel`,
    supervisor: {
      decide(request) {
        asked.push(request);
        if (decide !== undefined) return decide(request);
        return {
          allowed: request.value === "/yes",
          kind: request.permission,
          value: "x",
          message: "no\nway",
        };
      },
    },
  });
  const connection = await Deno.connect({ transport: "unix", path: broker.path });
  let isOpen = true;
  const hangUp = () => {
    if (isOpen) connection.close();
    isOpen = false;
  };
  return {
    broker,
    asked,
    hangUp,
    async ask(text) {
      const bytes = encoder.encode(text);
      try {
        for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
        const into = new Uint8Array(4_096);
        const count = await connection.read(into);
        return new TextDecoder().decode(into.subarray(0, count ?? 0));
      } catch {
        // It hung up while we wrote.
        return "";
      }
    },
    async [Symbol.asyncDispose]() {
      hangUp();
      await broker.close();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

function request(id: number, value: string | null = "/yes", more: object = {}): string {
  const datetime = "2026-01-01T00:00:00Z";
  return `${JSON.stringify({ v: 1, pid: 1, id, datetime, permission: "read", value, ...more })}\n`;
}

Deno.test({
  name: "PermissionBroker answers each request on a line of its own, with the reason of a refusal",
  ignore,
  async fn() {
    await using asked = await openBroker();
    assertEquals(await asked.ask(request(1)), '{"id":1,"result":"allow"}\n');
    assertEquals(await asked.ask(request(2, "/no")), '{"id":2,"result":"deny","reason":"no\\nway"}\n');
    assertEquals(await asked.ask(request(3, null)), '{"id":3,"result":"deny","reason":"no\\nway"}\n');
    assertEquals(asked.asked.map(({ permission, value }) => [permission, value]), [
      ["read", "/yes"],
      ["read", "/no"],
      ["read", null],
    ]);
    const long = `/${"x".repeat(300_000)}`;
    assertStringIncludes(await asked.ask(request(4, long)), '"result":"deny"');
    assertEquals(asked.asked[3]?.value, long);
    asked.hangUp();
    assertEquals(await asked.broker.ended, undefined);
  },
});

const BROKEN: Readonly<Record<string, string>> = {
  "what is no JSON": "garbage\n",
  "an empty line": "\n",
  "a list": "[]\n",
  "null": "null\n",
  "another version": request(1, "/yes", { v: 2 }),
  "a number out of turn": request(2),
  "a value that is no text": request(1, "/yes", { value: { toString: "/yes" } }),
  "no value at all": request(1, "/yes", { value: undefined }),
  "a kind that is no text": request(1, "/yes", { permission: 1 }),
  "two requests at once": request(1) + request(2),
  "a flood without an end": "x".repeat(1024 * 1024 + 1),
  "a flood of requests": request(1).repeat(1_000),
};

for (const [name, text] of Object.entries(BROKEN)) {
  Deno.test({
    name: `PermissionBroker hangs up on ${name}, and says what it was asked`,
    ignore,
    async fn() {
      await using asked = await openBroker();
      assertEquals(await asked.ask(text), "");
      assertMatch(String(await asked.broker.ended), /^it was asked /);
      assertEquals(asked.asked, []);
    },
  });
}

Deno.test({
  name: "PermissionBroker hangs up on half a request",
  ignore,
  async fn() {
    await using asked = await openBroker();
    const connection = asked.ask(request(1).slice(0, -10));
    asked.hangUp();
    await connection;
    assertEquals(await asked.broker.ended, "it was asked half a question");
  },
});

Deno.test({
  name: "PermissionBroker hangs up when deciding fails",
  ignore,
  async fn() {
    await using asked = await openBroker(() => {
      throw new Error("no idea");
    });
    assertEquals(await asked.ask(request(1)), "");
    assertEquals(await asked.broker.ended, "no idea");
  },
});

Deno.test({
  name: "PermissionBroker serves the first to connect and nobody else",
  ignore,
  async fn() {
    await using asked = await openBroker();
    assertEquals(await asked.ask(request(1)), '{"id":1,"result":"allow"}\n');
    await assertRejects(
      () => Deno.connect({ transport: "unix", path: asked.broker.path }),
      Deno.errors.NotFound,
    );
  },
});

Deno.test({
  name: "PermissionBroker allows the channel of the sandbox until it is sealed",
  ignore,
  async fn() {
    await using asked = await openBroker();
    const channel = asked.broker.path.replace(/[^/]+$/, "channel");
    assertStringIncludes(await asked.ask(request(1, channel)), "allow");
    assertStringIncludes(await asked.ask(request(2, `unix:${channel}`, { permission: "net" })), "allow");
    assertStringIncludes(await asked.ask(request(3, `${channel}x`)), "deny");
    assertStringIncludes(await asked.ask(request(4, channel, { permission: "env" })), "deny");
    asked.broker.seal();
    assertStringIncludes(await asked.ask(request(5, channel)), "deny");
  },
});

Deno.test({
  name: "PermissionBroker that nobody connects to can be closed, twice",
  ignore,
  async fn() {
    const dir = await Deno.makeTempDir({ prefix: "cordon-broker-" });
    const supervisor: Supervisor = { decide: () => ({ allowed: false, kind: "", value: "" }) };
    const broker = new PermissionBroker({ socketDir: dir, supervisor, channel: "" });
    await broker.close();
    await broker.close();
    assertEquals(await broker.ended, undefined);
    assertEquals(await Array.fromAsync(Deno.readDir(dir)), []);
    await Deno.remove(dir);
  },
});

Deno.test({
  name: "A supervised sandbox loses a permission at once, and its plugin is told why",
  ignore,
  async fn() {
    await using lab = await Lab.open("deno");
    const permissions = [{ kind: "read", value: `${lab.dir}/secret.txt` }] as const;
    const supervisor = lab.supervise(permissions);
    await using subject = await lab.start(
      `export const activate = () => ({ read: (path) => Deno.readTextFile(path) });`,
      { permissions, supervisor },
    );
    assertEquals(await subject.invoke("read", `${lab.dir}/secret.txt`), "secret");
    supervisor.narrow(NO_PERMISSIONS, "the administrator was worried");
    const refused = await assertRejects(() => subject.invoke("read", `${lab.dir}/secret.txt`));
    assertEquals(
      (refused as Error).message,
      `Requires read access to "${lab.dir}/secret.txt": it was taken back: the administrator was worried`,
    );
    assertEquals((refused as { facts?: { name?: string } }).facts?.name, "NotCapable");
    const never = await assertRejects(() => subject.invoke("read", `${lab.dir}/secret.ts`));
    assertStringIncludes((never as Error).message, "run again with the --allow-read flag");
    supervisor.narrow(createPermissionSet(permissions), "again");
    await assertRejects(() => subject.invoke("read", `${lab.dir}/secret.txt`));
  },
});

Deno.test({
  name: "A supervised sandbox ends with the failure of its broker, and leaves no process and no socket",
  ignore,
  async fn() {
    await using lab = await Lab.open("deno");
    const decided = lab.supervise([]);
    let isBroken = false;
    const supervisor: Supervisor = {
      decide(request) {
        if (isBroken) throw new Error("the supervisor broke");
        return decided.decide(request);
      },
    };
    await using subject = await lab.start(
      `export const activate = () => ({ read: (path) => Deno.readTextFile(path) });`,
      { supervisor },
    );
    isBroken = true;
    await assertRejects(() => subject.invoke("read", `${lab.dir}/plugin/main.ts`));
    const { reason } = await subject.exited;
    assertEquals(reason, "the permission broker was gone: the supervisor broke");
    assert(!isAlive(subject.sandbox.pid!));
    const sockets = (await Array.fromAsync(Deno.readDir(`${lab.dir}/run`))).filter(({ isFile }) => !isFile);
    assertEquals(sockets, []);
  },
});

Deno.test({
  name: "A supervised sandbox stops as any other, and prints nothing of its own",
  ignore,
  async fn() {
    await using lab = await Lab.open("deno");
    await using subject = await lab.start("export const activate = () => ({});", {
      supervisor: lab.supervise([]),
    });
    const exit = await subject.sandbox.stop({ graceMs: 5_000, reason: "test" });
    assertEquals(exit, { code: 0, signal: undefined, rung: "asked" });
    assertEquals(subject.output, []);
  },
});

Deno.test("Sandboxes that cannot be supervised say so instead of running without", async () => {
  await using lab = await Lab.open("worker");
  await assertRejects(
    () => lab.start("export const activate = () => ({});", { supervisor: lab.supervise([]) }),
    Error,
    "it runs as a worker",
  );
});

function isAlive(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch {
    // There is no such process.
    return false;
  }
}
