import { MockError } from "./mock_error.ts";
import { createRecorder, replaceMethod } from "./recorder.ts";
import type { GetParametersFromProp, GetReturnFromProp, MethodSpy, Spy } from "./spy_types.ts";

/** Creates a function that does nothing but record its calls. */
export function spy<
  // deno-lint-ignore no-explicit-any
  Self = any,
  // deno-lint-ignore no-explicit-any
  Args extends unknown[] = any[],
  Return = undefined,
>(): Spy<Self, Args, Return>;
/** Wraps a function so that it records its calls. */
export function spy<Self, Args extends unknown[], Return>(
  func: (this: Self, ...args: Args) => Return,
): Spy<Self, Args, Return>;
/** Wraps a method so that it records its calls, until it is restored. */
export function spy<Self, Prop extends keyof Self>(
  self: Self,
  property: Prop,
): MethodSpy<Self, GetParametersFromProp<Self, Prop>, GetReturnFromProp<Self, Prop>>;
export function spy<Self>(
  target: ((...args: unknown[]) => unknown) | Self = () => undefined,
  property?: keyof Self,
): Spy {
  if (property === undefined) return createRecorder(target as (...args: unknown[]) => unknown);
  const self = target as Self;
  if (typeof self[property] !== "function") {
    throw new MockError(`Cannot spy on "${String(property)}": it is no method`);
  }
  return replaceMethod(self, property);
}
