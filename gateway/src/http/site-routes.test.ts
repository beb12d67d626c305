import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import { CHAMPION, createLogger, Ids, labelContract, labelsOf, MemoryBroker, MemoryBus, topologyOf, withGateway } from "@streamgauge/core";
import { freePorts } from "@streamgauge/testing";
import { Registry } from "prom-client";
import { describe, expect, onTestFinished, test } from "vitest";
import { testGateway } from "../testing/test-gateway.js";

/** A server that answers with the request that it got. */
async function upstream(): Promise<string> {
  const [port = 0] = await freePorts(1);
  const server = createServer((request, response) => response.end(`${request.method} ${request.url}`)).listen(port, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${port}`;
}

describe("the site", () => {
  test("leads to RabbitMQ's page, its escaped names as they are", async () => {
    const { url } = await testGateway({ RABBITMQ_PAGE_URL: await upstream() });
    expect(await (await fetch(`${url}/rabbitmq/api/queues/%2F/model.champion`)).text()).toBe("GET /api/queues/%2F/model.champion");
    expect((await fetch(`${url}/rabbitmq`)).url).toBe(`${url}/rabbitmq/`);
  });

  test("says so when RabbitMQ's page is away", async () => {
    const [port = 0] = await freePorts(1);
    const { url } = await testGateway({ RABBITMQ_PAGE_URL: `http://127.0.0.1:${port}` });
    const answer = await fetch(`${url}/rabbitmq/`);
    expect([answer.status, await answer.json()]).toEqual([
      503,
      expect.objectContaining({ detail: expect.stringContaining("RabbitMQ's page") }),
    ]);
  });

  test("shows the log and the pictures, and nothing else of their folder", async () => {
    const { url, logsDir } = await testGateway();
    writeFileSync(join(logsDir, "metric_log.csv"), "id\n");
    writeFileSync(join(logsDir, "secret.txt"), "no");
    writeFileSync(join(logsDir, "metric_log.000001-20260131.csv.gz"), "packed");
    writeFileSync(join(logsDir, "metric_log.000001-20260131.csv.gz.new"), "half");
    expect(await (await fetch(`${url}/logs`)).json()).toEqual(["/logs/metric_log.000001-20260131.csv.gz", "/logs/metric_log.csv"]);
    expect(await (await fetch(`${url}/logs/metric_log.000001-20260131.csv.gz`)).text()).toBe("packed");
    expect(await (await fetch(`${url}/logs/metric_log.csv`)).text()).toBe("id\n");
    for (const path of ["secret.txt", ".state/gateway/PG_VERSION", "..%2f..%2fetc%2fpasswd", "%2e%2e/package.json"]) {
      expect([path, (await fetch(`${url}/logs/${path}`)).status]).toEqual([
        path,
        expect.toSatisfy((status: number) => status >= 400 && status < 500),
      ]);
    }
  });

  test("shows the queues of each partition", async () => {
    const broker = new MemoryBroker(withGateway(topologyOf([CHAMPION], 2), CHAMPION, 2));
    const bus = new MemoryBus(broker, "gateway", createLogger("gateway", "silent"));
    const { url } = await testGateway({ PARTITIONS: "2" }, { bus });
    const ids = Ids.of(["a"]);
    await bus.publish(labelsOf(2, 2), labelContract.write({ ids, y_true: Float64Array.of(1) }, "json", 0));
    expect(Object(await (await fetch(`${url}/status`)).json()).rabbitmq.queues).toMatchObject({
      "metrics.champion.y_true": 0,
      "metrics.champion.1of2.y_true": 0,
      "metrics.champion.2of2.y_true": 1,
      "metrics.champion.2of2.y_pred": 0,
    });
  });

  test("shows how everything is", async () => {
    const target = await upstream();
    const { url } = await testGateway({ STATUS_URLS: `model=${target}` });
    expect(await (await fetch(`${url}/status`)).json()).toEqual({
      gateway: { waiting: 0 },
      rabbitmq: { connected: true, queues: expect.objectContaining({ "model.champion": 0, "dead-letters": 0 }) },
      database: { kind: "PGlite", ready: true },
      services: [{ name: "model", url: target, status: "ready", metrics: {} }],
    });
    expect(await (await fetch(`${url}/status/model/metrics`)).text()).toBe("GET /metrics");
    expect((await fetch(`${url}/status/none/metrics`)).status).toBe(404);
  });

  test("gives Prometheus the number of requests", async () => {
    const registry = new Registry();
    const { url } = await testGateway({}, { registry });
    await fetch(`${url}/predictions/none`);
    const text = await registry.metrics();
    expect(text).toContain('streamgauge_gateway_request_seconds_count{method="GET",route="/predictions/:id",status="404"} 1');
    expect(text).toContain("streamgauge_gateway_waiting_predictions 0");
  });

  test("has security headers", async () => {
    const { url } = await testGateway();
    const { headers } = await fetch(url);
    expect(headers.get("content-security-policy")).toContain("script-src 'self'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });
});

describe("writing", () => {
  const KEY = "0123456789abcdef";
  const row = '{"id":"a","features":{"x":1}}';

  test("needs a key if keys are set; reading does not", async () => {
    const { post, url } = await testGateway({ API_KEYS: `${KEY}, other-key-of-the-team` });
    const status = async (headers: Record<string, string>) => (await post("/rows", row, "application/json", headers)).status;
    expect(await status({})).toBe(401);
    expect(await status({ "x-api-key": "wrong" })).toBe(401);
    expect(await status({ "x-api-key": KEY })).toBe(202);
    expect(await status({ authorization: "Bearer other-key-of-the-team" })).toBe(202);
    expect((await fetch(`${url}/status`)).status).toBe(200);
  });

  test("is not for pages of other sites", async () => {
    const { post, url } = await testGateway();
    expect((await post("/rows", row, "application/json", { origin: "https://evil.example" })).status).toBe(403);
    expect((await post("/rows", row, "application/json", { origin: url })).status).toBe(202);
  });

  test("by anyone is refused at start if others reach the gateway, and said if only this machine does", async () => {
    await expect(testGateway({ GATEWAY_HOST: "0.0.0.0" })).rejects.toThrow(
      "GATEWAY_HOST is 0.0.0.0, so other machines reach the gateway: set API_KEYS",
    );
    await expect(testGateway({ API_KEYS: "short" })).rejects.toThrow("API_KEYS has a key of fewer than 16 characters");
    const { logs } = await testGateway();
    expect(logs.lines.join("\n")).toMatch(/The gateway is at http:\S+, for this machine alone: set API_KEYS/);
  });

  test("too often is answered with 429", async () => {
    const { post } = await testGateway({ GATEWAY_RATE_LIMIT: "3" });
    const answers = await Promise.all(Array.from({ length: 5 }, () => post("/rows", row)));
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([202, 202, 202, 429, 429]);
    expect(answers.find(({ status }) => status === 429)?.headers.get("retry-after")).not.toBeNull();
  });
});

test("a port that is taken is no reason not to start", async () => {
  const { gateway } = await testGateway();
  const { gateway: second, logs } = await testGateway({ GATEWAY_PORT: new URL(gateway.url).port });
  expect(second.url).not.toBe(gateway.url);
  expect(logs.lines.join("\n")).toContain("is taken (GATEWAY_PORT): the gateway uses another one.");
});
