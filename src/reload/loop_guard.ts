/**
 * Stops a plugin from reloading itself for ever, as one does that writes into
 * its own folder: changes that come too often are held until they cease.
 *
 * @module
 */

/** How often a plugin may be reloaded. */
export interface LoopBounds {
  /** As many reloads within the window are nobody's typing. @default {5} */
  readonly maxReloads?: number;
  /** Length of the window. @default {10_000} */
  readonly windowMs?: number;
  /** How long a held plugin has to be quiet the first time; twice as long each time it begins again. @default {5_000} */
  readonly quietMs?: number;
  /** Longest of these times. @default {300_000} */
  readonly maxQuietMs?: number;
}

/** What to do with a change. */
export type LoopVerdict =
  | { readonly type: "reload" }
  /** Judge again then; `message` says why, once until the plugin was calm. */
  | { readonly type: "hold"; readonly untilMs: number; readonly message: string | undefined };

interface Course {
  /** When it was reloaded, within the window. */
  reloads: number[];
  /** Set while its changes are held. */
  heldUntil: number | undefined;
  /** How often it was held without having been calm in between. */
  holds: number;
}

/** Files that a message names. */
const MAX_NAMED = 3;

/** Judges the changes of all plugins by how often each of them comes. */
export class LoopGuard {
  readonly #now: () => number;
  readonly #bounds: Required<LoopBounds>;
  readonly #courses = new Map<string, Course>();

  /** @param now A clock that never goes back, in milliseconds. */
  constructor(now: () => number, bounds: LoopBounds = {}) {
    this.#now = now;
    this.#bounds = { maxReloads: 5, windowMs: 10_000, quietMs: 5_000, maxQuietMs: 300_000, ...bounds };
  }

  /** Judges a change; each that comes while the plugin is held prolongs that. */
  judge(id: string, files: readonly string[]): LoopVerdict {
    const now = this.#now();
    const { maxReloads, windowMs } = this.#bounds;
    const course = this.#courses.get(id) ?? { reloads: [], heldUntil: undefined, holds: 0 };
    this.#courses.set(id, course);
    if (course.heldUntil !== undefined) {
      if (now < course.heldUntil) return this.#hold(course, undefined);
      // Nobody came for a long time: that was no loop, or is none any more.
      if (now > course.heldUntil + windowMs) course.holds = 0;
      course.heldUntil = undefined;
      course.reloads = [now];
      return { type: "reload" };
    }
    course.reloads = course.reloads.filter((time) => time > now - windowMs);
    if (course.reloads.length === 0) course.holds = 0;
    // Whoever was held is on probation.
    if (course.reloads.length < (course.holds === 0 ? maxReloads : 1)) {
      course.reloads.push(now);
      return { type: "reload" };
    }
    course.holds++;
    return this.#hold(course, course.holds === 1 ? this.#describe(id, files) : undefined);
  }

  /** Forgets a plugin that has gone. */
  forget(id: string): void {
    this.#courses.delete(id);
  }

  #hold(course: Course, message: string | undefined): LoopVerdict {
    const { quietMs, maxQuietMs } = this.#bounds;
    course.heldUntil = this.#now() + Math.min(quietMs * 2 ** (course.holds - 1), maxQuietMs);
    return { type: "hold", untilMs: course.heldUntil, message };
  }

  #describe(id: string, files: readonly string[]): string {
    const { maxReloads, windowMs } = this.#bounds;
    const named = files.slice(0, MAX_NAMED).map((file) => `"${file}"`).join(", ");
    const more = files.length > MAX_NAMED ? ` and ${files.length - MAX_NAMED} more` : "";
    const what = files.length === 0 ? "its folder" : `${named}${more}`;
    return `Cannot reload "${id}" so often: ${what} changed more than ${maxReloads} times within ${
      windowMs / 1_000
    } s, as where a plugin writes into its own folder instead of $DATA; its changes wait until they cease`;
  }
}
