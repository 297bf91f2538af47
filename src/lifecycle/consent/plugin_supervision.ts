/**
 * The supervision of one running plugin: what it may do is decided check by
 * check, what is denied is counted, and the first denials go to the journal.
 *
 * @module
 */

import { RateLimiter } from "../../internal/rate_limiter.ts";
import { sanitizeText } from "../../internal/sanitize_text.ts";
import type { DenoRequest } from "../../permissions/deno_request.ts";
import type { PermissionSet } from "../../permissions/permission_set.ts";
import {
  Supervision,
  type SupervisionOptions,
  type Supervisor,
  type Verdict,
} from "../../permissions/supervision.ts";

/** Denials that go to the journal; a plugin that goes on trying is not news. */
const JOURNAL_RATE = { count: 10, periodMs: 60_000 };

/** Longest value kept: it is whatever the plugin tried. */
const MAX_VALUE = 256;

/** Takes a denial. */
export type OnDenial = (denial: { kind: string; value: string | undefined; reason: string }) => void;

/** Supervises one plugin. */
export class PluginSupervision implements Supervisor {
  readonly #supervision: Supervision;
  readonly #onDenial: OnDenial;
  readonly #journalRate = new RateLimiter(JOURNAL_RATE);
  #denials = 0;

  /**
   * @param options What is decided by.
   * @param onDenial Told of the first denials of each minute.
   */
  constructor(options: SupervisionOptions, onDenial: OnDenial) {
    this.#supervision = new Supervision(options);
    this.#onDenial = onDenial;
  }

  /** How many checks were denied. */
  get denials(): number {
    return this.#denials;
  }

  /** What the plugin may reach now. */
  get permissions(): PermissionSet {
    return this.#supervision.permissions;
  }

  /** Decides about one check. */
  decide(request: DenoRequest): Verdict {
    const verdict = this.#supervision.decide(request);
    if (!verdict.allowed) this.#note(verdict);
    return verdict;
  }

  /** Takes back, from the next check on, whatever the given set does not allow. */
  narrow(permissions: PermissionSet, reason: string): void {
    this.#supervision.narrow(permissions, reason);
  }

  #note({ kind, value, because = "it is not granted" }: Verdict): void {
    this.#denials++;
    if (!this.#journalRate.take()) return;
    this.#onDenial({
      kind: sanitizeText(kind),
      value: value === undefined ? undefined : sanitizeText(value.slice(0, MAX_VALUE)),
      reason: because,
    });
  }
}
