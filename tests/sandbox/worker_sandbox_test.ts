import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { createPermissionSet } from "../../src/permissions/permission_set.ts";
import type { SandboxSpec } from "../../src/sandbox/sandbox.ts";
import { createWorkerSandboxes } from "../../src/sandbox/worker_sandbox.ts";
import { findWorkerObstacle } from "../../src/sandbox/worker_support.ts";
import { Lab } from "./lab.ts";

const ignore = (await findWorkerObstacle())?.hint?.includes("--no-prompt") ?? false;

/** What a sandbox for an empty plugin is made for. */
function specOf(dir: string, more: Partial<SandboxSpec> = {}): SandboxSpec {
  return {
    id: "acme.empty",
    codeDir: dir,
    permissions: createPermissionSet([]),
    dataDir: dir,
    scratchDir: dir,
    denoDir: dir,
    env: {},
    heapMib: undefined,
    bounds: { memoryBytes: undefined, descriptors: 256, fileBytes: undefined },
    handlers: new Map(),
    notifications: new Map(),
    onSpawn: () => {},
    onOutput: () => {},
    ...more,
  };
}

/** Runs a module in a Deno of its own. */
async function runScript(
  source: string,
  flags: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  const dir = await Deno.makeTempDir({ prefix: "cordon-script-" });
  try {
    await Deno.writeTextFile(`${dir}/main.ts`, source);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-config", "--no-lock", "--no-prompt", ...flags, `${dir}/main.ts`],
      env: { NO_COLOR: "1" },
    }).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** A module that opens a worker for a plugin and tells what comes of it. */
function openingScript(plugin: string): string {
  const sources = new URL("../../src/", import.meta.url).href;
  return `
    import { createWorkerSandboxes } from "${sources}sandbox/worker_sandbox.ts";
    import { NO_PERMISSIONS } from "${sources}permissions/permission_set.ts";
    const dir = await Deno.makeTempDir();
    await Deno.writeTextFile(dir + "/main.ts", ${JSON.stringify(plugin)});
    const lines: string[] = [];
    try {
      const sandbox = await createWorkerSandboxes({})({
        id: "acme.plugin", codeDir: dir, permissions: NO_PERMISSIONS, dataDir: dir, scratchDir: dir, denoDir: dir, env: {},
        heapMib: undefined, bounds: { memoryBytes: undefined, descriptors: 256, fileBytes: undefined }, handlers: new Map(), notifications: new Map(), onSpawn() {},
        onOutput: (stream, line) => void lines.push(stream + ": " + line),
      });
      await sandbox.peer.call("load", [{ entry: "file://" + dir + "/main.ts" }]).catch(() => {});
      await sandbox.stop({ graceMs: 1_000, reason: "done" });
      console.log(JSON.stringify(lines));
    } catch (error) {
      console.log(JSON.stringify(error));
    }
    await Deno.remove(dir, { recursive: true });
  `;
}

Deno.test("createWorkerSandboxes() refuses where a worker would not be confined, names the flag, and the host lives", async () => {
  const { code, stdout, stderr } = await runScript(openingScript(""), ["-A"]);
  assertEquals([code, stderr], [0, ""]);
  const error = JSON.parse(stdout);
  assertEquals(error.code, "workers_unavailable");
  assertStringIncludes(error.message, "runs without --unstable-worker-options");
  assertStringIncludes(error.hint, '"unstable": ["worker-options"]');
});

Deno.test("createWorkerSandboxes() refuses where the flag cannot be seen", async () => {
  const flags = ["--unstable-worker-options", "--allow-read", "--allow-write"];
  const { stdout } = await runScript(openingScript(""), flags);
  assertStringIncludes(JSON.parse(stdout).message, "cannot be found out");
});

