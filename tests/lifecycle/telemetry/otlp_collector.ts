/**
 * A collector of OpenTelemetry's data, as JSON over HTTP.
 *
 * @module
 */

type Value = { readonly stringValue?: string; readonly intValue?: string; readonly doubleValue?: number };
type Attributes = readonly { readonly key: string; readonly value: Value }[];

interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: Attributes;
  readonly status: { readonly code: number };
}

interface WirePoint {
  readonly attributes: Attributes;
  readonly asInt?: string;
  readonly asDouble?: number;
  readonly count?: string;
  readonly sum?: number;
}

interface WireMetric {
  readonly name: string;
  readonly unit: string;
  readonly sum?: { readonly dataPoints: readonly WirePoint[] };
  readonly gauge?: { readonly dataPoints: readonly WirePoint[] };
  readonly histogram?: { readonly dataPoints: readonly WirePoint[] };
}

interface Scoped {
  readonly scope: { readonly name: string };
  readonly spans?: readonly WireSpan[];
  readonly metrics?: readonly WireMetric[];
}

interface Payload {
  readonly resourceSpans?: readonly { readonly scopeSpans: readonly Scoped[] }[];
  readonly resourceMetrics?: readonly { readonly scopeMetrics: readonly Scoped[] }[];
}

/** A span that arrived. */
export interface ReceivedSpan extends Omit<WireSpan, "attributes"> {
  readonly attributes: Readonly<Record<string, string>>;
}

/** Collects until it is disposed of. */
export class OtlpCollector implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #scopes = new Set(["cordon", "test"]);
  #changed = Promise.withResolvers<void>();

  /** Spans that arrived, by their names. */
  readonly spans = new Map<string, ReceivedSpan>();
  /** Last values of metrics that arrived, by name and attributes. */
  readonly metrics = new Map<string, number>();
  /** Unit of each metric. */
  readonly units = new Map<string, string>();

  constructor() {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      this.#take(await request.json());
      return Response.json({});
    });
  }

  /** Environment of a program that reports here. */
  get env(): Record<string, string> {
    return {
      OTEL_DENO: "true",
      OTEL_DENO_CONSOLE: "ignore",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.#server.addr.port}`,
      OTEL_METRIC_EXPORT_INTERVAL: "100",
      OTEL_BSP_SCHEDULE_DELAY: "50",
    };
  }

  /** Settles when something holds of what arrived. */
  async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) await this.#changed.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #take({ resourceSpans = [], resourceMetrics = [] }: Payload): void {
    const scopes = [
      ...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans),
      ...resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics),
    ].filter(({ scope }) => this.#scopes.has(scope.name));
    for (const { spans = [], metrics = [] } of scopes) {
      for (const span of spans) {
        this.spans.set(span.name, { ...span, attributes: readAttributes(span.attributes) });
      }
      for (const metric of metrics) this.#takeMetric(metric);
    }
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #takeMetric({ name, unit, sum, gauge, histogram }: WireMetric): void {
    this.units.set(name, unit);
    for (const point of (sum ?? gauge ?? histogram)?.dataPoints ?? []) {
      const about = Object.values(readAttributes(point.attributes)).sort().join(" ");
      const value = point.count ?? point.asInt ?? point.asDouble;
      this.metrics.set(`${name} ${about}`, Number(value));
    }
  }
}

function readAttributes(attributes: Attributes): Record<string, string> {
  return Object.fromEntries(
    attributes.map((
      { key, value },
    ) => [key, String(value.stringValue ?? value.intValue ?? value.doubleValue)]),
  );
}
