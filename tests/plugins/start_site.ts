import * as markdown from "../../plugins/markdown/main.ts";
import * as site from "../../plugins/site/main.ts";
import type { FakeHost } from "./fake_context.ts";
import { startFiles } from "./start_files.ts";

/** Starts cordon.site and what it needs. */
export async function startSite(
  host: FakeHost,
  input: string,
  output: string,
  config?: Record<string, unknown>,
): Promise<site.SiteMethods> {
  await startFiles(host, input);
  await host.start("markdown", markdown, { provides: "markdown" });
  return await host.start("site", site, { vars: { output }, provides: "site", config });
}