Deno.test("findWorkerObstacle() refuses a terminal on which Deno would ask", async () => {
  const set = Deno.env.get("DENO_NO_PROMPT");
  try {
    Deno.env.delete("DENO_NO_PROMPT");
    const obstacle = await findWorkerObstacle({ isTerminal: () => true });
    assertEquals(obstacle?.code, "workers_unavailable");
    assertMatch(obstacle?.hint ?? "", /--no-prompt.*DENO_NO_PROMPT=1/);
    Deno.env.set("DENO_NO_PROMPT", "1");
    assertEquals(await findWorkerObstacle({ isTerminal: () => true }), undefined);
  } finally {
    if (set === undefined) Deno.env.delete("DENO_NO_PROMPT");
    else Deno.env.set("DENO_NO_PROMPT", set);
  }
});

Deno.test("A worker cannot have a permission that its host does not have", async () => {
  const flags = ["--unstable-worker-options", "--allow-env", "--allow-read=/nowhere", "--allow-write=/tmp"];
  const script = openingScript("").replace(
    /const dir = .*\n.*writeTextFile.*\n/,
    'const dir = "/somewhere";\n',
  );
  const { stdout } = await runScript(script.replace(/await Deno\.remove.*/, ""), flags);
  const error = JSON.parse(stdout);
  assertEquals(error.code, "sandbox_failed");
  assertStringIncludes(error.message, "Can't escalate parent thread permissions");
});

Deno.test("What a plugin in a worker prints or throws never reaches the host's own streams", async () => {
  const plugin = `
    const bytes = new TextEncoder().encode("raw\\n");
    console.log("log"); console.error("error"); console.table([1]);
    Deno.stdout.writeSync(bytes); Deno.stderr.writeSync(bytes); process.stdout.write("p\\n"); process.stderr.write("p\\n");
    const { writeSync, createWriteStream } = await import("node:fs");
    for (const fd of [1, 2]) {
      try { writeSync(fd, bytes); } catch {}
      createWriteStream("", { fd }).on("error", () => {}).write(bytes);
      try { new (await import("node:net")).Socket({ fd }).write(bytes); } catch {}
    }
    process.emitWarning("careful");
    reportError(new Error("reported"));
    await new Promise(() => {});
  `;
  const { code, stdout, stderr } = await runScript(openingScript(plugin), [
    "-A",
    "--unstable-worker-options",
  ]);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(stdout.trim().split("\n").length, 1, stdout);
  const lines: string[] = JSON.parse(stdout);
  for (
    const line of ["stdout: log", "stderr: error", "stdout: raw", "stderr: raw", "stdout: p", "stderr: p"]
  ) {
    assert(lines.includes(line), line);
  }
  assert(lines.some((line) => line.startsWith("stderr: error: Uncaught Error: reported")), stdout);
});

Deno.test({
  name: "createWorkerSandboxes() tells once what such a sandbox does not hold",
  ignore,
  async fn() {
    const notices: string[] = [];
    const open = createWorkerSandboxes({ onNotice: (message) => notices.push(message) });
    for (let count = 0; count < 2; count++) {
      await using sandbox = await open(specOf("/nowhere"));
      assertEquals([sandbox.tier, sandbox.pid], ["worker", undefined]);
    }
    assertEquals(notices.length, 1);
    assertStringIncludes(notices[0]!, "share this process");
  },
});

