import { captureLog } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { sayFailures } from "./otlp-export.js";

test("exporters that share a collector say once that it cannot be reached, and when all reach it again", () => {
  const { log, lines } = captureLog();
  const failing = new Set<unknown>();
  const codes: number[] = [];
  const exporterOf = () => ({ export: (code: number, done: (result: { code: number; error?: Error }) => void) => done({ code }) });
  const [one, other] = [exporterOf(), exporterOf()];
  const states = [one, other].map((exporter) => sayFailures(exporter, "metrics", log, failing));
  const send = (exporter: typeof one, code: number) => exporter.export(code, (result) => codes.push(result.code));
  send(one, 1);
  send(other, 1);
  expect(states.map(({ isFailing }) => isFailing)).toEqual([true, true]);
  send(one, 0);
  expect(states.map(({ isFailing }) => isFailing)).toEqual([false, true]);
  send(other, 0);
  expect(codes).toEqual([1, 1, 0, 0]);
  expect(lines.map((line) => /The (metrics cannot be sent|OpenTelemetry collector takes metrics again)/.exec(line)?.[1])).toEqual([
    "metrics cannot be sent",
    "OpenTelemetry collector takes metrics again",
  ]);
});

test("a collector that cannot be reached is said once, and again when it can be reached", () => {
  const { log, lines } = captureLog();
  const results: { code: number; error?: Error }[] = [];
  const exporter = {
    export: (_items: string, done: (result: { code: number; error?: Error }) => void) => done(results.shift() ?? { code: 0 }),
  };
  const state = sayFailures(exporter, "traces", log);
  const codes: number[] = [];
  const failed = { code: 1, error: new Error("connect ECONNREFUSED 127.0.0.1:4318") };
  results.push({ code: 0 }, failed, failed, { code: 0 }, failed);
  const failing = [1, 2, 3, 4, 5].map(() => {
    exporter.export("spans", ({ code }) => codes.push(code));
    return state.isFailing;
  });
  expect(failing).toEqual([false, true, true, false, true]);
  expect(codes).toEqual([0, 1, 1, 0, 1]);
  const lost =
    "The traces cannot be sent to the OpenTelemetry collector (OTEL_EXPORTER_OTLP_ENDPOINT): connect ECONNREFUSED 127.0.0.1:4318. Rows go on; what cannot be sent is dropped.";
  expect(lines.map((line) => line.replace(/^.*?: (?=The)/, ""))).toEqual([lost, "The OpenTelemetry collector takes traces again.", lost]);
});
