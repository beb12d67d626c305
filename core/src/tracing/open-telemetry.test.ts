import { captureLog } from "@streamgauge/testing";
import { Registry } from "prom-client";
import { expect, test, vi } from "vitest";
import { readConfig } from "../runtime/config.js";
import { openTelemetry } from "./open-telemetry.js";
import { OTEL_SETTINGS } from "./settings.js";

const loaded = vi.fn<() => void>();
vi.mock("./otlp.js", () => {
  loaded();
  return { openOtlp: ({ service }: { readonly service: string }) => ({ tracing: undefined, service }) };
});

const open = (env: Readonly<Record<string, string>>) =>
  openTelemetry({
    service: "model",
    lane: "champion",
    log: captureLog().log,
    hasTraces: true,
    registry: new Registry(),
    config: readConfig(OTEL_SETTINGS, env),
  });

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318" };

test("the SDK is loaded if a collector is named and something is to be sent there, and not otherwise", async () => {
  expect(await open({})).toBeUndefined();
  expect(await open({ OTEL_SERVICE_NAME: "scorer", OTEL_TRACES_SAMPLER: "always_on" })).toBeUndefined();
  expect(await open({ ...ENDPOINT, OTEL_TRACES_EXPORTER: "none", OTEL_METRICS_EXPORTER: "none" })).toBeUndefined();
  expect(loaded).not.toHaveBeenCalled();
  expect(await open({ ...ENDPOINT, OTEL_METRICS_EXPORTER: "none" })).toMatchObject({ service: "model" });
  expect(loaded).toHaveBeenCalledOnce();
});
