/**
 * A host for measuring, with a data folder of its own.
 *
 * @module
 */

import { type HostOptions, openHost, type PluginHost } from "@cordon/cordon";

/** Path of a plugin made for measuring. */
export const ECHO: string = new URL("plugins/echo", import.meta.url).pathname;

/** A host and its folder. */
export interface Workspace extends AsyncDisposable {
  /** The host. */
  readonly host: PluginHost;
  /** Its temporary folder. */
  readonly dir: string;
}

/** Opens a host on some plugin folders. */
export async function openWorkspace(
  plugins: readonly string[] = [ECHO],
  options: Partial<HostOptions> = {},
): Promise<Workspace> {
  const dir = await Deno.makeTempDir({ prefix: "cordon-bench-" });
  const host = await openHost({ plugins, data: `${dir}/data`, ...options });
  return {
    host,
    dir,
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

/** Writes `count` copies of the echo plugin, each with an id of its own; `more` ends the manifest of each. */
export async function writePlugins(
  dir: string,
  count: number,
  more: (index: number) => string = () => "",
): Promise<void> {
  const manifest = await Deno.readTextFile(`${ECHO}/plugin.toml`);
  for (let index = 0; index < count; index++) {
    await Deno.mkdir(`${dir}/p${index}`, { recursive: true });
    const text = manifest.replace("bench.echo", `bench.echo-${index}`).replace("echo =", `echo-${index} =`);
    await Deno.writeTextFile(`${dir}/p${index}/plugin.toml`, text + more(index));
    await Deno.copyFile(`${ECHO}/main.ts`, `${dir}/p${index}/main.ts`);
  }
}
