import { assert, assertEquals } from "@std/assert";

const HOST = new URL("host_to_kill.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

/** A plugin that holds a connection to us, whose end tells of its own. */
const CONNECTED = `
  export async function activate() {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: PORT });
    return {
      async hang() {
        await connection.write(new Uint8Array(1));
        for (;;) if (CHECKS) Deno.statSync(import.meta.filename);
      },
    };
  }
`;

function manifest(id: string): string {
  return [
    "schema = 1",
    "[plugin]",
    `id = "${id}"`,
    'version = "1.0.0"',
    'main = "main.ts"',
    "[[permissions.net]]",
    'hosts = ["127.0.0.1:${port}"]',
  ].join("\n");
}

/** Starts a host with one plugin, kills the host once the plugin is where it should be, and looks. */
async function killHost(
  id: string,
  look: (connection: Deno.TcpConn, pid: number) => Promise<void>,
): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  try {
    await Deno.mkdir(`${dir}/plugin`);
    const source = CONNECTED.replace("PORT", String(port)).replace("CHECKS", String(id === "test.checking"));
    await Deno.writeTextFile(`${dir}/plugin/plugin.toml`, manifest(id));
    await Deno.writeTextFile(`${dir}/plugin/main.ts`, source);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--config", CONFIG, HOST, `${dir}/plugin`, `${dir}/data`, String(port)],
      stdout: "piped",
    }).spawn();
    using connection = await listener.accept();
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const [pid] = JSON.parse((await lines.read()).value!) as [number];
    if (id !== "test.idle") await connection.read(new Uint8Array(1));
    child.kill("SIGKILL");
    await child.status;
    await lines.cancel();
    await look(connection, pid);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("A host killed with SIGKILL leaves no orphan of a plugin that waits", async () => {
  await killHost("test.idle", async (connection) => {
    assertEquals(await connection.read(new Uint8Array(1)), null);
  });
});

Deno.test({
  name: "A host killed with SIGKILL leaves no orphan of a supervised plugin in an endless loop of checks",
  ignore: Deno.build.os === "windows",
  async fn() {
    await killHost("test.checking", async (connection) => {
      assertEquals(await connection.read(new Uint8Array(1)), null);
    });
  },
});

// Known limit of tier "deno": its end takes a turn of the event loop. Tier "os" has the kernel kill it.
Deno.test({
  name: "A host killed with SIGKILL leaves an orphan of a plugin in an endless loop",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await killHost("test.busy", async (connection, pid) => {
      assert((await Deno.stat(`/proc/${pid}`)).isDirectory);
      Deno.kill(pid, "SIGKILL");
      assertEquals(await connection.read(new Uint8Array(1)), null);
    });
  },
});
