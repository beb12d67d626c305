import { startPrivateBroker, type PrivateBroker } from "../index.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPipeline } from "./harness/pipeline.js";
import { settles } from "./harness/settling.js";
import { Sender, someRows } from "./harness/sender.js";
import { until } from "../until.js";

let broker: PrivateBroker;
beforeAll(async () => {
  broker = await startPrivateBroker();
});
afterAll(() => broker.stop());

test("a message whose reader dies each time ends in the dead letters", { timeout: 600_000 }, async (context) => {
  // Every life of the model ends at its first message, before the acknowledgement.
  const pipeline = await openPipeline(context, broker, { model: { FAILPOINT: "model-after-confirm" } });
  pipeline.metrics.start();
  pipeline.model.start();
  const sender = await Sender.open(context, pipeline);
  const rows = someRows("poison", 1);
  await Promise.all([sender.features(rows), sender.labels(rows)]);
  await pipeline.model.says(/may be what kills its readers: it came back unanswered 5 times/, 120_000);
  await until(
    "the message is a dead letter",
    () => pipeline.depths(),
    (queues) => queues["dead-letters"] === 1,
    400_000,
  );
  const [letter] = (await pipeline.cli("replay", "list", "--json")).trim().split("\n");
  expect(JSON.parse(letter ?? "")).toMatchObject({ stage: "model", reason: expect.stringMatching(/it came back unanswered 50 times/) });
  for (const { id, row } of rows) pipeline.others.set(id, row);
  // Its answer was published before each death; the line is there, once.
  await settles(pipeline, { deadLetters: 1 });
});
