/**
 * OpenTelemetry, where it is on: what `npm:@opentelemetry/api` would find, and
 * so the provider that Deno registers under `OTEL_DENO=true`. Looked up where
 * that package's first major version keeps it, so that the package, which
 * nobody needs who has telemetry off, is not a dependency of everybody. Types
 * have what is used of it.
 *
 * @module
 */

import { CORDON_VERSION } from "../../internal/version.ts";
import type { TraceContext } from "../../internal/trace_context.ts";

/** What is known under this symbol is the same in all of version 1. */
const API = Symbol.for("opentelemetry.js.api.1");
/** By this a context knows its span. */
const SPAN = Symbol.for("OpenTelemetry Context Key SPAN");

/** Facts about a span or a figure. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Something that takes time. */
export interface Span {
  /** Where it stands in its trace. */
  spanContext(): TraceContext;
  /** Adds a fact. */
  setAttribute(name: string, value: string): unknown;
  /** Says how it ended; 2 is an error. */
  setStatus(status: { readonly code: number }): unknown;
  /** It has ended. */
  end(): void;
}

/** What code runs in. */
export interface Context {
  /** The same with another value. */
  setValue(key: symbol, value: unknown): Context;
}

/** What a span is begun with. */
export interface SpanOptions {
  /** One of the numbers of the API's `SpanKind`. */
  readonly kind: number;
  /** Facts about it. */
  readonly attributes: Attributes;
  /** Whether it begins a trace. */
  readonly root?: boolean;
}

/** Begins spans. */
export interface Tracer {
  /** Begins one below the span of a context, by default the one that code runs in. */
  startSpan(name: string, options: SpanOptions, context?: Context): Span;
}

/** What a figure is made with. */
export interface InstrumentOptions {
  readonly unit: string;
  readonly description: string;
}

/** A figure that is asked for. */
export interface Observable {
  readonly [name: string]: unknown;
}

/** Takes the values of figures that are asked for. */
export interface ObservableResult {
  /** Takes one value. */
  observe(observable: Observable, value: number, attributes: Attributes): void;
}

/** Makes figures. */
export interface Meter {
  createHistogram(
    name: string,
    options: InstrumentOptions & { readonly advice: { readonly explicitBucketBoundaries: number[] } },
  ): { record(value: number, attributes: Attributes): void };
  createObservableCounter(name: string, options: InstrumentOptions): Observable;
  createObservableGauge(name: string, options: InstrumentOptions): Observable;
  addBatchObservableCallback(callback: (result: ObservableResult) => void, observables: Observable[]): void;
  removeBatchObservableCallback(
    callback: (result: ObservableResult) => void,
    observables: Observable[],
  ): void;
}

interface RegisteredApi {
  readonly trace?: { getTracer(name: string, version: string): Tracer };
  readonly context?: { active(): Context };
  readonly metrics?: { getMeter(name: string, version: string): Meter };
}

/** Begins spans, and knows in which one code runs. */
export interface Tracing {
  readonly tracer: Tracer;
  /** The context of the code that runs, with another span as its own. */
  within(span: TraceContext): Context;
}

/** Tracing, where it is on. */
export function findTracing(): Tracing | undefined {
  const { trace, context } = registered();
  if (trace === undefined || context === undefined) return undefined;
  return {
    tracer: trace.getTracer("cordon", CORDON_VERSION),
    within: (span) => context.active().setValue(SPAN, { spanContext: () => ({ ...span, isRemote: true }) }),
  };
}

/** Metrics, where they are on. */
export function findMeter(): Meter | undefined {
  return registered().metrics?.getMeter("cordon", CORDON_VERSION);
}

function registered(): RegisteredApi {
  return (globalThis as { [API]?: RegisteredApi })[API] ?? {};
}
