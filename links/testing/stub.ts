import { MockError } from "./mock_error.ts";
import { replaceMethod } from "./recorder.ts";
import type { GetParametersFromProp, GetReturnFromProp, Stub } from "./spy_types.ts";

/** Replaces a method by one that does nothing, until it is restored. */
export function stub<Self, Prop extends keyof Self>(
  self: Self,
  property: Prop,
): Stub<Self, GetParametersFromProp<Self, Prop>, GetReturnFromProp<Self, Prop>>;
/** Replaces a method by another, until it is restored. */
export function stub<Self, Prop extends keyof Self>(
  self: Self,
  property: Prop,
  func: (this: Self, ...args: GetParametersFromProp<Self, Prop>) => GetReturnFromProp<Self, Prop>,
): Stub<Self, GetParametersFromProp<Self, Prop>, GetReturnFromProp<Self, Prop>>;
export function stub<Self>(
  self: Self,
  property: keyof Self,
  fake: (this: Self, ...args: unknown[]) => unknown = () => undefined,
): Stub<Self> {
  if (self[property] !== undefined && typeof self[property] !== "function") {
    throw new MockError(`Cannot stub "${String(property)}": it is no method`);
  }
  return Object.assign(replaceMethod(self, property, fake), { fake });
}
