import { createServer } from "node:http";
import { once } from "node:events";
import { freePorts } from "@streamgauge/testing";
import { expect, onTestFinished, test } from "vitest";
import { ownFigures, statusOf, statusTargetsOf } from "./service-status.js";

test("services are read from their setting", () => {
  expect(statusTargetsOf("")).toEqual([]);
  expect(statusTargetsOf("model=http://model:8080, metrics=http://10.0.0.2:9/")).toEqual([
    { name: "model", url: "http://model:8080" },
    { name: "metrics", url: "http://10.0.0.2:9" },
  ]);
  expect(() => statusTargetsOf("model")).toThrow('STATUS_URLS has "model": write name=http://host:port');
});

test("the program's own figures are picked", () => {
  const text =
    '# HELP x\nstreamgauge_a_total 3\nprocess_cpu 1\nstreamgauge_b{side="y_true"} 0.5\nstreamgauge_c_bucket{le="1"} 9\nstreamgauge_d NaN\nstreamgauge_e +Inf\n';
  expect(ownFigures(text)).toEqual({
    streamgauge_a_total: 3,
    'streamgauge_b{side="y_true"}': 0.5,
    streamgauge_d: null,
    streamgauge_e: null,
  });
});

test("a service is ready, not ready or away", async () => {
  const [port = 0, nobody = 0] = await freePorts(2);
  let ready = true;
  const server = createServer((request, response) => {
    response.statusCode = request.url === "/readyz" && !ready ? 503 : 200;
    response.end("streamgauge_rows 1\n");
  }).listen(port, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${port}`;
  expect(await statusOf({ name: "model", url })).toEqual({ name: "model", url, status: "ready", metrics: { streamgauge_rows: 1 } });
  ready = false;
  expect((await statusOf({ name: "model", url })).status).toBe("not ready");
  expect((await statusOf({ name: "model", url: `http://127.0.0.1:${nobody}` })).status).toBe("away");
});
