/**
 * Waits until a plugin that was activated is not failing: only then it runs,
 * and what needs it may start.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import { pause } from "../../internal/pause.ts";
import type { PluginInstance } from "../instance.ts";
import type { HealthCheckOptions } from "./health_check.ts";
import type { HealthCheck } from "./health_record.ts";

/** Time between two checks. */
const PAUSE_MS = 100;

/** Who is asked. */
type Asked = Pick<PluginInstance, "checkHealth" | "hasHealth">;

/**
 * Asks again and again; who cannot be asked is not waited for.
 *
 * @param options How long it may take to answer once; the signal ends the start.
 * @throws {CordonError} `not_ready`, with what it answered last, when the signal comes first.
 */
export async function awaitReady(
  instance: Asked,
  { timeoutMs, signal }: Required<HealthCheckOptions>,
): Promise<void> {
  if (!instance.hasHealth) return;
  let last: HealthCheck | undefined;
  while (!signal.aborted) {
    try {
      last = await instance.checkHealth({ timeoutMs, signal });
    } catch (error) {
      if (signal.aborted) break;
      throw error;
    }
    if (last.status !== "failing") return;
    await pause(PAUSE_MS, signal);
  }
  throw new CordonError("not_ready", last?.reason ?? "its health() did not answer", { cause: signal.reason });
}
