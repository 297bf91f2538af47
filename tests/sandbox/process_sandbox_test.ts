import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { CordonError } from "../../src/errors.ts";
import type { Handler } from "../../src/rpc/incoming_calls.ts";
import type { RpcPeer } from "../../src/rpc/peer.ts";
import { createProcessSandboxes } from "../../src/sandbox/process_sandbox.ts";
import { createSpec, openPlugin } from "./open_plugin.ts";

const isLinux = Deno.build.os === "linux";

Deno.test("Sandbox gives back the permissions of its channel before plugin code runs", async () => {
  await using plugin = await openPlugin(`
    const states = [];
    for (const name of ["net", "read", "write", "env", "sys", "run", "ffi", "import"]) {
      states.push(name + " " + (await Deno.permissions.query({ name })).state);
    }
    export const activate = () => ({
      states: () => states,
      own: async () => (await Deno.permissions.query({ name: "read", path: import.meta.dirname })).state,
      argv: () => Deno.args,
    });
  `);
  assertEquals(await plugin.invoke("states"), [
    "net prompt",
    "read prompt",
    "write prompt",
    "env prompt",
    "sys prompt",
    "run denied",
    "ffi denied",
    "import denied",
  ]);
  assertEquals(await plugin.invoke("own"), "granted");
  assertEquals(await plugin.invoke("argv"), []);
  assertEquals(await Array.fromAsync(Deno.readDir(`${plugin.dir}/run`)), [], "the socket is single use");
});

Deno.test("Sandbox keeps a grant that covers the folder of the socket", async () => {
  await using plugin = await openPlugin(
    `export const activate = () => ({
      copy(dir) {
        Deno.writeTextFileSync(dir + "/note.txt", "kept");
        return Deno.readTextFileSync(dir + "/note.txt");
      },
    });`,
    { permissions: [{ kind: "read", value: "$DIR" }, { kind: "write", value: "$DIR" }] },
  );
  assertEquals(await plugin.invoke("copy", plugin.dir), "kept");
  assertEquals(await plugin.invoke("copy", `${plugin.dir}/run`), "kept");
});

const TALKATIVE = `
  export async function activate(ctx) {
    const heard = [];
    ctx.events.on("tick", (value) => void heard.push(value));
    console.log("printed with console.log");
    console.error("printed with console.error");
    ctx.log.info("logged", { n: 1 });
    return {
      heard: () => heard,
      echo: (value) => value,
      ask: (capability) => ctx.call(capability, "now", [1]),
      fail: () => { throw new TypeError("no such thing"); },
    };
  }
`;

for (const transport of ["unix", "stdio"] as const) {
  Deno.test(`Sandbox over ${transport} carries calls, events, bytes and logs, and printing breaks no frame`, async () => {
    const logged = Promise.withResolvers<readonly unknown[]>();
    const subscribed = Promise.withResolvers<readonly unknown[]>();
    await using plugin = await openPlugin(TALKATIVE, {
      transport,
      handlers: new Map<string, Handler>([
        ["subscribe", (params) => (subscribed.resolve(params), null)],
        ["call", (params) => params],
      ]),
      notifications: new Map([["log", logged.resolve]]),
    });
    assertEquals(await subscribed.promise, [0, "tick"]);
    assertEquals(await logged.promise, ["info", "logged", { n: 1 }]);
    const origin = { topic: "tick", publisher: "host", missed: 0 };
    await plugin.peer.call("events", [0, JSON.stringify([[{ hour: 12 }, origin]]), null]);
    assertEquals(await plugin.invoke("heard"), [{ hour: 12 }]);
    assertEquals(await plugin.invoke("ask", "clock"), ["clock", "now", [1]]);
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    const large = new Uint8Array(8 * 1024 * 1024).fill(7);
    assertEquals(await plugin.invoke("echo", { bytes, list: [large, "é"] }), { bytes, list: [large, "é"] });
    await assertRejects(() => plugin.invoke("fail"), CordonError, "no such thing");
    assertEquals((await plugin.sandbox.stop({ graceMs: 5_000, reason: "test" })).rung, "asked");
    const stream = transport === "unix" ? "stdout" : "stderr";
    assertEquals(
      plugin.printed.toSorted(),
      [
        `${stream}: printed with console.log`,
        "stderr: printed with console.error",
      ].toSorted(),
    );
  });
}

