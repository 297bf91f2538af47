/**
 * `cordon crashes [ID]`: how plugins ended that nobody had stopped.
 *
 * @module
 */

import { sanitizeText } from "../../internal/sanitize_text.ts";
import type { CrashReport } from "../../lifecycle/crashes/crash_report.ts";
import { describeCrash, summarizeCrash } from "../../lifecycle/crashes/crash_words.ts";
import { openControl } from "../host_access.ts";
import { formatTime } from "../journal_rows.ts";
import type { CommandContext } from "../options.ts";
import type { Output } from "../output.ts";
import { type Cell, formatTable } from "../table.ts";

/** Shows crash reports: all of a plugin or of all plugins, or everything about the last one. */
export async function crashes(context: CommandContext, id?: string): Promise<number> {
  const { output, options } = context;
  await using host = await openControl(context);
  const all = await host.crashes(id);
  // The reports of a plugin that is gone are still there.
  if (id !== undefined && all.length === 0) await host.info(id);
  const shown = options.last === true ? all.slice(0, 1) : all;
  output.document({ crashes: shown });
  if (shown.length === 0) {
    output.line(id === undefined ? "No plugin has crashed." : `${sanitizeText(id)} has not crashed.`);
  } else if (options.last === true) printReport(shown[0]!, output);
  else for (const line of formatReports(shown, output)) output.line(line);
  return 0;
}

function printReport(report: CrashReport, output: Output): void {
  const { id, time } = report;
  output.line(`${output.style("bold", sanitizeText(id))} crashed ${formatTime(time)}`);
  for (const { heading, lines } of describeCrash(report)) {
    output.line();
    output.line(output.style("dim", heading));
    for (const line of lines) output.line(`  ${sanitizeText(line)}`);
  }
}

function formatReports(reports: readonly CrashReport[], output: Output): string[] {
  const heading = ["TIME", "PLUGIN", "VERSION", "WHILE", "WHAT"]
    .map((text): Cell => ({ text, style: (plain) => output.style("dim", plain) }));
  const rows = reports.map((report): Cell[] =>
    [
      formatTime(report.time),
      sanitizeText(report.id),
      report.version,
      report.phase === "start" ? "starting" : "running",
      sanitizeText(summarizeCrash(report)),
    ].map((text) => ({ text }))
  );
  return formatTable([heading, ...rows], output.width);
}
