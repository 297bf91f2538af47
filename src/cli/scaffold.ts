/**
 * The files of a new plugin.
 *
 * @module
 */

import { CORDON_VERSION } from "../internal/version.ts";

/** What of our own imports the testing kit needs, where it is not installed from JSR. */
export const KIT_NEEDS: readonly string[] = ["@std/semver", "@std/toml", "zod"];

/** A plugin to be made. */
export interface NewPlugin {
  /** Its publisher. */
  readonly publisher: string;
  /** Its name, without the publisher. */
  readonly name: string;
  /** Name of its folder. */
  readonly folder: string;
}

/** The parts of a `deno.json` that are read or written here. */
interface DenoConfig {
  readonly name?: string;
  readonly exports?: string | Readonly<Record<string, string>>;
  readonly imports?: Readonly<Record<string, string>>;
  readonly links?: readonly string[];
}

/**
 * The files of a new plugin, by name.
 *
 * @param plugin The plugin.
 * @param root Of our package: a folder in a checkout, an address of JSR elsewhere.
 */
export async function createPluginFiles(
  plugin: NewPlugin,
  root: URL = new URL("../../", import.meta.url),
): Promise<Record<string, string>> {
  return {
    "plugin.toml": createManifest(plugin, root),
    "main.ts": createMain(plugin),
    "main_test.ts": createTest(plugin),
    "README.md": createReadme(plugin),
    "deno.json": `${JSON.stringify(await createConfig(root), null, 2)}\n`,
  };
}

function createManifest({ publisher, name }: NewPlugin, root: URL): string {
  return `#:schema ${new URL("docs/manifest.schema.json", root).href}
# What the plugin is, offers and asks for. An unknown key is an error.
schema = 1

[plugin]
id = "${publisher}.${name}" # never changes
version = "0.1.0"
main = "main.ts"
description = "Says hello"

[engines]
cordon = "^${CORDON_VERSION.split(".")[0]}"

# What others can call: every method named here has to be one that activate() returns.
[provides]
${name} = { version = "0.1.0", methods = ["hello"] }

# What it tells others, and what it listens to, as "clock.*".
[events]
publishes = ["${name}.greeted"]
subscribes = []

# What it needs of others, by the name of the capability: ctx.use("geocode")
# [uses]
# geocode = "^1"

# What it may reach besides its own folder, once somebody allows it.
# [[permissions.net]]
# hosts = ["api.example.org:443"]
# reason = "download forecasts"
`;
}

function createMain({ name }: NewPlugin): string {
  return `import type { PluginContext } from "@cordon/cordon/sdk";

/** Starts the plugin; what it returns is what others can call. */
export function activate(ctx: PluginContext) {
  ctx.log.info("ready");
  return {
    async hello(name: string) {
      await ctx.events.publish("${name}.greeted", { name });
      return \`Hello \${name}\`;
    },
  };
}
`;
}

function createTest({ name }: NewPlugin): string {
  return `import { assertEquals } from "@std/assert";
import { startPlugin } from "@cordon/cordon/sdk/testing";
import * as module from "./main.ts";

const manifest = new URL("plugin.toml", import.meta.url);

Deno.test("hello() greets, and tells others", async () => {
  await using plugin = await startPlugin(module, { manifest });
  assertEquals(await plugin.call("hello", "Ada"), "Hello Ada");
  assertEquals(plugin.published, [
    { topic: "${name}.greeted", value: { name: "Ada" } },
  ]);
});
`;
}

function createReadme({ publisher, name, folder }: NewPlugin): string {
  return `# ${publisher}.${name}

A plugin for [Cordon](https://jsr.io/@cordon/cordon). In the folder around it:

\`\`\`sh
cordon check ./${folder}
cordon test ./${folder}
cordon call ${name} hello '"Ada"' --dir ./${folder}
cordon run ./${folder}
\`\`\`

- \`plugin.toml\` says what it is, offers and asks for.
- \`main.ts\` is its code, \`main_test.ts\` its tests.
- \`deno.json\` is for editors and tests: a running plugin never sees it.
`;
}

/** For editors and tests; the host does not read it. */
async function createConfig(root: URL): Promise<Record<string, unknown>> {
  const testing = { test: "deno test --allow-read=." };
  if (root.protocol === "file:") return { ...await createLocalMap(root), lock: false, tasks: testing };
  const cordon = `jsr:@cordon/cordon@^${CORDON_VERSION.split(".")[0]}`;
  return {
    imports: {
      "@cordon/cordon/sdk": `${cordon}/sdk`,
      "@cordon/cordon/sdk/testing": `${cordon}/sdk/testing`,
      "@std/assert": "jsr:@std/assert@^1",
    },
    lock: false,
    tasks: testing,
  };
}

/**
 * The import map of a plugin beside a checkout: our files by their address, and
 * for them, as a scope, what they import, since an import map is one's own only.
 */
async function createLocalMap(root: URL): Promise<Record<string, unknown>> {
  const own = await readConfig(root);
  const links = await Promise.all((own.links ?? []).map(async (path) => {
    const url = new URL(`${path}/`, root);
    const { name = "", exports = "", imports } = await readConfig(url);
    const main = typeof exports === "string" ? exports : exports["."]!;
    return { name, main: new URL(main, url).href, imports };
  }));
  const needs = KIT_NEEDS.map((name) => {
    const link = links.find((link) => link.name === name);
    return link === undefined ? { [name]: own.imports![name]! } : { [name]: link.main, ...link.imports };
  });
  return {
    imports: {
      "@cordon/cordon/sdk": new URL("src/sdk/mod.ts", root).href,
      "@cordon/cordon/sdk/testing": new URL("src/sdk/testing/mod.ts", root).href,
      "@std/assert": links.find(({ name }) => name === "@std/assert")?.main ?? own.imports!["@std/assert"],
    },
    scopes: { [root.href]: Object.assign({}, ...needs) },
  };
}

async function readConfig(folder: URL): Promise<DenoConfig> {
  return JSON.parse(await Deno.readTextFile(new URL("deno.json", folder))) as DenoConfig;
}