Deno.test("Sandbox captures output in lines of bounded length", async () => {
  await using plugin = await openPlugin(`export const activate = () => ({
    flood() {
      console.log("x".repeat(100_000));
      console.error("short\\u001b[31m");
    },
  })`);
  await plugin.invoke("flood");
  await plugin.sandbox.stop({ graceMs: 5_000, reason: "test" });
  const long = plugin.printed.filter((line) => line.startsWith("stdout"));
  assertEquals(long.join("").replaceAll("stdout: ", ""), "x".repeat(100_000));
  assert(long.every((line) => line.length <= 8_192 + "stdout: ".length));
  assertEquals(plugin.printed.filter((line) => line.startsWith("stderr")), ["stderr: short\u001b[31m"]);
});

/** Runs plugin code up to its stop, and says which rung that took. */
async function stopPlugin(
  code: string,
  options: { graceMs?: number; hang?: boolean } = {},
): Promise<unknown> {
  await using plugin = await openPlugin(code);
  // Never answered: the plugin is busy, or gone before it could.
  const hanging = options.hang ? plugin.invoke("hang").catch(() => {}) : undefined;
  const { rung, signal } = await plugin.sandbox.stop({ graceMs: options.graceMs ?? 100, reason: "test" });
  await hanging;
  return [rung, signal];
}

Deno.test("Sandbox.stop() says which rung of the kill ladder it took", async (t) => {
  const activate = "export const activate = () => ({ hang() { for (;;); } });";
  // Deno.exit() waits for these, and so the process outlives its channel.
  const ignoresClose = "addEventListener('unload', () => { for (;;); });";
  await t.step("asked: the plugin ends by itself", async () => {
    assertEquals(await stopPlugin(activate, { graceMs: 5_000 }), ["asked", undefined]);
  });
  await t.step("closed: the plugin never answers deactivate", async () => {
    const code = `${activate} export const deactivate = () => new Promise(() => {});`;
    assertEquals(await stopPlugin(code), ["closed", undefined]);
  });
  await t.step("terminated: the plugin outlives its channel", async () => {
    assertEquals(await stopPlugin(`${activate} ${ignoresClose}`, { graceMs: 5_000 }), [
      "terminated",
      "SIGTERM",
    ]);
  });
  await t.step("terminated: the plugin is in an endless loop", async () => {
    assertEquals(await stopPlugin(activate, { hang: true }), ["terminated", "SIGTERM"]);
  });
  await t.step("killed: the plugin ignores SIGTERM", async () => {
    const code = `${activate} ${ignoresClose} Deno.addSignalListener("SIGTERM", () => {});`;
    assertEquals(await stopPlugin(code, { graceMs: 5_000 }), ["killed", "SIGKILL"]);
  });
});

Deno.test("Sandbox ends when the host's end of the channel closes", async () => {
  await using plugin = await openPlugin("export const activate = () => { setInterval(() => {}, 1_000); };");
  plugin.peer.close();
  assertEquals(await plugin.sandbox.exited, { code: 0, signal: undefined, rung: undefined });
});

Deno.test("Sandbox that outlives its channel is killed without being stopped", async () => {
  await using plugin = await openPlugin(`
    addEventListener("unload", () => { for (;;); });
    Deno.addSignalListener("SIGTERM", () => {});
    export const activate = () => {};
  `);
  plugin.peer.close();
  const { signal, rung } = await plugin.sandbox.exited;
  assertEquals([signal, rung], ["SIGKILL", "killed"]);
});

Deno.test("Sandbox that ends by itself fails what is in flight and says how it ended", async () => {
  await using plugin = await openPlugin("export const activate = () => ({ quit: () => Deno.exit(7) });");
  const error = await assertRejects(() => plugin.invoke("quit"), CordonError);
  assertEquals(error.code, "channel_closed");
  assertEquals(await plugin.sandbox.exited, { code: 7, signal: undefined, rung: undefined });
});

Deno.test({
  name: "Sandbox.exited does not wait for a program that holds the plugin's output open",
  ignore: !isLinux,
  async fn() {
    await using plugin = await openPlugin(
      `export const activate = () => ({
        leave() {
          const { pid } = new Deno.Command("/bin/sleep", { args: ["60"], stdin: "null" }).spawn();
          return pid;
        },
        pid: () => Deno.pid,
      });`,
      { permissions: [{ kind: "run", value: "/bin/sleep" }] },
    );
    const orphan = await plugin.invoke("leave") as number;
    try {
      assertEquals((await plugin.sandbox.stop({ graceMs: 5_000, reason: "test" })).rung, "asked");
    } finally {
      Deno.kill(orphan, "SIGKILL");
    }
  },
});