Deno.test({
  name: "A plugin in a worker adopts no descriptor of the host's process",
  ignore,
  async fn() {
    await using lab = await Lab.open("worker");
    // The server's own descriptor is among these, whichever it is.
    using _listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const taking = {
      socket: `const { Socket } = await import("node:net"); take((fd) => new Socket({ fd }));`,
      server:
        `const { createServer } = await import("node:net"); await takeLater((fd) => createServer().listen({ fd }));`,
      web:
        `const { createServer } = await import("node:http"); await takeLater((fd) => createServer().listen({ fd }));`,
      datagrams:
        `const { createSocket } = await import("node:dgram"); await takeLater((fd) => createSocket("udp4").bind({ fd }));`,
      file: `const { fstatSync } = await import("node:fs"); take((fd) => fstatSync(fd).ino);`,
      terminal: `const { ReadStream } = await import("node:" + "tty"); take((fd) => new ReadStream(fd));`,
      wasi:
        `const { WASI } = await import("node:" + "wasi"); take((stdin) => new WASI({ version: "preview1", stdin }));`,
      binding: `take((fd) => new (process.binding("pipe_wrap").Pipe)(0).open(fd));`,
    };
    const helpers = `
      const numbers = Array.from({ length: 100 }, (_, index) => index + 3);
      const take = (adopt) => { for (const fd of numbers) { try { adopt(fd); } catch { continue; } taken.push(fd); } };
      const takeLater = async (adopt) => {
        for (const fd of numbers) {
          await new Promise((resolve) => {
            try {
              adopt(fd).on("error", resolve).on("listening", () => { taken.push(fd); resolve(); });
            } catch { resolve(); }
          });
        }
      };`;
    const results = await lab.attempt(
      Object.fromEntries(
        Object.entries(taking).map(([name, code]) => [
          name,
          `const taken = []; ${helpers} try { ${code} } catch {} return taken;`,
        ]),
      ),
    );
    assertEquals(Object.values(results), Object.values(taking).map(() => []));
  },
});

Deno.test({
  name: "A plugin in a worker has no way to the host's threads, signals and settings",
  ignore,
  async fn() {
    await using lab = await Lab.open("worker");
    const results = await lab.attempt({
      globals:
        `return ["close", "name", "nodeBootstrap", "onmessage", "postMessage"].filter((name) => name in globalThis);`,
      locks: "return typeof navigator.locks;",
      forged: "return Reflect.ownKeys(LockManager.prototype).length;",
      arguments: "return process.argv.length;",
      deno: `return ["addSignalListener", "chdir", "kill", "umask"].filter((name) => name in Deno);`,
      process:
        `return ["abort", "binding", "chdir", "dlopen", "getBuiltinModule", "kill", "_kill"].filter((name) => name in process);`,
    });
    assertEquals(results, {
      globals: [],
      locks: "undefined",
      forged: 0,
      arguments: 0,
      deno: [],
      process: [],
    });
    const refused = await lab.attempt({
      signal: "process.on('SIGUSR2', () => {});",
      // Deno ends the process at an unstable option.
      vsock: "await Deno.connect({ transport: 'vsock', cid: 1, port: 1 });",
      listener: "Deno.listen({ transport: 'vsock', cid: 1, port: 1 });",
      port: "Deno.listen({ port: 0, reusePort: true });",
      server: "Deno.serve({ port: 0, reusePort: true }, () => new Response());",
      changing: "let asked = 0; Deno.listen({ port: 0, get reusePort() { return asked++ > 0; } });",
      threads: "await import('node:' + 'worker_threads');",
      modules: "await import('node:' + 'module');",
      common: "return (await import('./' + 'threads.cjs')).default;",
      hooks: "return (await import('./' + 'hooks.cjs')).default;",
      load: "return (await import('./' + 'load.cjs')).default;",
      pollute: "Object.defineProperty(Array.prototype, 0, { get: () => 1, set() {} });",
      environment: "process.env.PATH = 'changed';",
    }, {
      files: {
        "threads.cjs": 'module.exports = require("node:worker_threads").parentPort;',
        "hooks.cjs": "module.exports = module.constructor.registerHooks({});",
        "load.cjs": 'module.exports = module.constructor._load("worker_threads").parentPort;',
      },
    });
    assertEquals(Object.entries(refused).filter(([, result]) => !String(result).startsWith("refused: ")), []);
  },
});

Deno.test({
  name: "A worker whose start is aborted is gone",
  ignore,
  async fn() {
    const controller = new AbortController();
    const opening = createWorkerSandboxes()(specOf("/nowhere"), { signal: controller.signal });
    const reason = new Error("not wanted");
    controller.abort(reason);
    assertEquals(await assertRejects(() => opening) as unknown, reason);
  },
});
