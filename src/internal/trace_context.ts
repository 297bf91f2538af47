/**
 * The W3C trace context (https://www.w3.org/TR/trace-context/): the
 * `traceparent` that goes with every call and event. `tracestate` is not
 * carried: it holds what vendors of tracing say to each other, none is between
 * plugins, and each of its bytes could be written by one to be read by another.
 *
 * @module
 */

/** Longest text that is looked at; a version to come may be longer than today's 55 characters. */
const MAX_LENGTH = 256;
const PATTERN = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/s;
/** What {@linkcode formatTraceparent} writes; most that is read was written by it. */
const NORMAL = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[01]$/;
const NO_TRACE = "0".repeat(32);
const NO_SPAN = "0".repeat(16);
/** The one flag that the version which we write has. */
const SAMPLED = 1;
/** Ids made from one draw of random bytes. */
const IDS_AT_ONCE = 128;
const [TRACE_BYTES, SPAN_BYTES] = [16, 8];

/** Where something stands in a trace. */
export interface TraceContext {
  /** The trace: 32 hexadecimal digits. */
  readonly traceId: string;
  /** The span in it: 16 hexadecimal digits. */
  readonly spanId: string;
  /** 1 where the trace is recorded, else 0; flags without a meaning are not passed on. */
  readonly traceFlags: number;
}

/** Reads a `traceparent` that anybody may have written; undefined for one that is none. */
export function tryParseTraceparent(text: string): TraceContext | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [, version, traceId, spanId, flags, rest] = match;
  // A later version may say more; this one says no more.
  if (version === "ff" || (version === "00" && rest !== undefined)) return undefined;
  if (traceId === NO_TRACE || spanId === NO_SPAN) return undefined;
  return { traceId: traceId!, spanId: spanId!, traceFlags: parseInt(flags!, 16) & SAMPLED };
}

/** Writes a `traceparent`, in the version that we know. */
export function formatTraceparent({ traceId, spanId, traceFlags }: TraceContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & SAMPLED) === 0 ? "00" : "01"}`;
}

/** Writes a `traceparent` that anybody may have written as we do; undefined for one that is none. */
export function normalizeTraceparent(text: string): string | undefined {
  if (NORMAL.test(text)) return text;
  const context = tryParseTraceparent(text);
  return context && formatTraceparent(context);
}

/** Begins traces that nobody records; random bytes are drawn for many of them at once. */
export class TraceSource {
  readonly #fill: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array;
  readonly #bytes = new Uint8Array(IDS_AT_ONCE * (TRACE_BYTES + SPAN_BYTES));
  #digits = "";
  #at = 0;

  /** @param fill Fills bytes with random ones. */
  constructor(
    fill: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array = (bytes) => crypto.getRandomValues(bytes),
  ) {
    this.#fill = fill;
  }

  /** A `traceparent` with new ids. */
  begin(): string {
    if (this.#at === this.#digits.length) {
      this.#digits = this.#fill(this.#bytes).toHex();
      this.#at = 0;
    }
    const middle = this.#at + 2 * TRACE_BYTES;
    const end = middle + 2 * SPAN_BYTES;
    const ids = [this.#digits.slice(this.#at, middle), this.#digits.slice(middle, end)] as const;
    this.#at = end;
    // Not by a template: a text that the engine keeps as a tree has it leave its short way of writing JSON.
    return ["00", ...ids, "00"].join("-");
  }
}
