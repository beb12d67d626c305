import { startPrivateBroker, type PrivateBroker } from "../index.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Dice } from "./harness/dice.js";
import { addMixedSources, FIRST_OF_MIXED } from "./harness/mixed-sources.js";
import { openPipeline, type Pipeline } from "./harness/pipeline.js";
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

/** Between two steps of a rotation of the log, or of the compression of a part. */
const ROTATION = [
  "metrics-rotate-after-rename",
  "metrics-rotate-after-header",
  "metrics-rotate-after-note",
  "metrics-compress-before-rename",
  "metrics-compress-after-rename",
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

test.for(ROTATION)("a kill at %s, with a log in parts", async (failpoint, context) => {
  const pipeline = await openPipeline(context, broker, { source: FIRST_OF_MIXED, metrics: { LOG_ROTATE: "100kB" } });
  addMixedSources(pipeline);
  await pipeline.start();
  const dice = new Dice();
  for (const passes of [1, dice.whole(2, 5), dice.whole(5, 20)]) {
    await pipeline.metrics.crashAt(`${failpoint}:${passes}`);
    await pipeline.isBackToWork();
  }
  await settles(pipeline);
});

test("a kill of metrics while it cuts its log back, after a kill before its commit", async (context) => {
  const pipeline = await openPipeline(context, broker, { source: FIRST_OF_MIXED });
  await pipeline.start();
  // A commit may have logged nothing: then there is nothing to cut back, and it is killed once more.
  while (!(await isKilledInItsCut(pipeline))) await pipeline.isBackToWork();
  await pipeline.isBackToWork();
  await settles(pipeline);
});

/** @returns whether the start after a kill before a commit had something to cut back, and was killed there. */
async function isKilledInItsCut({ metrics }: Pipeline): Promise<boolean> {
  await metrics.end();
  metrics.start({ FAILPOINT: "metrics-after-sync:20" }).unsupervise();
  await metrics.ended();
  const said = metrics.lines.length;
  metrics.start({ FAILPOINT: "metrics-after-evidence:1" });
  const goesOn = metrics.says(/ holds \d+ rows;/, 60_000, said).then(
    () => false,
    () => false,
  );
  return Promise.race([metrics.ended().then(({ signal }) => signal === "SIGKILL"), goesOn]);
}

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
