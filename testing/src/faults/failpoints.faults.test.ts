import { startPrivateBroker, type PrivateBroker } from "../index.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Dice } from "./harness/dice.js";
import { addMixedSources, FIRST_OF_MIXED } from "./harness/mixed-sources.js";
import { openPipeline } from "./harness/pipeline.js";
import { Sender } from "./harness/sender.js";
import { until } from "../until.js";
import { settles } from "./harness/settling.js";

/** Where each service can be killed exactly: between two steps of which the second has not happened. */
const WINDOWS = [
  { service: "features", failpoint: "features-after-confirm" },
  { service: "features", failpoint: "features-after-label-confirm" },
  { service: "features", failpoint: "features-before-checkpoint" },
  { service: "features", failpoint: "features-after-checkpoint" },
  { service: "model", failpoint: "model-before-publish" },
  { service: "model", failpoint: "model-after-confirm" },
  { service: "metrics", failpoint: "metrics-before-write" },
  { service: "metrics", failpoint: "metrics-after-write" },
  { service: "metrics", failpoint: "metrics-after-log" },
  { service: "metrics", failpoint: "metrics-after-sync" },
  { service: "metrics", failpoint: "metrics-after-commit" },
] as const;

let broker: PrivateBroker;
beforeAll(async () => {
  broker = await startPrivateBroker();
});
afterAll(() => broker.stop());

test.for(WINDOWS)("a kill at $failpoint", async ({ service, failpoint }, context) => {
  const pipeline = await openPipeline(context, broker, { source: FIRST_OF_MIXED });
  addMixedSources(pipeline);
  await pipeline.start();
  const dice = new Dice();
  // The first time that the place is passed, early, and in full flight.
  for (const passes of [1, dice.whole(2, 20), dice.whole(50, 200)]) {
    await pipeline[service].crashAt(`${failpoint}:${passes}`);
    await pipeline.isBackToWork();
  }
  await settles(pipeline);
});

test("a kill of metrics while it cuts its log back, after a kill before its commit", async (context) => {
  const pipeline = await openPipeline(context, broker, { source: FIRST_OF_MIXED });
  await pipeline.start();
  await pipeline.metrics.end();
  pipeline.metrics.start({ FAILPOINT: "metrics-after-sync:20" }).unsupervise();
  await pipeline.metrics.ended();
  pipeline.metrics.start({ FAILPOINT: "metrics-after-evidence:1" });
  expect(await pipeline.metrics.ended()).toEqual({ code: null, signal: "SIGKILL" });
  await pipeline.isBackToWork();
  await settles(pipeline);
});

test("a kill of the model between a dead letter and its acknowledgement: the letter is there twice", async (context) => {
  const pipeline = await openPipeline(context, broker, { source: FIRST_OF_MIXED });
  await pipeline.start();
  const sender = await Sender.open(context, pipeline);
  await pipeline.model.end();
  pipeline.model.start({ FAILPOINT: "dead-letter-after-confirm:1" });
  await sender.garbage();
  expect(await pipeline.model.ended()).toEqual({ code: null, signal: "SIGKILL" });
  await until(
    "the message came again",
    () => pipeline.depths(),
    (queues) => queues["dead-letters"] === 2,
  );
  const letters = (await pipeline.cli("replay", "list", "--json")).trim().split("\n");
  for (const letter of letters) expect(JSON.parse(letter)).toMatchObject({ stage: "model", reason: expect.stringMatching(/not JSON/) });
  await settles(pipeline, { deadLetters: 2 });
});

test("a kill of the source before its first checkpoint", async (context) => {
  const pipeline = await openPipeline(context, broker);
  pipeline.features.start({ FAILPOINT: "features-after-confirm:1" });
  await pipeline.features.ended();
  await pipeline.start();
  await settles(pipeline);
});
