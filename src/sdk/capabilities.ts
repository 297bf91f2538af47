/**
 * Capabilities of other plugins, as a plugin sees them.
 *
 * @module
 */

/** A result as it arrives: whatever gives values one after the other is a stream. */
export type Carried<Value> = Value extends AsyncIterable<infer Item> ? ReadableStream<Item> : Value;

/** The methods of `T` as they are seen from another sandbox: each returns a promise. */
export type Remote<T> = {
  readonly [
    Name in keyof T as T[Name] extends (...args: never[]) => unknown ? Name : never
  ]: T[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Carried<Awaited<Result>>>
    : never;
};

/** The plugin that provides a capability. */
export interface CapabilityProvider {
  /** The plugin's id. */
  readonly id: string;
  /** Version of the capability, as its manifest has it under `[provides]`. */
  readonly version: string;
}

/** Whether a capability is there, and by whom. */
export interface CapabilityState {
  /** Whether a plugin that runs, or starts when it is called, provides it. */
  readonly available: boolean;
  /** That plugin; undefined while there is none. */
  readonly provider: CapabilityProvider | undefined;
}

/** What a handle on a capability has besides its methods; no method can have one of these names. */
export interface CapabilityHandle extends CapabilityState {
  /**
   * Has `handler` told, in order, when the capability appears or disappears
   * and when another plugin or another version provides it. The returned
   * function ends that.
   */
  onChange(handler: (state: CapabilityState) => void | Promise<void>): () => void;
}

/**
 * A handle on a capability: its methods, and whether it is there. A method
 * always calls whoever provides the capability then; while nobody does it
 * rejects with code `capability_unavailable`. Methods appear with the first
 * provider, and are those of the last one.
 */
export type Capability<T> = Remote<T> & CapabilityHandle;
