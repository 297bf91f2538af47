/**
 * How somebody wants to listen, checked: it may have been written by a plugin.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { EventOptions, EventStart, Overflow } from "../sdk/events.ts";

/** Events that wait for one subscriber, unless it says otherwise. */
export const DEFAULT_QUEUE = 1024;

/** Most that it can say. */
const MAX_QUEUE = 8192;

const OVERFLOWS: readonly Overflow[] = ["drop-oldest", "drop-newest", "block", "disconnect"];
const KEYS: readonly string[] = ["overflow", "queue", "from", "name", "rewind"];

/** How somebody listens. */
export type ListenOptions =
  & Required<Pick<EventOptions, "overflow" | "queue" | "from" | "rewind">>
  & Pick<EventOptions, "name">;

/**
 * Reads options.
 *
 * @throws {CordonError} `invalid_input`.
 */
export function parseListenOptions(options: unknown = {}): ListenOptions {
  if (typeof options !== "object" || options === null) refuse("the options are no object");
  for (const key of Object.keys(options)) {
    if (!KEYS.includes(key)) refuse(`there is no option "${key.slice(0, 64)}"`);
  }
  const { overflow = "drop-oldest", queue = DEFAULT_QUEUE, from = "retained", name, rewind = false } =
    options as Readonly<Record<string, unknown>>;
  if (!isOverflow(overflow)) refuse(`"overflow" is none of ${OVERFLOWS.join(", ")}`);
  if (!isCount(queue) || queue < 1 || queue > MAX_QUEUE) {
    refuse(`"queue" is no number from 1 to ${MAX_QUEUE}`);
  }
  if (name !== undefined && !isName(name)) {
    refuse('"name" is no word of at most 64 letters, digits, "_", "-" and "."');
  }
  if (typeof rewind !== "boolean") refuse('"rewind" is neither true nor false');
  return { overflow, queue, from: parseStart(from), rewind, ...(name === undefined ? {} : { name }) };
}

function parseStart(from: unknown): EventStart {
  if (from === "retained" || from === "now" || from === "start") return from;
  if (typeof from === "object" && from !== null && Object.keys(from).length === 1) {
    const { position, time } = from as Record<string, unknown>;
    if (isCount(position) && position >= 1) return { position };
    if (isCount(time)) return { time };
  }
  return refuse('"from" is none of "retained", "now", "start", { position } and { time }');
}

function isOverflow(value: unknown): value is Overflow {
  return OVERFLOWS.some((overflow) => overflow === value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && /^[\w.-]{1,64}$/.test(value);
}

function refuse(problem: string): never {
  throw new CordonError("invalid_input", `Cannot subscribe: ${problem}`);
}
