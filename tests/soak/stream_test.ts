import { assert, assertEquals } from "@std/assert";
import { BEST_TIER, manifestText, writePlugin } from "../fixtures/start_host.ts";
import { HostProgram } from "./host_program.ts";
import { readRssMib } from "./process_memory.ts";

/** What passes; `CORDON_STREAM_MIB=1024` asks for a GiB. */
const ASKED = Deno.env.get("CORDON_STREAM_MIB");
const MIB = Number(ASKED ?? 96);

/** Between two looks at the memory. */
const LOOK_EVERY_MS = 100;

/** What a process may have more than before it began. */
const MAX_GROWTH_MIB = 64;

const LIMITS = '[limits]\ncall_timeout = "10m"\n';

const SOURCE = `export const activate = () => ({
  async *bytes(chunks, size) {
    for (let at = 0; at < chunks; at++) yield new Uint8Array(size).fill(at);
  },
});`;

/** Checks that each byte is the one that has to be there. */
const SINK = `export const activate = (ctx) => ({
  async read(chunks, size) {
    let [bytes, wrong] = [0, 0];
    for await (const piece of await ctx.call("source", "bytes", [chunks, size])) {
      const [first, last] = [bytes, bytes + piece.length - 1].map((at) => Math.floor(at / size) % 256);
      if (piece[0] !== first || piece.at(-1) !== last) wrong++;
      bytes += piece.length;
    }
    return { bytes, wrong };
  },
});`;

Deno.test({
  name: `${MIB} MiB pass between two plugins while the memory of all three processes stays flat`,
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using plugins = await writePlugin({
      "plugins/source/plugin.toml": manifestText(
        "test.source",
        `[provides]\nsource = { version = "1.0.0", methods = ["bytes"] }\n${LIMITS}`,
      ),
      "plugins/source/main.ts": SOURCE,
      "plugins/sink/plugin.toml": manifestText("test.sink", `[uses]\nsource = "^1"\n${LIMITS}`),
      "plugins/sink/main.ts": SINK,
    });
    await using host = new HostProgram("stream_host.ts", [
      `${plugins.dir}/plugins`,
      `${plugins.dir}/data`,
      BEST_TIER,
      `${MIB}`,
    ]);
    const lines = host.lines();
    const pids = (await lines.next()).value as [string, number][];
    const processes = new Map([["host", host.pid], ...pids]);
    const memory = await watchMemory(processes);
    await host.goOn();
    const { read, seconds } = (await lines.next()).value as { read: unknown; seconds: number };
    const figures = await memory.end();
    await host.goOn();
    assert((await lines.next()).done);
    assertEquals(await host.errors(), "");
    if (ASKED !== undefined) {
      Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify({ seconds, ...figures })}\n`));
    }
    assertEquals(read, { bytes: MIB * 2 ** 20, wrong: 0 });
    for (const [name, { before, highest }] of Object.entries(figures)) {
      assert(highest - before < MAX_GROWTH_MIB, `${name} has ${highest - before} MiB more`);
    }
  },
});

/** Looks at the memory of some processes now and then, in MiB. */
async function watchMemory(processes: ReadonlyMap<string, number>) {
  const figures: Record<string, { before: number; highest: number; looks: number }> = {};
  const look = async () => {
    for (const [name, pid] of processes) {
      const rssMib = await readRssMib(pid);
      const figure = figures[name] ??= { before: rssMib, highest: rssMib, looks: 0 };
      figure.highest = Math.max(figure.highest, rssMib);
      figure.looks++;
    }
  };
  await look();
  let looking = Promise.resolve();
  const timer = setInterval(() => looking = looking.then(look), LOOK_EVERY_MS);
  return {
    async end() {
      clearInterval(timer);
      await looking;
      return figures;
    },
  };
}
