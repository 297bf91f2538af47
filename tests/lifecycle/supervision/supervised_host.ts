/**
 * A host on plugins that end when they are told to, and what its journal says
 * of them; gone with the block.
 *
 * @module
 */

import { type HostOptions, type JournalEvent, openHost, type PluginHost } from "@cordon/cordon";
import { eventually } from "../../faults/host_process.ts";
import { manifestText, writePlugin } from "../../fixtures/start_host.ts";

/** A wait that no test sees the end of. */
export const MAX_BACKOFF_WAIT = "10m";

/** Ends as it is told; how often it starts is counted in its folder, and it may end while it does. */
const SHAKY = `export function activate(ctx) {
  const read = (name) => { try { return Deno.readTextFileSync(ctx.data + "/" + name); } catch { return "0"; } };
  const starts = Number(read("starts")) + 1;
  Deno.writeTextFileSync(ctx.data + "/starts", String(starts));
  if (starts > 1 && starts <= 1 + Number(read("deaths"))) Deno.exit(9);
  return {
    pid: () => Deno.pid,
    starts: () => starts,
    // Has so many of the next starts fail.
    plan: (deaths) => Deno.writeTextFileSync(ctx.data + "/deaths", String(starts - 1 + deaths)),
    end: (code) => Deno.exit(code),
    ask: (capability, method, ...args) => ctx.call(capability, method, args),
  };
}`;

const OWN_FOLDER = '[[permissions.read]]\npaths = ["$DATA"]\n[[permissions.write]]\npaths = ["$DATA"]\n';

/** A supervised host. */
export interface SupervisedHost extends AsyncDisposable {
  readonly host: PluginHost;
  /** Ends a plugin with an exit code. */
  end(id: string, code?: number): Promise<void>;
  /** Waits until a plugin is in a state. */
  reaches(id: string, state: string): Promise<void>;
  /** What the journal has of a type about a plugin. */
  notes(id: string, type: string): JournalEvent[];
  /** The states that a plugin came into, in their order. */
  states(id: string): string[];
}

/** Opens a host on plugins, by id, each with what its manifest says besides, and starts it. */
export async function openSupervised(
  plugins: Readonly<Record<string, string>>,
  options: Partial<HostOptions> = {},
): Promise<SupervisedHost> {
  const written = await writePlugin(Object.fromEntries(
    Object.entries(plugins).flatMap(([id, more]) => [
      [`plugins/${id}/plugin.toml`, manifestText(id, more + OWN_FOLDER)],
      [`plugins/${id}/main.ts`, SHAKY],
    ]),
  ));
  const host = await openHost({
    plugins: [`${written.dir}/plugins`],
    data: `${written.dir}/data`,
    grant: "requested",
    ...options,
  });
  await host.start();
  const notes = (id: string, type: string) =>
    host.journal.list({ id }).filter((event) => event.type === type);
  return {
    host,
    notes,
    async end(id, code = 3) {
      await host.call(id, "end", [code]).catch(() => {
        // It ends before it has answered.
      });
    },
    reaches: (id, state) => eventually(() => host.info(id).state === state, `state ${state} of ${id}`),
    states: (id) => notes(id, "plugin.state").map(({ facts }) => String(facts.to)),
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      await written[Symbol.asyncDispose]();
    },
  };
}
