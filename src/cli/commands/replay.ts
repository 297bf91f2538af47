/**
 * `cordon replay FILE`: run a plugin alone against a recording.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { CordonError } from "../../errors.ts";
import { openHost } from "../../host.ts";
import { sanitizeText } from "../../internal/sanitize_text.ts";
import { type PluginReplay, Replaying } from "../../lifecycle/recordings/replaying.ts";
import { readRecording } from "../../recording/recording_file.ts";
import { show } from "../../recording/replay_report.ts";
import { tryParseDuration } from "../call_options.ts";
import { type CommandContext, dataDir, toHostOptions } from "../options.ts";
import type { Output } from "../output.ts";

/** Replays a recording; ends with 1 at the first difference. */
export async function replay(context: CommandContext, file = ""): Promise<number> {
  const { output, options } = context;
  const recording = await readRecording(file);
  const { plugin, vars } = recording.head;
  const replaying = new Replaying(recording, {
    ignore: options.ignore as string[] | undefined,
    logs: options.logs === true,
    timeoutMs: tryParseDuration(options.timeout, "--timeout 10s"),
  });
  const folder = options.plugin as string | undefined;
  const hostOptions = toHostOptions({
    ...context,
    options: folder === undefined ? options : { ...options, dir: [folder] },
  });
  // A folder of its own: the plugin's private files are left alone, and another host may run meanwhile.
  const data = await Deno.makeTempDir({ prefix: "cordon-replay-" });
  try {
    await takeGrants(dataDir(context), data);
    await using host = await openHost({
      ...hostOptions,
      data,
      vars: { ...vars, ...hostOptions.vars },
      replaying,
    });
    const found = host.list().find(({ id }) => id === plugin.id);
    if (found === undefined) throw notFound(plugin.id, hostOptions.plugins);
    const report = await host.replay();
    output.document({ id: plugin.id, recorded: plugin.version, version: found.version, ...report });
    if (!output.json) print(report, { id: plugin.id, output });
    return report.ok ? 0 : 1;
  } finally {
    await Deno.remove(data, { recursive: true });
  }
}

/** What was granted counts here too. */
async function takeGrants(from: string, to: string): Promise<void> {
  const file = `${from}/grants.toml`;
  if (existsSync(file)) await Deno.copyFile(file, `${to}/grants.toml`);
}

function notFound(id: string, dirs: readonly string[]): CordonError {
  const places = dirs.map((dir) => `"${sanitizeText(dir)}"`).join(", ");
  return new CordonError(
    "not_found",
    `Cannot replay a recording of "${sanitizeText(id)}": it is not in ${places}`,
    {
      hint: "Name its folder: --plugin FOLDER",
    },
  );
}

function print(
  { ok, matched, ignored, sent, difference, withheld }: PluginReplay,
  { id, output }: { id: string; output: Output },
): void {
  for (const { kind, value } of withheld) {
    output.notice(`Not given, since it was not there when this was recorded: ${kind} ${sanitizeText(value)}`);
  }
  if (ok) {
    output.line(`${output.style("green", "ok")}  ${id} does what was recorded`);
    const aside = ignored === 0 ? "" : `, ${ignored} not compared`;
    return output.line(`    ${sent} messages sent to it, ${matched} came back as recorded${aside}`);
  }
  const { line, atMs, message, path, expected, actual } = difference!;
  output.line(
    `${output.style("red", "!")}  line ${line}, after ${Math.round(atMs)} ms: ${sanitizeText(message)}`,
  );
  if (path === undefined) return;
  output.line(`    recorded  ${sanitizeText(show(expected))}`);
  output.line(`    now       ${sanitizeText(show(actual))}`);
  output.line(`    ${output.style("dim", `passed over with --ignore ${sanitizeText(path)}`)}`);
}
