/**
 * Stands in for jsr:@std/testing/mock, without dependencies.
 *
 * @module
 */

export { assertSpyCall, assertSpyCalls } from "./spy_assertions.ts";
export { spy } from "./spy.ts";
export { stub } from "./stub.ts";
export type {
  ExpectedSpyCall,
  GetParametersFromProp,
  GetReturnFromProp,
  MethodSpy,
  Spy,
  SpyCall,
  Stub,
} from "./spy_types.ts";
export { MockError } from "./mock_error.ts";
