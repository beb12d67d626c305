import { OTLPMetricExporter as JsonMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter as JsonTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { millisToHrTime } from "@opentelemetry/core";
import { detectResources, envDetector, resourceFromAttributes, type Resource } from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader, type MetricProducer } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { randomUUID } from "node:crypto";
import type { Registry } from "prom-client";
import { settlesWithin } from "../bus/settles-within.js";
import type { Logger } from "../logging.js";
import { sayFailures, type ExportState } from "./otlp-export.js";
import { otlpMetrics } from "./otlp-metrics.js";
import { samplerOf } from "./sampler.js";
import { SdkTracing } from "./sdk-tracing.js";
import type { OtelConfig } from "./settings.js";
import type { Tracing } from "./tracing.js";

export interface OpenTelemetryOptions {
  /** The service whose spans and metrics they are. */
  readonly service: string;
  readonly lane: string;
  readonly log: Logger;
  /** Whether it records spans. */
  readonly hasTraces: boolean;
  /** The metrics that are sent, if any. */
  readonly registry: Registry | undefined;
  readonly config: OtelConfig;
}

/** Traces and metrics of a service on their way to a collector. */
export interface OpenTelemetry {
  /** Undefined if traces are not wanted. */
  readonly tracing: Tracing | undefined;
  /** Sends what is left. */
  close(): Promise<void>;
}

/** How long the end waits until the last spans and metrics are sent, in ms. */
const SENT_WITHIN_MS = 1_500;
const INSTANCE = randomUUID();
/** What several services in this process say once: exporters that fail now, and warnings. */
const FAILING = { traces: new Set(), metrics: new Set() };
const WARNED = new Set<string>();

/** Something of the SDK that sends, and whether that fails. */
interface Sender {
  readonly state: ExportState;
  shutdown(): Promise<void>;
}

/** Opens the SDK: this module and all that it imports is loaded only if it is wanted. The exporters read further variables themselves. */
export function openOtlp({ service, lane, log, hasTraces, registry, config }: OpenTelemetryOptions): OpenTelemetry {
  const resource = resourceOf(service, lane);
  const isJson = config.OTEL_EXPORTER_OTLP_PROTOCOL === "http/json";
  if (!["http/protobuf", "http/json"].includes(config.OTEL_EXPORTER_OTLP_PROTOCOL))
    warnOnce(
      log,
      `OTEL_EXPORTER_OTLP_PROTOCOL is ${JSON.stringify(config.OTEL_EXPORTER_OTLP_PROTOCOL)}; http/protobuf is used, which collectors take on port 4318.`,
    );
  const senders: Sender[] = [];
  let tracing: SdkTracing | undefined;
  if (hasTraces && config.OTEL_TRACES_EXPORTER !== "none") {
    const exporter = isJson ? new JsonTraceExporter() : new OTLPTraceExporter();
    const state = sayFailures(exporter, "traces", log, FAILING.traces);
    const { sampler, warnings } = samplerOf(config.OTEL_TRACES_SAMPLER, config.OTEL_TRACES_SAMPLER_ARG);
    for (const warning of warnings) warnOnce(log, warning);
    const { OTEL_BSP_SCHEDULE_DELAY: scheduledDelayMillis, OTEL_BSP_MAX_QUEUE_SIZE: maxQueueSize } = config;
    const maxExportBatchSize = Math.min(512, maxQueueSize);
    const processor = new BatchSpanProcessor({ exporter, scheduledDelayMillis, maxQueueSize, maxExportBatchSize });
    const provider = new TracerProvider({ resource, sampler, spanProcessors: [processor] });
    senders.push({ state, shutdown: () => provider.shutdown() });
    tracing = new SdkTracing(provider.getTracer(`streamgauge.${service}`));
  }
  if (registry !== undefined && config.OTEL_METRICS_EXPORTER !== "none") {
    const exporter = isJson ? new JsonMetricExporter() : new OTLPMetricExporter();
    const state = sayFailures(exporter, "metrics", log, FAILING.metrics);
    const exportIntervalMillis = config.OTEL_METRIC_EXPORT_INTERVAL;
    const exportTimeoutMillis = Math.min(30_000, exportIntervalMillis);
    const metricProducers = [producerOf(registry, resource, service)];
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis, exportTimeoutMillis, metricProducers });
    const provider = new MeterProvider({ resource, readers: [reader] });
    senders.push({ state, shutdown: () => provider.shutdown() });
  }
  return { tracing, close: () => closeAll(senders) };
}

function warnOnce(log: Logger, warning: string): void {
  if (WARNED.has(warning)) return;
  WARNED.add(warning);
  log.warn(warning);
}

/** A collector that does not answer does not hold up the end. */
async function closeAll(senders: readonly Sender[]): Promise<void> {
  const closing = Promise.all(senders.map((sender) => sender.shutdown().catch(() => undefined)));
  if (senders.every(({ state }) => state.isFailing)) return;
  await settlesWithin(SENT_WITHIN_MS, closing);
}

/** What the spans and metrics are of: the service, unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES say otherwise. */
function resourceOf(service: string, lane: string): Resource {
  const own = resourceFromAttributes({
    "service.namespace": "streamgauge",
    "service.name": `streamgauge-${service}`,
    "service.instance.id": INSTANCE,
    "streamgauge.lane": lane,
  });
  return own.merge(detectResources({ detectors: [envDetector] }));
}

/** The registry that Prometheus reads, as a source for the SDK. */
function producerOf(registry: Registry, resource: Resource, service: string): MetricProducer {
  const startTime = millisToHrTime(performance.timeOrigin);
  return {
    collect: async () => {
      const families = await registry.getMetricsAsJSON();
      const metrics = otlpMetrics(families, { startTime, endTime: millisToHrTime(Date.now()) });
      return { resourceMetrics: { resource, scopeMetrics: [{ scope: { name: `streamgauge.${service}` }, metrics }] }, errors: [] };
    },
  };
}
