import { connectBus, topologyOf } from "@streamgauge/core";
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { captureLog, freePorts, freshVhost, startOtlpCollector, treeOf, type CollectedSpan, type OtlpCollector } from "../index.js";
import { temporaryFolder } from "../vitest/index.js";
import { compile } from "./harness/compile.js";
import { WrittenLog } from "./harness/metric-log.js";
import { startCli, startService } from "./harness/program.js";

// Processes of a busy machine; nothing here takes its time by itself.
vi.setConfig({ testTimeout: 120_000 });
beforeAll(compile);

const PATIENT_1 = { age: 59, sex: 2, bmi: 32.1, bp: 101, s1: 157, s2: 93.2, s3: 38, s4: 4, s5: 4.8598, s6: 87 };

async function collector(): Promise<OtlpCollector> {
  const started = await startOtlpCollector();
  onTestFinished(() => started.close());
  return started;
}

function traced(url: string) {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json", OTEL_BSP_SCHEDULE_DELAY: "100" };
}

/** The spans of a trace but commits, which belong to any of the messages that they gather. */
function withoutCommits(spans: readonly CollectedSpan[], traceId: string): readonly CollectedSpan[] {
  return spans.filter((span) => span.traceId === traceId && span.name !== "commit");
}

const named = (name: string) => (span: CollectedSpan) => span.name === name;
const LAST = "process predictions:champion:metrics.champion.y_pred";

test("the spans of one frame form one tree over the services, up to the commit that logs it", async () => {
  const otlp = await collector();
  const folder = temporaryFolder();
  const env = { AMQP_URL: await freshVhost("traced"), LOGS_DIR: folder, ...traced(otlp.url), OTEL_METRIC_EXPORT_INTERVAL: "200" };
  const [metrics, model] = [startService("metrics", env), startService("model", env)];
  await metrics.says(/are pending/);
  await model.says(/ scores lane champion/);
  startService("features", { ...env, ROWS_PER_SECOND: "0", ROW_LIMIT: "10", FRAME_ROWS: "10" });
  await new WrittenLog(folder).has(10);
  await otlp.has((spans) => spans.some(named("frame")) && spans.some(named(LAST)) && spans.some(named("commit")));
  const root = otlp.spans.find(named("frame"));
  const traceId = root?.traceId ?? "";
  await otlp.has((spans) => withoutCommits(spans, traceId).length === 8);
  expect(treeOf(withoutCommits(otlp.spans, traceId))).toEqual([
    "frame @streamgauge-features",
    "  send rows:features @streamgauge-features",
    "    process rows:features:model.champion @streamgauge-model",
    "      score @streamgauge-model",
    "      send predictions:champion @streamgauge-model",
    "        process predictions:champion:metrics.champion.y_pred @streamgauge-metrics",
    "  send rows:y_true @streamgauge-features",
    "    process rows:y_true:metrics.champion.y_true @streamgauge-metrics",
  ]);
  expect(root?.attributes).toMatchObject({ "streamgauge.rows": 10 });
  const joined = otlp.spans
    .filter(({ name }) => name.startsWith("process") && name.includes("metrics.champion"))
    .map(({ spanId }) => spanId);
  // Labels that wait for more than a second are stored by a commit of their own.
  const commit = otlp.spans.find((span) => span.name === "commit" && span.attributes["streamgauge.rows"] === 10);
  expect(commit).toMatchObject({ traceId, service: "streamgauge-metrics", kind: 1 });
  expect(joined).toContain(commit?.parentSpanId);
  const gathered = [commit?.parentSpanId, ...(commit?.links ?? [])];
  expect(gathered).toContain(otlp.spans.find(named(LAST))?.spanId);
  expect(commit?.attributes["messaging.batch.message_count"]).toBe(gathered.length);
  const score = otlp.spans.find(named("process rows:features:model.champion"));
  expect(score?.kind).toBe(5);
  expect(score?.attributes).toMatchObject({
    "messaging.system": "rabbitmq",
    "messaging.operation.name": "process",
    "messaging.operation.type": "process",
    "messaging.destination.name": "rows:features:model.champion",
    "messaging.rabbitmq.destination.routing_key": "features",
    "streamgauge.outcome": "done",
  });
  expect(otlp.spans.find(named("send rows:features"))).toMatchObject({ kind: 4, attributes: { "messaging.operation.type": "send" } });
  const logged = () =>
    otlp
      .points("streamgauge_metrics_rows")
      .some(({ asDouble, attributes }) => asDouble === 10 && JSON.stringify(attributes).includes('"stringValue":"logged"'));
  await otlp.has(logged);
});