Deno.test({
  name: "Sandbox gives a plugin its own environment, working folder and Deno folder",
  ignore: !isLinux,
  async fn() {
    Deno.env.set("CORDON_TEST_SECRET", "canary");
    try {
      await using plugin = await openPlugin(
        `export const activate = () => ({ cwd: () => Deno.cwd(), lang: () => Deno.env.get("LANG") });`,
        { env: { LANG: "C" }, permissions: [{ kind: "env", value: "LANG" }] },
      );
      assertEquals(await plugin.invoke("cwd"), `${plugin.dir}/scratch`);
      assertEquals(await plugin.invoke("lang"), "C");
      const environment = await Deno.readTextFile(`/proc/${plugin.sandbox.pid}/environ`);
      assertEquals(environment.split("\0").filter((line) => line !== "").sort(), [
        `DENO_DIR=${plugin.dir}/deno`,
        "DENO_NO_PACKAGE_JSON=1",
        "DENO_NO_PROMPT=1",
        "DENO_NO_UPDATE_CHECK=1",
        `HOME=${plugin.dir}/scratch`,
        "LANG=C",
        "NO_COLOR=1",
        `TMPDIR=${plugin.dir}/scratch`,
      ]);
    } finally {
      Deno.env.delete("CORDON_TEST_SECRET");
    }
  },
});

Deno.test("Sandbox that Deno cannot start is refused with Deno's own words", async () => {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const name of ["code", "run", "scratch"]) await Deno.mkdir(`${dir}/${name}`);
    const open = createProcessSandboxes({ bootstrap: `${dir}/missing.js`, socketDir: `${dir}/run` });
    const error = await assertRejects(() => open(createSpec(dir)), CordonError);
    assertEquals(error.code, "sandbox_failed");
    assertStringIncludes(error.message, "missing.js");
    assertEquals(await Array.fromAsync(Deno.readDir(`${dir}/run`)), []);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("Sandbox whose opening is aborted leaves no process and no socket", async () => {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const name of ["code", "run", "scratch"]) await Deno.mkdir(`${dir}/${name}`);
    // A bootstrap that never connects.
    await Deno.writeTextFile(`${dir}/silent.js`, "setInterval(() => {}, 1_000);");
    const open = createProcessSandboxes({ bootstrap: `${dir}/silent.js`, socketDir: `${dir}/run` });
    const aborting = new AbortController();
    const opening = open(createSpec(dir), { signal: aborting.signal });
    const reason = new Error("enough");
    aborting.abort(reason);
    assertEquals(await opening.catch((error) => error), reason);
    assertEquals(await Array.fromAsync(Deno.readDir(`${dir}/run`)), []);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("Sandbox keeps lines of other files out of the report of an uncaught error", async () => {
  await using plugin = await openPlugin(`
    export const activate = () => ({
      async crash(url) {
        const map = { version: 3, sources: [url], names: [], mappings: "AAAA" };
        const code = "export const make = () => new Error('there');\\n//# sourceMappingURL=data:application/json;base64,";
        const { make } = await import("data:text/javascript," + encodeURIComponent(code + btoa(JSON.stringify(map))));
        setTimeout(() => { throw make(); });
      },
    });
  `);
  await Deno.writeTextFile(`${plugin.dir}/secret.txt`, "canary-in-a-file\n");
  await plugin.invoke("crash", `file://${plugin.dir}/secret.txt`);
  assertEquals((await plugin.sandbox.exited).code, 1);
  const text = plugin.printed.join("\n");
  assertMatch(text, /error: Uncaught Error: there/);
  assertStringIncludes(text, "secret.txt:1");
  assert(!text.includes("canary"), text);
});

Deno.test("Sandbox answers a call of a method it does not have with an error", async () => {
  await using plugin = await openPlugin("export const activate = () => ({});");
  for (const method of ["toString", "constructor", "__proto__", "missing"]) {
    await assertRejects(() => plugin.invoke(method), CordonError, "There is no method");
  }
  await assertRejects(() => (plugin.sandbox.peer as RpcPeer).call("missing", []), CordonError);
});

Deno.test("Sandbox.stop() tells the calls in flight why", async () => {
  await using plugin = await openPlugin(
    "export const activate = () => ({ wait: () => new Promise(() => setInterval(() => {}, 1_000)) });",
  );
  const waiting = plugin.invoke("wait").catch((error: Error) => error) as Promise<Error>;
  await plugin.sandbox.stop({ graceMs: 1_000, reason: "it had its time" });
  assertEquals((await waiting).message, 'Cannot finish "invoke": the other side is gone: it had its time');
});
