/**
 * A store of versions on a data folder of its own; gone with the block.
 *
 * @module
 */

import { hashFiles, inspectFolder } from "../../../src/installer/plugin_folder.ts";
import { HostFolders } from "../../../src/lifecycle/folders.ts";
import { Registry } from "../../../src/lifecycle/registry.ts";
import { type KeptSource, VersionStore } from "../../../src/lifecycle/versions/version_store.ts";
import { manifestText } from "../../fixtures/start_host.ts";

/** The plugin of all of them. */
export const ID = "acme.weather";

/** A signal that never aborts. */
export const NEVER: AbortSignal = new AbortController().signal;

/** A store, and what it stands on. */
export interface StoreSite extends AsyncDisposable {
  readonly store: VersionStore;
  readonly registry: Registry;
  readonly folders: HostFolders;
  /** The plugin's own folder. */
  readonly dir: string;
  /** What was said. */
  readonly notices: string[];
  /** Writes a version into the plugin's folder and says what it is. */
  put(version: string, files?: Readonly<Record<string, string>>): Promise<KeptSource>;
  /** Names in a folder of the data folder; none where it is not there. */
  names(path: string): string[];
}

/** Opens one, by default in a temporary folder. */
export async function openStore(
  { maxCopyBytes, base }: { maxCopyBytes?: number; base?: string } = {},
): Promise<StoreSite> {
  const root = base ?? await Deno.realPath(await Deno.makeTempDir({ prefix: "cordon-test-" }));
  const dir = `${root}/plugin`;
  const notices: string[] = [];
  const folders = await HostFolders.open(`${root}/data`);
  const registry = await Registry.open(folders.data, (message) => notices.push(message));
  return {
    store: new VersionStore({ folders, records: registry.versions, maxCopyBytes }),
    registry,
    folders,
    dir,
    notices,
    async put(version, files = {}) {
      const all = {
        "plugin.toml": manifestText(ID).replace("1.0.0", version),
        "main.ts": `export const activate = () => ({ answer: () => "${version}" });`,
        ...files,
      };
      for (const [name, text] of Object.entries(all)) {
        await Deno.mkdir(`${dir}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
        await Deno.writeTextFile(`${dir}/${name}`, text);
      }
      return { id: ID, version, dir, hash: await hashFiles(dir, inspectFolder(dir).files) };
    },
    names: (path) => listNames(`${folders.data}/${path}`),
    async [Symbol.asyncDispose]() {
      registry[Symbol.dispose]();
      await folders[Symbol.asyncDispose]();
      if (base === undefined) await Deno.remove(root, { recursive: true });
    },
  };
}

function listNames(path: string): string[] {
  try {
    return [...Deno.readDirSync(path)].map(({ name }) => name).sort();
  } catch {
    // Not there.
    return [];
  }
}
