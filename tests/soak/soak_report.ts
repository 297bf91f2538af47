/**
 * What the host of the soak says of itself.
 *
 * @module
 */

/** A host whose plugins pause. */
export interface Settled {
  /** Memory that is resident, in MiB. */
  readonly rssMib: number;
  /** Descriptors. */
  readonly descriptors: number;
  /** What the allocator has handed out, in MiB. */
  readonly nativeMib: number;
  /** What is alive in the JavaScript heap, in MiB. */
  readonly heapMib: number;
  /** Of each plugin: how many others it sees. */
  readonly available: readonly number[];
  /** Sources of streams in the plugins that have not ended. */
  readonly openSources: number;
  /** Streams that the host carries. */
  readonly openStreams: number;
  /** Connections that the host has. */
  readonly peers: number;
  /** Calls that are under way. */
  readonly inFlight: number;
  /** Leases, and those who wait for some. */
  readonly held: number;
}

/** What became of a soak. */
export interface SoakReport {
  /** Plugins killed. */
  readonly kills: number;
  /** After the warming up. */
  readonly before: Settled;
  /** At the end. */
  readonly after: Settled;
  /** Most memory that was seen while the plugins talked, in MiB. */
  readonly highest: number;
  /** Where the plugins stand. */
  readonly states: readonly string[];
  /** Calls that ended. */
  readonly calls: number;
  /** Events handed over. */
  readonly delivered: number;
  /** Events dropped. */
  readonly dropped: number;
  /** What the counter has that all of them share. */
  readonly counted: number;
  /** Entries of the journal, by type. */
  readonly journal: Readonly<Record<string, number>>;
}