test("a foreign producer's trace goes on, an unsampled one stays so, and a malformed traceparent is ignored", async () => {
  const otlp = await collector();
  const url = await freshVhost("foreign");
  startService("model", { AMQP_URL: url, LOGS_DIR: temporaryFolder(), ...traced(otlp.url), OTEL_SERVICE_NAME: "scorer" });
  const bus = await connectBus({ url, topology: topologyOf(["champion"]), name: "foreign", log: captureLog().log });
  onTestFinished(() => bus.close());
  const send = (id: string, headers: Record<string, string>) =>
    bus.publish(
      { exchange: "rows", routingKey: "features" },
      { body: Buffer.from(JSON.stringify({ id, features: PATIENT_1 })), contentType: "application/json", type: "features", headers },
    );
  await send("unsampled", { traceparent: "00-11111111111111111111111111111111-2222222222222222-00" });
  await send("malformed", { traceparent: "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01" });
  await send("goes on", { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", tracestate: "other=1" });
  const process = named("process rows:features:model.champion");
  await otlp.has((spans) => spans.filter(process).length === 2);
  const [malformed, goesOn] = otlp.spans.filter(process).toSorted((one, other) => (one.parentSpanId < other.parentSpanId ? -1 : 1));
  expect(goesOn).toMatchObject({ traceId: "0af7651916cd43dd8448eb211c80319c", parentSpanId: "b7ad6b7169203331", service: "scorer" });
  expect(malformed).toMatchObject({ parentSpanId: "", service: "scorer" });
  expect(malformed?.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(malformed?.traceId).not.toBe("0af7651916cd43dd8448eb211c80319c");
  expect(otlp.spans.some(({ traceId }) => traceId === "11111111111111111111111111111111")).toBe(false);
});

test("`up` with its threads is one tree as well, below the request that a client traces", async () => {
  const otlp = await collector();
  const up = startCli(["up"], {
    AMQP_URL: await freshVhost("up-traced"),
    LOGS_DIR: temporaryFolder(),
    ...traced(otlp.url),
    ROWS_PER_SECOND: "1",
    ROW_LIMIT: "1",
    LABEL_DELAY_MS: "600000",
    GATEWAY_PORT: "0",
  });
  const said = await up.says(/The gateway is at http/);
  const [url = ""] = /http:[^\s;,]+/.exec(said) ?? [];
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const sent = await fetch(`${url}/rows`, {
    method: "POST",
    headers: { "content-type": "application/json", traceparent },
    body: JSON.stringify({ id: "a1", features: PATIENT_1 }),
  });
  expect(sent.status).toBe(202);
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const ours = () => withoutCommits(otlp.spans, traceId).filter(({ name }) => !name.includes("gateway."));
  await otlp.has(() => ours().length === 6);
  expect(treeOf(ours(), "b7ad6b7169203331")).toEqual([
    "POST /rows @streamgauge-gateway",
    "  send rows:features @streamgauge-gateway",
    "    process rows:features:model.champion @streamgauge-model",
    "      score @streamgauge-model",
    "      send predictions:champion @streamgauge-model",
    "        process predictions:champion:metrics.champion.y_pred @streamgauge-metrics",
  ]);
  expect(ours().find(named("POST /rows"))).toMatchObject({
    kind: 2,
    attributes: { "http.request.method": "POST", "http.route": "/rows", "http.response.status_code": 202, "url.path": "/rows" },
  });
});

test("a collector that cannot be reached costs no row, and is said once", async () => {
  const [port = 0] = await freePorts(1);
  const folder = temporaryFolder();
  const env = { AMQP_URL: await freshVhost("no-collector"), LOGS_DIR: folder, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` };
  const often = { OTEL_BSP_SCHEDULE_DELAY: "50", OTEL_METRICS_EXPORTER: "none", OTEL_EXPORTER_OTLP_TIMEOUT: "500" };
  const services = [startService("metrics", { ...env, ...often }), startService("model", { ...env, ...often })];
  startService("features", { ...env, ...often, ROWS_PER_SECOND: "0", ROW_LIMIT: "442" });
  await new WrittenLog(folder).has(442);
  const said = /The traces cannot be sent to the OpenTelemetry collector \(OTEL_EXPORTER_OTLP_ENDPOINT\): /;
  for (const service of services) {
    await service.says(said);
    service.signal("SIGTERM");
    expect(await service.ended()).toMatchObject({ code: 0, signal: null, stderr: "" });
    expect(service.lines.filter((line) => said.test(line))).toHaveLength(1);
  }
});
