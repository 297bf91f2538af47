/**
 * What a plugin says of its own health. Types only.
 *
 * @module
 */

/** How a plugin is: it works, it works less well than it should, or it does not work. */
export type HealthStatus = "ok" | "degraded" | "failing";

/** What `health()` may return instead of a status alone. */
export interface HealthReport {
  /** How the plugin is. One that is `failing` several times in a row (`health.failures`) is ended. */
  readonly status: HealthStatus;
  /** Why, as half a sentence for people; its first 300 characters are kept. */
  readonly reason?: string | undefined;
  /** Figures for people; the first 16 are kept. */
  readonly facts?: Readonly<Record<string, string | number | boolean | null>> | undefined;
}
