/**
 * A host with a plugin that things are done to, and one beside it that has to
 * stay well; gone with the block.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { type HostOptions, openHost, type PluginHost } from "@cordon/cordon";
import { manifestText, writePlugin } from "../fixtures/start_host.ts";
import { eventually, listProcesses } from "./host_process.ts";

/** A host under test. */
export interface PluginHostUnderTest extends AsyncDisposable {
  readonly host: PluginHost;
  readonly data: string;
  /** What the host said aloud. */
  readonly notices: readonly string[];
  /** Process of the plugin that things are done to. */
  pid(): number;
  /** Waits until that plugin is in a state; returns why it is. */
  reaches(state: string): Promise<string>;
  /** That the plugin beside it answers, in the process that it began in. */
  assertBystander(): Promise<void>;
}

/** Starts both plugins. */
export async function openPluginHost(
  code: string,
  { manifest = "", ...options }: Partial<HostOptions> & { readonly manifest?: string } = {},
): Promise<PluginHostUnderTest> {
  const plugins = await writePlugin({
    "plugins/subject/plugin.toml": manifestText("test.subject", manifest),
    "plugins/subject/main.ts": code,
    "plugins/bystander/plugin.toml": manifestText("test.bystander"),
    "plugins/bystander/main.ts": "export const activate = () => ({ pid: () => Deno.pid });",
  });
  const data = `${plugins.dir}/data`;
  const notices: string[] = [];
  const host = await openHost({
    plugins: [`${plugins.dir}/plugins`],
    data,
    onNotice: (message) => notices.push(message),
    ...options,
  });
  await host.start();
  const find = (id: string) => host.list().find((plugin) => plugin.id === id)!;
  const bystander = find("test.bystander").pid;
  return {
    host,
    data,
    notices,
    pid: () => find("test.subject").pid!,
    async reaches(state) {
      await eventually(() => find("test.subject").state === state, `state ${state}`);
      return find("test.subject").message ?? "";
    },
    async assertBystander() {
      assertEquals(await host.call("test.bystander", "pid"), bystander);
    },
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      assertEquals(await listProcesses(data), [], "processes are left");
      await plugins[Symbol.asyncDispose]();
    },
  };
}
