/**
 * What a running plugin uses of the machine.
 *
 * @module
 */

/** What a running plugin uses. */
export interface PluginUsage {
  /** Memory that is its own. */
  readonly memoryBytes: number;
  /** Processor time so far. */
  readonly cpuMs: number;
  /** Share of one core over the last second; undefined in its first. */
  readonly cpuShare: number | undefined;
}
