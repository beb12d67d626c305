import { secret, text, url, wholeNumber, type Config } from "../runtime/config.js";

/**
 * The variables of OpenTelemetry that are read here. Their names and meanings are the specification's. The exporters read further ones
 * themselves, such as OTEL_EXPORTER_OTLP_TIMEOUT, and those with TRACES or METRICS in their names.
 */
export const OTEL_SETTINGS = {
  OTEL_EXPORTER_OTLP_ENDPOINT: url(
    "An OpenTelemetry collector, to which traces and metrics are sent by OTLP over HTTP, such as `http://localhost:4318`. Default: nothing is traced. See docs/tracing.md.",
    ["http:", "https:"],
    "http://localhost:4318",
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: text("`http/protobuf` or `http/json`.", "http/protobuf"),
  OTEL_EXPORTER_OTLP_HEADERS: secret("Headers for the collector, as `name=value,name=value`.", 0),
  OTEL_SERVICE_NAME: text("The name of the service in traces and metrics. Default: `streamgauge-` and that of each service."),
  OTEL_RESOURCE_ATTRIBUTES: text("Further attributes of the service, as `deployment.environment.name=test,team=a`."),
  OTEL_TRACES_SAMPLER: text(
    "Which frames are traced: `parentbased_always_on`, `parentbased_traceidratio`, `parentbased_always_off`, `always_on`, `traceidratio` or `always_off`.",
    "parentbased_always_on",
  ),
  OTEL_TRACES_SAMPLER_ARG: text("The share of traces for the samplers with a ratio, from 0 to 1. Default: 1."),
  OTEL_BSP_SCHEDULE_DELAY: wholeNumber("How often spans are sent, in ms.", 5_000, 10, 3_600_000),
  OTEL_BSP_MAX_QUEUE_SIZE: wholeNumber("Spans that wait to be sent; beyond that they are dropped.", 8_192, 1, 1_000_000),
  OTEL_TRACES_EXPORTER: text("`none` = no traces.", "otlp"),
  OTEL_METRICS_EXPORTER: text("`none` = no metrics by OTLP.", "otlp"),
  OTEL_METRIC_EXPORT_INTERVAL: wholeNumber("How often metrics are sent, in ms.", 60_000, 100, 86_400_000),
} as const;

export type OtelConfig = Config<typeof OTEL_SETTINGS>;
