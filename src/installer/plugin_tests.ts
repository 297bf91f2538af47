/**
 * Runs the tests that a plugin brings along.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import { CordonError, InvalidPluginError, type Problem } from "../errors.ts";
import { checkImportGraph } from "../manifest/import_graph.ts";
import { readModuleGraph, runTests } from "./deno_tool.ts";
import { inspectFolder } from "./plugin_folder.ts";

/** Names that `deno test` takes for tests, too. */
const TEST_FILE = /(^|[/_.])test\.(ts|tsx|mts|js|mjs|jsx)$/;
const CONFIG_FILES = ["deno.json", "deno.jsonc"];
/** The runner's closing line. */
const SUMMARY = /^(?:ok|FAILED) \| (\d+) passed\b.*? \| (\d+) failed\b/;
/** The configuration of a checkout: Deno warns of its links when tests import the kit from there. */
const OWN_CONFIG = new URL("../../deno.json", import.meta.url).href;
/** Where our own modules are: tests import the testing kit from there. */
const OWN_FOLDERS = ["../../src/", "../../links/"].map((path) => new URL(path, import.meta.url).href);

/** How the tests of a plugin went. */
export interface TestReport {
  /** Whether all passed, and there were some. */
  readonly ok: boolean;
  /** How many passed. */
  readonly passed: number;
  /** How many failed; none, too, where they could not even be run. */
  readonly failed: number;
}

/**
 * Runs the tests of a plugin, confined to reading its folder.
 *
 * @param dir The plugin's folder.
 * @param options `onLine` receives what the runner and the tests print.
 * @throws {CordonError} `no_tests`, or `tool_failed` where their imports cannot be read.
 * @throws {InvalidPluginError} If they import what lies outside the folder.
 */
export async function runPluginTests(
  dir: string,
  { onLine, signal }: { readonly onLine: (line: string) => void; readonly signal?: AbortSignal },
): Promise<TestReport> {
  const real = await Deno.realPath(dir);
  const { files } = await inspectFolder(real);
  const tests = files.filter((file) => TEST_FILE.test(file) && !file.includes("node_modules/"));
  if (tests.length === 0) throw noTests(`Cannot test "${dir}": it holds no file named *_test.ts`);
  const configFile = CONFIG_FILES.find((name) => files.includes(name));
  const config = configFile === undefined ? undefined : `${real}/${configFile}`;
  const problems = await checkImports(tests, { dir: real, config, signal });
  if (problems.length > 0) throw new InvalidPluginError(dir, problems);

  let summary: RegExpExecArray | null = null;
  const isContent = await runTests(tests, {
    dir: real,
    config,
    signal,
    onLine: (line) => {
      if (isNoise(line)) return;
      summary = SUMMARY.exec(line) ?? summary;
      onLine(line);
    },
  });
  const [passed, failed] = [1, 2].map((group) => Number(summary?.[group] ?? 0)) as [number, number];
  if (isContent && passed + failed === 0) throw noTests(`Cannot test "${dir}": its test files hold no test`);
  return { ok: isContent && failed === 0, passed, failed };
}

function isNoise(line: string): boolean {
  return line.startsWith('Warning "links" field can only be') || line === `    at ${OWN_CONFIG}`;
}

function noTests(message: string): CordonError {
  return new CordonError("no_tests", message, {
    hint: 'Write a main_test.ts with Deno.test() and startPlugin() of "@cordon/cordon/sdk/testing"',
  });
}

/** Static imports are exempt from permissions, so they are judged before anything runs. */
async function checkImports(
  tests: readonly string[],
  { dir, config, signal }: { dir: string; config: string | undefined; signal: AbortSignal | undefined },
): Promise<Problem[]> {
  const root = `${pathToFileURL(dir).href}/`;
  const entries = tests.map((file) => pathToFileURL(`${dir}/${file}`).href);
  const module = await Deno.makeTempFile({ prefix: "cordon-test-", suffix: ".ts" });
  try {
    await Deno.writeTextFile(module, entries.map((url) => `import ${JSON.stringify(url)};`).join("\n"));
    const graph = await readModuleGraph(module, { config, signal });
    return entries.flatMap((entry) =>
      checkImportGraph(graph, entry, root, { trusted: OWN_FOLDERS }).problems
    );
  } finally {
    await Deno.remove(module);
  }
}
