import { startFakeReceiver } from "./fake-receiver.js";

/** A span as a collector got it. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  /** 1 internal, 2 server, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly service: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly string[];
  readonly error: string | undefined;
}

/** A receiver of OTLP in JSON. */
export interface OtlpCollector {
  readonly url: string;
  /** All spans so far. */
  readonly spans: readonly CollectedSpan[];
  /** Points of a metric so far, as they came. */
  points(name: string): readonly Point[];
  /** Resolves when the spans so far satisfy a condition. */
  has(condition: (spans: readonly CollectedSpan[]) => boolean): Promise<void>;
  close(): Promise<void>;
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A point of a sum, a gauge or a histogram. */
export interface Point {
  readonly attributes: readonly Attribute[];
  readonly asDouble?: number;
  readonly count?: number;
}

interface OtlpSpan extends Omit<CollectedSpan, "attributes" | "links" | "service" | "error" | "parentSpanId"> {
  readonly parentSpanId?: string;
  readonly attributes: readonly Attribute[];
  readonly links?: readonly { readonly spanId: string }[];
  readonly status: { readonly message?: string };
}

interface TraceRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

interface MetricsRequest {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly Metric[] }[];
  }[];
}

interface Metric {
  readonly name: string;
  readonly sum?: { readonly dataPoints: readonly Point[] };
  readonly gauge?: { readonly dataPoints: readonly Point[] };
  readonly histogram?: { readonly dataPoints: readonly Point[] };
}

/** Starts one in this process. */
export async function startOtlpCollector(): Promise<OtlpCollector> {
  const spans: CollectedSpan[] = [];
  const points = new Map<string, Point[]>();
  const waiting = new Set<() => void>();
  const receiver = await startFakeReceiver(({ path, body }, response) => {
    if (path === "/v1/traces") spans.push(...spansIn(JSON.parse(body)));
    else for (const [name, more] of pointsIn(JSON.parse(body))) points.set(name, [...(points.get(name) ?? []), ...more]);
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
    for (const look of waiting) look();
  });
  return {
    url: receiver.url,
    spans,
    points: (name) => points.get(name) ?? [],
    has: (condition) =>
      new Promise((resolve) => {
        const look = () => {
          if (!condition(spans)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    close: () => receiver.close(),
  };
}

function spansIn({ resourceSpans }: TraceRequest): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(valuesOf(resource.attributes)["service.name"]);
    return scopeSpans.flatMap((scope) =>
      scope.spans.map(({ traceId, spanId, parentSpanId = "", name, kind, attributes, links = [], status }) => ({
        traceId,
        spanId,
        parentSpanId,
        name,
        kind,
        service,
        attributes: valuesOf(attributes),
        links: links.map((link) => link.spanId),
        error: status.message,
      })),
    );
  });
}

function pointsIn({ resourceMetrics }: MetricsRequest): [string, readonly Point[]][] {
  return resourceMetrics
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
    .map(({ name, sum, gauge, histogram }) => [name, (sum ?? gauge ?? histogram)?.dataPoints ?? []]);
}

function valuesOf(attributes: readonly Attribute[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

/** The spans of a trace as lines, each below its parent; brothers by name. `@service` follows each. */
export function treeOf(spans: readonly CollectedSpan[], parent = "", depth = 0): string[] {
  return spans
    .filter(({ parentSpanId }) => parentSpanId === parent)
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((span) => [`${"  ".repeat(depth)}${span.name} @${span.service}`, ...treeOf(spans, span.spanId, depth + 1)]);
}
