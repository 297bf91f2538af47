/**
 * Stands in for jsr:@std/testing/time, over npm:@sinonjs/fake-timers.
 *
 * @module
 */

// @ts-types="@types/sinonjs__fake-timers"
import fakeTimers from "@sinonjs/fake-timers";
import { overrideGlobals, REAL_SET_TIMEOUT } from "./time_globals.ts";

let active: FakeTime | undefined;

/** Says that time is faked already, or not faked. */
export class TimeError extends Error {
  /** Creates the error from its message. */
  constructor(message: string) {
    super(message);
    this.name = "TimeError";
  }
}

/** Holds the clock and the timers still until told to move on; ends with `restore()`. */
export class FakeTime {
  readonly #clock: fakeTimers.Clock;
  readonly #restoreGlobals: () => void;
  readonly #start: number;

  /** Fakes time from a moment on, by default from now on. */
  constructor(start?: number | string | Date | null) {
    if (active) throw new TimeError("Cannot fake time: it is faked already");
    this.#start = start === undefined || start === null
      ? Date.now()
      : Math.floor(typeof start === "number" ? start : new Date(start).valueOf());
    if (Number.isNaN(this.#start)) throw new TypeError(`Cannot fake time: "${start}" is no date`);
    this.#clock = fakeTimers.createClock(this.#start);
    this.#restoreGlobals = overrideGlobals(this.#clock);
    active = this;
  }

  /** Restores real time, where some test has faked it. */
  static restore(): void {
    if (!active) throw new TimeError("Cannot restore time: it is not faked");
    active.restore();
  }

  /** The current fake time; setting it runs the timers due until then. */
  get now(): number {
    return this.#clock.now;
  }

  set now(value: number) {
    if (value < this.now) throw new RangeError(`Cannot set time back from ${this.now} to ${value}`);
    this.#clock.tick(value - this.now);
  }

  /** The fake time at which this object began. */
  get start(): number {
    return this.#start;
  }

  /** Moves time on and runs the timers due until then. */
  tick(ms = 0): void {
    this.now += ms;
  }

  /** Runs the microtasks, then moves time on. */
  async tickAsync(ms = 0): Promise<void> {
    await this.runMicrotasks();
    this.tick(ms);
  }

  /** Moves time on to the next due timers; returns whether there are any. */
  next(): boolean {
    if (this.#clock.countTimers() === 0) return false;
    this.#clock.next();
    this.tick(); // Others that are due at the same time.
    return true;
  }

  /** Runs the microtasks, then moves time on to the next due timers. */
  async nextAsync(): Promise<boolean> {
    await this.runMicrotasks();
    return this.next();
  }

  /** Moves time on until no timer is left. */
  runAll(): void {
    while (this.next());
  }

  /** Moves time on until no timer is left, with the microtasks in between. */
  async runAllAsync(): Promise<void> {
    while (this.#clock.countTimers() > 0) await this.nextAsync();
  }

  /** Runs the microtasks, in one turn of the real event loop. */
  async runMicrotasks(): Promise<void> {
    await new Promise((resolve) => REAL_SET_TIMEOUT(resolve, 0));
  }

  /** Restores real time. */
  restore(): void {
    if (active !== this) throw new TimeError("Cannot restore time: it is restored already");
    active = undefined;
    this.#restoreGlobals();
  }

  /** Restores real time. */
  [Symbol.dispose](): void {
    this.restore();
  }
}
