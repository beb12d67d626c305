import type { OpenTelemetry, OpenTelemetryOptions } from "./otlp.js";

/** Sends traces and metrics if the settings name a collector. Without one nothing is loaded, and undefined returned. */
export async function openTelemetry(options: OpenTelemetryOptions): Promise<OpenTelemetry | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: traces, OTEL_METRICS_EXPORTER: metrics } = options.config;
  if (endpoint === "" || (traces === "none" && metrics === "none")) return undefined;
  const { openOtlp } = await import("./otlp.js");
  return openOtlp(options);
}
