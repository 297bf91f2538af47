// @ts-types="@types/sinonjs__fake-timers"
import type { Clock } from "@sinonjs/fake-timers";

/** The timer that no fake time holds still. */
export const REAL_SET_TIMEOUT: typeof setTimeout = globalThis.setTimeout;

type Callback = (...args: unknown[]) => void;

/** Puts a clock in place of the global timers and returns what undoes this. */
export function overrideGlobals(clock: Clock): () => void {
  const { Date, setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  const timeout = AbortSignal.timeout;
  const fakes = {
    Date: createDate(clock),
    setTimeout: (callback: Callback, delay = 0, ...args: unknown[]) =>
      Number(allowNow(clock).setTimeout(callback, delay, ...args)),
    clearTimeout: (id?: number) => clock.clearTimeout(id as never),
    setInterval: (callback: Callback, delay = 0, ...args: unknown[]) =>
      Number(clock.setInterval(callback, Math.max(1, delay), ...args)),
    clearInterval: (id?: number) => clock.clearInterval(id as never),
  };
  Object.assign(globalThis, fakes);
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    fakes.setTimeout(() => controller.abort(new DOMException("Signal timed out", "TimeoutError")), ms);
    return controller.signal;
  };
  return () => {
    Object.assign(globalThis, { Date, setTimeout, clearTimeout, setInterval, clearInterval });
    AbortSignal.timeout = timeout;
  };
}

/** Lets a timer without delay run in the tick that sets it, as std does; sinon would put it off by 1 ms. */
function allowNow(clock: Clock & { duringTick?: boolean }): Clock {
  clock.duringTick = false;
  return clock;
}

function createDate(clock: Clock): DateConstructor {
  return new Proxy(Date, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length > 0 ? args : [clock.now], newTarget),
    apply: (target) => new target(clock.now).toString(),
    get: (target, key) => key === "now" ? () => clock.now : Reflect.get(target, key),
  });
}
