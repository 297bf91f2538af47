// deno-lint-ignore-file no-explicit-any -- The type parameters default as in the original.

/** What a spy recorded about one call. */
export interface SpyCall<Self = any, Args extends unknown[] = any[], Return = any> {
  /** The arguments. */
  args: Args;
  /** What the function returned. */
  returned?: Return;
  /** What the function threw. */
  error?: Error;
  /** The object the method was called on. */
  self?: Self;
}

/** A function that records its calls. */
export interface Spy<Self = any, Args extends unknown[] = any[], Return = any> {
  (this: Self, ...args: Args): Return;
  /** The function behind the spy. */
  original: (this: Self, ...args: Args) => Return;
  /** The calls so far. */
  calls: SpyCall<Self, Args, Return>[];
  /** Whether the original method is back in place. */
  restored: boolean;
  /** Puts the original method back in place. */
  restore(): void;
}

/** A method that records its calls, until it is restored. */
export interface MethodSpy<Self = any, Args extends unknown[] = any[], Return = any>
  extends Spy<Self, Args, Return>, Disposable {}

/** A method replaced by another that records its calls, until it is restored. */
export interface Stub<Self = any, Args extends unknown[] = any[], Return = any>
  extends MethodSpy<Self, Args, Return> {
  /** The function that runs instead of the original. */
  fake: (this: Self, ...args: Args) => Return;
}

/** What a call is expected to have been. */
export interface ExpectedSpyCall<Self = any, Args extends unknown[] = any[], Return = any> {
  /** The expected arguments. */
  args?: [...Args, ...unknown[]];
  /** The expected object the method is called on. */
  self?: Self;
  /** The expected result. */
  returned?: Return;
  /** The expected error. */
  error?: {
    /** Its class. */
    Class?: new (...args: any[]) => Error;
    /** A part of its message. */
    msgIncludes?: string;
  };
}

/** The parameters of a method. */
export type GetParametersFromProp<Self, Prop extends keyof Self> = Self[Prop] extends
  (...args: infer Args) => unknown ? Args : unknown[];

/** The result of a method. */
export type GetReturnFromProp<Self, Prop extends keyof Self> = Self[Prop] extends
  (...args: any[]) => infer Return ? Return : unknown;
