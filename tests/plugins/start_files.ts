import * as files from "../../plugins/files/main.ts";
import type { FakeHost } from "./fake_context.ts";

/** Starts cordon.files, and waits until it has told everybody of what is there at the start. */
export async function startFiles(host: FakeHost, input: string): Promise<files.FilesMethods> {
  const told = host.next("files.changed");
  const methods = await host.start("files", files, { vars: { input }, provides: "files" });
  await told;
  return methods;
}
