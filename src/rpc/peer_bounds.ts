/**
 * How much host and sandbox have under way on one connection. What one plugin
 * may ask is a quarter of what may be asked of another, so that none alone can
 * take up all that a provider answers.
 *
 * @module
 */

import type { PeerOptions } from "./peer.ts";
import type { StreamBounds } from "./stream_table.ts";

type PeerBounds = Required<
  Pick<PeerOptions, "maxInFlight" | "maxAnswering" | "streams" | "streamMethods">
>;

/** Methods by which plugins call each other; arguments and results of others hold no streams. */
const STREAM_METHODS: ReadonlySet<string> = new Set(["call", "invoke"]);

/** Calls of a plugin that are not answered yet. */
const PLUGIN_CALLS = 512;

/** Calls into a plugin that are not answered yet. */
const HOST_CALLS = 4 * PLUGIN_CALLS;

/** Streams that a plugin sends. */
const PLUGIN_STREAMS: StreamBounds = { asked: 64, answered: 256 };

/** Streams that a plugin is sent. */
const HOST_STREAMS: StreamBounds = { asked: 256, answered: 64 };

/** Bounds of the host's end. */
export const HOST_BOUNDS: PeerBounds & Pick<PeerOptions, "isPaced"> = {
  maxInFlight: HOST_CALLS,
  maxAnswering: PLUGIN_CALLS,
  streams: { sent: HOST_STREAMS, received: PLUGIN_STREAMS },
  streamMethods: STREAM_METHODS,
  isPaced: true,
};

/** Bounds of the sandbox's end. */
export const PLUGIN_BOUNDS: PeerBounds = {
  maxInFlight: PLUGIN_CALLS,
  maxAnswering: HOST_CALLS,
  streams: { sent: PLUGIN_STREAMS, received: HOST_STREAMS },
  streamMethods: STREAM_METHODS,
};
