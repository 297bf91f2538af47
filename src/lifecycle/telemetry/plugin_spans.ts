/**
 * Spans of what plugins do, by OpenTelemetry's conventions for calls and
 * messages. Of an error its code is told and never its message: that may hold
 * what a plugin was trusted with.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import { tryParseTraceparent } from "../../internal/trace_context.ts";
import type { CallBeginning, DeliveryBeginning, EventBeginning } from "./call_observer.ts";
import type { Context, Span, SpanOptions, Tracing } from "./open_telemetry.ts";

/** The API's numbers for kinds of spans. */
const [INTERNAL, SERVER, PRODUCER, CONSUMER] = [0, 1, 3, 4];
/** The API's number for an end by an error. */
const ERROR = 2;
/** Names come from plugins, which need not keep them short. */
const MAX_NAME = 128;

/** Begins the spans of what plugins do. */
export class PluginSpans {
  readonly #tracing: Tracing;

  /** @param tracing Where they go. */
  constructor(tracing: Tracing) {
    this.#tracing = tracing;
  }

  /** A call into a plugin. */
  beginCall({ callee, caller, method, trace }: CallBeginning): Span {
    const name = clip(method);
    const attributes = {
      "rpc.system": "cordon",
      "rpc.service": callee,
      "rpc.method": name,
      "cordon.caller": caller,
    };
    return this.#begin(`${callee}/${name}`, { kind: SERVER, attributes }, this.#contextOf(trace, caller));
  }

  /** An event that a plugin or the host publishes. */
  publish({ topic, publisher, trace }: EventBeginning): Span {
    const attributes = { ...aboutMessage(topic, "send"), "cordon.publisher": publisher };
    const options = { kind: PRODUCER, attributes };
    const span = this.#begin(`send ${topic}`, options, this.#contextOf(trace, publisher));
    span.end();
    return span;
  }

  /** An event that is handed to a plugin. */
  beginDelivery({ topic, subscriber, trace }: DeliveryBeginning): Span {
    const attributes = { ...aboutMessage(topic, "process"), "cordon.subscriber": subscriber };
    return this.#begin(
      `process ${topic}`,
      { kind: CONSUMER, attributes },
      this.#contextOf(trace, subscriber),
    );
  }

  /** A plugin's start. */
  beginStart(id: string): Span {
    return this.#begin(`start ${id}`, { kind: INTERNAL, attributes: { "cordon.plugin.id": id } }, "active");
  }

  /** The span of whoever calls; the host's own code runs in one, a plugin without one begins a trace. */
  #contextOf(trace: string | undefined, caller: string): Context | "active" | "none" {
    const parent = trace === undefined ? undefined : tryParseTraceparent(trace);
    if (parent !== undefined) return this.#tracing.within(parent);
    // What runs for a plugin runs in the context in which its connection was opened: not the caller's.
    return caller === "host" ? "active" : "none";
  }

  #begin(name: string, options: SpanOptions, context: Context | "active" | "none"): Span {
    const { tracer } = this.#tracing;
    if (context === "none") return tracer.startSpan(name, { ...options, root: true });
    return context === "active" ? tracer.startSpan(name, options) : tracer.startSpan(name, options, context);
  }
}

/** Ends a span, with an error or well. */
export function endSpan(span: Span, error: unknown): void {
  if (error !== undefined) {
    span.setAttribute("error.type", clip(typeOf(error)));
    span.setStatus({ code: ERROR });
  }
  span.end();
}

function typeOf(error: unknown): string {
  if (error instanceof CordonError) return error.code;
  return error instanceof Error ? error.name : "_OTHER";
}

function aboutMessage(topic: string, operation: string): Record<string, string> {
  return {
    "messaging.system": "cordon",
    "messaging.destination.name": topic,
    "messaging.operation.type": operation,
  };
}

function clip(name: string): string {
  return name.length <= MAX_NAME ? name : `${name.slice(0, MAX_NAME)}…`;
}
