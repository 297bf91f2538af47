import { assertEquals } from "@std/assert";
import { eventually, listProcesses } from "./host_process.ts";
import { openPluginHost } from "./plugin_host.ts";
import { TIERS } from "./tiers.ts";

/** Starts and stops of a plugin; `CORDON_CYCLES` asks for more. */
const CYCLES = Number(Deno.env.get("CORDON_CYCLES") ?? 10);

/** Looks in a row that have to find the same. */
const STEADY_LOOKS = 30;

/** What this process and the data folder hold. */
async function takeStock(data: string): Promise<Record<string, unknown>> {
  const names = (dir: string) => Array.fromAsync(Deno.readDir(dir), ({ name }) => name);
  const sockets = (await names(data)).filter((name) => name.startsWith("run-"));
  return {
    descriptors: (await names("/proc/self/fd")).length,
    processes: (await listProcesses(data)).length,
    sockets: (await Promise.all(sockets.map((name) => names(`${data}/${name}`)))).flat().length,
    work: (await names(`${data}/work`)).length,
    bootstrap: (await names(`${data}/bootstrap`)).toSorted(),
    scratch: (await names(`${data}/plugins/test.subject/scratch`)).length,
  };
}

/** The same, once it does not change any more: ends of pipes close a turn after their process has ended. */
async function takeSteadyStock(data: string): Promise<Record<string, unknown>> {
  let stock = await takeStock(data);
  let looks = 0;
  await eventually(async () => {
    const next = await takeStock(data);
    looks = JSON.stringify(next) === JSON.stringify(stock) ? looks + 1 : 0;
    stock = next;
    return looks >= STEADY_LOOKS;
  }, "a steady stock");
  return stock;
}

for (const { tier, obstacle } of TIERS) {
  Deno.test({
    name: `${CYCLES} starts and stops in tier "${tier}" leave everything where it was`,
    ignore: obstacle !== undefined || Deno.build.os !== "linux",
    async fn() {
      await using test = await openPluginHost("export const activate = () => ({ echo: (value) => value });", {
        policy: { tier },
      });
      const cycle = async () => {
        assertEquals(await test.host.call("test.subject", "echo", [1]), 1);
        await test.host.stopPlugin("test.subject");
      };
      // The first ones open what stays open: the database's files, the spare launcher.
      for (let count = 0; count < 3; count++) await cycle();
      // The plugin beside it, and in tier "os" the spare launcher.
      const settled = async () => (await listProcesses(test.data)).length === (tier === "os" ? 2 : 1);
      await eventually(settled, "the spare launcher");
      const before = await takeSteadyStock(test.data);
      for (let count = 0; count < CYCLES; count++) await cycle();
      await eventually(settled, "the spare launcher");
      assertEquals(await takeSteadyStock(test.data), before);
    },
  });
}

for (const { tier, obstacle } of TIERS) {
  Deno.test({
    name: `${CYCLES} reloads in tier "${tier}" leave everything where it was`,
    ignore: obstacle !== undefined || Deno.build.os !== "linux",
    async fn() {
      const code = (version: number) => `export const activate = () => ({ version: () => ${version} });`;
      await using test = await openPluginHost(code(0), { policy: { tier } });
      let version = 0;
      const cycle = async () => {
        await Deno.writeTextFile(`${test.data}/../plugins/subject/main.ts`, code(++version));
        await test.host.reload("test.subject");
        assertEquals(await test.host.call("test.subject", "version"), version);
      };
      for (let count = 0; count < 5; count++) await cycle();
      // Both plugins, the sandbox that waits for the next version, and in tier "os" the spare launcher.
      const settled = async () => (await listProcesses(test.data)).length === (tier === "os" ? 4 : 3);
      await eventually(settled, "the sandbox that waits");
      const before = await takeSteadyStock(test.data);
      for (let count = 0; count < CYCLES; count++) await cycle();
      await eventually(settled, "the sandbox that waits");
      assertEquals(await takeSteadyStock(test.data), before);
    },
  });
}
