import { MockError } from "./mock_error.ts";
import type { MethodSpy, Spy, SpyCall } from "./spy_types.ts";

/** Wraps a function so that it records its calls. */
export function createRecorder<Self, Args extends unknown[], Return>(
  run: (this: Self, ...args: Args) => Return,
  original: (this: Self, ...args: Args) => Return = run,
): Spy<Self, Args, Return> {
  const calls: SpyCall<Self, Args, Return>[] = [];
  function recorder(this: Self, ...args: Args): Return {
    const call: SpyCall<Self, Args, Return> = { args };
    if (this) call.self = this;
    try {
      return call.returned = run.apply(this, args);
    } catch (error) {
      call.error = error as Error;
      throw error;
    } finally {
      calls.push(call);
    }
  }
  return Object.assign(recorder, { original, calls, restored: false, restore: refuseRestore });
}

/** Puts a recorder in place of a method until it is restored. */
export function replaceMethod<Self, Args extends unknown[], Return>(
  self: Self,
  property: keyof Self,
  fake?: (this: Self, ...args: Args) => Return,
): MethodSpy<Self, Args, Return> {
  const original = self[property] as (this: Self, ...args: Args) => Return;
  if (original && "calls" in original && "restore" in original) {
    throw new MockError(`Cannot replace "${String(property)}": it is replaced already`);
  }
  const descriptor = Object.getOwnPropertyDescriptor(self, property);
  if (descriptor?.configurable === false) {
    throw new MockError(`Cannot replace "${String(property)}": it is not configurable`);
  }
  const recorder = createRecorder(fake ?? original, original);
  function restore(): void {
    if (recorder.restored) {
      throw new MockError(`Cannot restore "${String(property)}": it is restored already`);
    }
    if (descriptor) Object.defineProperty(self, property, descriptor);
    else delete self[property];
    recorder.restored = true;
  }
  const { enumerable = false, writable = false } = descriptor ?? {};
  Object.defineProperty(self, property, { configurable: true, enumerable, writable, value: recorder });
  return Object.assign(recorder, { restore, [Symbol.dispose]: () => recorder.restore() });
}

function refuseRestore(): never {
  throw new MockError("Cannot restore: the spy replaces no method");
}
