/**
 * `deno task demo`: the sample plugins build, search and check a site from
 * this repository's own docs; then a nosy plugin tries what it was not granted.
 *
 * @module
 */

import { CordonError, openHost, type PluginHost } from "@cordon/cordon";
import { Output } from "../src/cli/output.ts";
import { formatPlugins, hintsOf } from "../src/cli/plugin_rows.ts";

const ROOT = new URL("../", import.meta.url);
const NOSY_MANIFEST = `schema = 1
[plugin]
id = "demo.nosy"
version = "1.0.0"
main = "main.ts"
`;
const NOSY_MAIN = `export function activate() {
  return { read: (path: string) => Deno.readTextFile(path) };
}
`;

/** What `cordon.site` reports of a build. */
interface SiteReport {
  readonly pages: number;
  readonly written: number;
  readonly skipped: readonly unknown[];
}

/** A link that leads nowhere. */
interface BrokenLink {
  readonly page: string;
  readonly line: number;
  readonly href: string;
  readonly reason: string;
}

/** A place where a search found something. */
interface Hit {
  readonly path: string;
  readonly heading: string;
}

const output = new Output({ json: false, color: true });
const scratch = await Deno.makeTempDir({ prefix: "cordon-demo-" });
try {
  await demonstrate();
} finally {
  await Deno.remove(scratch, { recursive: true });
}

async function demonstrate(): Promise<void> {
  await prepareInput();
  title("Start: six plugins, stage by stage, each with what it asked for and nothing else");
  await using host = await openHost({
    plugins: [new URL("plugins", ROOT).pathname, `${scratch}/nosy`],
    data: `${scratch}/data`,
    vars: { input: `${scratch}/input`, output: `${scratch}/site`, port: String(freePort()) },
    grant: "requested",
    onNotice: (message) => output.notice(message),
  });
  const startedAt = performance.now();
  const plugins = await host.start();
  for (const line of formatPlugins(plugins, output)) output.line(line);
  for (const line of hintsOf(plugins, output)) output.line(line);
  output.line(output.style("dim", describeStages(host, performance.now() - startedAt)));
  if (plugins.some(({ pid }) => pid === undefined)) {
    throw new Error("Cannot go on: not every plugin runs");
  }

  await showSite(host);
  await showSearch(host);
  await showBrokenLinks(host);
  await showRefusal(host);
  output.line();
}

/** The docs and the README, in a folder of their own. */
async function prepareInput(): Promise<void> {
  await Deno.mkdir(`${scratch}/input/docs`, { recursive: true });
  await Deno.mkdir(`${scratch}/nosy`);
  await Deno.writeTextFile(`${scratch}/nosy/plugin.toml`, NOSY_MANIFEST);
  await Deno.writeTextFile(`${scratch}/nosy/main.ts`, NOSY_MAIN);
  for (const name of ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"]) {
    await Deno.copyFile(new URL(name, ROOT), `${scratch}/input/${name}`);
  }
  for await (const { name, isFile } of Deno.readDir(new URL("docs", ROOT))) {
    if (isFile) await Deno.copyFile(new URL(`docs/${name}`, ROOT), `${scratch}/input/docs/${name}`);
  }
}

async function showSite(host: PluginHost): Promise<void> {
  title("Site: cordon.files reads the input, cordon.markdown renders, cordon.site writes the output");
  const { pages, written, skipped } = await host.call("site", "build", [{ all: true }]) as SiteReport;
  const address = await host.call("web", "address") as string;
  const page = await (await fetch(address)).text();
  const heading = /<title>([^<]*)<\/title>/.exec(page)?.[1] ?? "";
  output.line(`${pages} pages, ${written} files written, ${skipped.length} skipped`);
  output.line(`served at ${address}: "${heading}", ${page.length} characters`);
}

async function showSearch(host: PluginHost): Promise<void> {
  title("Search: cordon call search query '\"sandbox\"'");
  for (const { path, heading } of await host.call("search", "query", ["sandbox", { limit: 3 }]) as Hit[]) {
    output.line(`${path}  ${output.style("dim", heading)}`);
  }
}

async function showBrokenLinks(host: PluginHost): Promise<void> {
  title("Links: cordon.links reports what leads nowhere");
  const broken = await host.call("links", "broken") as BrokenLink[];
  for (const { page, line, href, reason } of broken.slice(0, 5)) {
    output.line(`${page}:${line}  ${href}  ${reason}`);
  }
  output.line(broken.length === 0 ? "no broken link" : `${broken.length} broken in all`);
}

async function showRefusal(host: PluginHost): Promise<void> {
  title("Refusal: demo.nosy asked for nothing and tries to read the input all the same");
  try {
    await host.call("demo.nosy", "read", [`${scratch}/input/README.md`]);
  } catch (error) {
    if (!(error instanceof CordonError)) throw error;
    output.line(`${output.style("red", "refused")}: ${error.message.split(", run again")[0]}`);
    return;
  }
  throw new Error("demo.nosy read a file that nobody granted");
}

function describeStages(host: PluginHost, tookMs: number): string {
  const stages = host.graph.stages.map(({ ids }) => ids.map((id) => id.split(".")[1]).join(" + "));
  return `${stages.join(" → ")}, in ${Math.round(tookMs)} ms`;
}

function title(text: string): void {
  output.line();
  output.line(output.style("bold", text));
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}
