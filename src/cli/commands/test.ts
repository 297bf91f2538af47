/**
 * `cordon test DIR`: check a plugin, then run its own tests.
 *
 * @module
 */

import { CordonError, InvalidPluginError } from "../../errors.ts";
import { openHost } from "../../host.ts";
import { runPluginTests } from "../../installer/plugin_tests.ts";
import { sanitizeText } from "../../internal/sanitize_text.ts";
import { type CommandContext, toHostOptions } from "../options.ts";
import { assertSome } from "./run.ts";

/** Lines kept for `--json`: the last ones, where a runner's report is. */
const MAX_LINES = 10_000;

/** Runs the tests of a plugin, confined to reading its folder. */
export async function test(context: CommandContext, dir = ""): Promise<number> {
  const { output, signal } = context;
  const lines: string[] = [];
  const { ok, passed, failed } = await runPluginTests(await findValid(context, dir), {
    signal,
    onLine: (line) => {
      const safe = sanitizeText(line);
      output.line(safe);
      if (output.json && lines.push(safe) > MAX_LINES) lines.shift();
    },
  });
  output.document({ ok, passed, failed, output: lines.join("\n") });
  return ok ? 0 : 1;
}

/**
 * The folder of the one plugin in `dir`, once it is known to be valid. What it
 * needs of others need not be there: tests bring fakes.
 */
async function findValid(context: CommandContext, dir: string): Promise<string> {
  const data = await Deno.makeTempDir({ prefix: "cordon-test-" });
  try {
    const options = toHostOptions({ ...context, options: { ...context.options, dir: [dir] } });
    await using host = await openHost({ ...options, data, grant: "requested", lookOnly: true });
    assertSome(host, options.plugins);
    const [plugin, ...others] = host.list();
    if (others.length > 0) {
      throw new CordonError("invalid_input", `Cannot test "${dir}": it holds ${others.length + 1} plugins`, {
        hint: `Name one: cordon test ${plugin!.dir}`,
      });
    }
    const { problems } = host.info(plugin!.id);
    if (problems.length > 0) throw new InvalidPluginError(plugin!.dir, problems);
    return plugin!.dir;
  } finally {
    await Deno.remove(data, { recursive: true });
  }
}
