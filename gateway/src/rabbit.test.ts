import { CHAMPION, connectBus, queuesOf, type Bus } from "@streamgauge/core";
import { captureLog, freshVhost, Inbox, startPrivateBroker, until } from "@streamgauge/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { startSumModel } from "./testing/sum-model.js";
import { testGateway, TOPOLOGY } from "./testing/test-gateway.js";

// A broker is slow on a busy machine; the tests themselves do not wait.
vi.setConfig({ testTimeout: 120_000 });

async function connect(url: string, name: string): Promise<Bus> {
  return connectBus({ url, topology: TOPOLOGY, name, log: captureLog().log });
}

async function linked(url: string, name: string): Promise<Bus> {
  const bus = await connect(url, name);
  onTestFinished(() => bus.close());
  return bus;
}

test("over RabbitMQ predictions are waited for, a job runs, and a second gateway is refused", async () => {
  const vhost = await freshVhost("gateway");
  const { post, url } = await testGateway({}, { bus: await connect(vhost, "gateway") });
  await startSumModel(await linked(vhost, "model"));
  const answers = await Promise.all(
    Array.from({ length: 200 }, async (_, i): Promise<{ y_pred?: number }> =>
      JSON.parse(await (await post("/predictions?wait=60", JSON.stringify({ features: { a: i } }))).text()),
    ),
  );
  expect(answers.map(({ y_pred: value }) => value)).toEqual(answers.map((_, i) => i));
  const data = Array.from({ length: 256 }, (_, i) => i / 8);
  const inputs = [{ name: "a", shape: [256], datatype: "FP64", data }];
  const inferred: { id: string; outputs: unknown } = JSON.parse(
    await (await post("/v2/models/champion/infer", JSON.stringify({ inputs }))).text(),
  );
  expect(inferred.outputs).toEqual([{ name: "y_pred", datatype: "FP64", shape: [256], data }]);
  expect(JSON.parse(await (await fetch(`${url}/predictions/${inferred.id}-0000009`)).text())).toMatchObject({
    features: { a: 1 },
    y_pred: 1,
  });
  const csv = `a,y_true\n${Array.from({ length: 9_000 }, (_, i) => `${i},${i + 1}`).join("\n")}\n`;
  const { id }: { id: string } = JSON.parse(await (await post("/jobs", csv, "text/csv")).text());
  await fetch(`${url}/jobs/${id}/run`, { method: "POST" });
  const job = async (): Promise<{ status: string; statistics: object }> => JSON.parse(await (await fetch(`${url}/jobs/${id}`)).text());
  await until("the job succeeded", async () => (await job()).status === "succeeded");
  expect((await job()).statistics).toMatchObject({ count: 9_000, mae: 1, rmse: 1, bias: -1 });
  const second = await linked(vhost, "gateway");
  await expect(testGateway({}, { bus: second })).rejects.toThrow("Another process reads the queue gateway.champion.y_pred");
});

test("while RabbitMQ is stopped nothing is accepted, and after it everything goes on", async () => {
  const broker = await startPrivateBroker();
  onTestFinished(() => broker.stop());
  const { post } = await testGateway({}, { bus: await connect(broker.url, "gateway") });
  const row = '{"id":"a","features":{"x":1}}';
  await broker.saveQueueNames();
  await broker.kill();
  await until("rows refused without a broker", async () => (await post("/rows", row)).status === 503);
  const refused = await post("/predictions", '{"features":{"x":1}}');
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "2"]);
  await broker.start();
  await until("rows accepted again", async () => (await post("/rows", '{"id":"b","features":{"x":1}}')).status === 202);
  const inbox = new Inbox();
  await (await linked(broker.url, "model")).consume(queuesOf(CHAMPION).features, inbox.handler, { prefetch: 10 });
  await inbox.one();
  expect(inbox.texts.filter((text) => text.includes('"b"'))).toHaveLength(1);
});
