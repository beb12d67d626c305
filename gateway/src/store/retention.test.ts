import { afterAll, beforeAll, expect, test } from "vitest";
import { startPrivatePostgres, until, type PrivatePostgres } from "@streamgauge/testing";
import { startSumModel } from "../testing/sum-model.js";
import { testGateway } from "../testing/test-gateway.js";
import { Database } from "./database.js";
import { startRetention } from "./retention.js";

let postgres: PrivatePostgres;

beforeAll(async () => {
  postgres = await startPrivatePostgres();
});
afterAll(() => postgres.stop());

test.each([["PGlite"], ["PostgreSQL"]])("what is over on %s goes when its time is over, and nothing else does", async (kind) => {
  const databaseUrl = kind === "PGlite" ? "" : postgres.url();
  const { post, url, bus, logs } = await testGateway({ DATABASE_URL: databaseUrl, GATEWAY_RETENTION_MS: "300" });
  const status = async (path: string) => (await fetch(url + path)).status;
  const { id: waiting }: { id: string } = JSON.parse(await (await post("/jobs", "a\n1\n", "text/csv")).text());
  await post("/predictions", '{"id":"pending","features":{"a":"x"}}');
  await post("/predictions", '{"id":"expired","features":{"a":1},"timeoutSeconds":0.1}');
  const { id: over }: { id: string } = JSON.parse(await (await post("/jobs", "a\n1\n", "text/csv")).text());
  await fetch(`${url}/jobs/${over}`, { method: "DELETE" });
  await until(
    "the old prediction and the finished job removed",
    async () => (await status("/predictions/expired")) === 404 && (await status(`/jobs/${over}`)) === 404,
  );
  expect([await status("/predictions/pending"), await status(`/jobs/${waiting}`)]).toEqual([200, 200]);
  await startSumModel(bus("model"));
  await until("the answered prediction removed", async () => (await status("/predictions/pending")) === 404);
  const inputs = [{ name: "a", shape: [3], datatype: "FP64", data: [1, 2, 3] }];
  const { id: inferred }: { id: string } = JSON.parse(await (await post("/v2/models/champion/infer", JSON.stringify({ inputs }))).text());
  await until("the rows of the inference request removed", async () => (await status(`/predictions/${inferred}-0000003`)) === 404);
  await until("them counted", () => logs.lines.join("\n").includes("predictions: 3, jobs: 0"));
  expect(logs.lines.join("\n")).toMatch(/Removed what is older than GATEWAY_RETENTION_MS; predictions: [01], jobs: 1\./);
});

test("without a retention everything stays", async () => {
  const databaseUrl = await postgres.addDatabase("kept");
  const { post, url, bus, logs } = await testGateway({ DATABASE_URL: databaseUrl });
  await startSumModel(bus("model"));
  await post("/predictions?wait=20", '{"id":"old","features":{"a":1}}');
  await until(
    "the prediction answered",
    async () => JSON.parse(await (await fetch(`${url}/predictions/old`)).text()).status === "succeeded",
  );
  const database = new Database({ url: databaseUrl, folder: "", log: logs.log });
  const removeJob = () => Promise.reject(new Error("No job is to be removed."));
  // `close` waits for the current round.
  await startRetention({ database, log: logs.log, keepMs: 0, removeJob }).close();
  await database.close();
  expect((await fetch(`${url}/predictions/old`)).status).toBe(200);
});
