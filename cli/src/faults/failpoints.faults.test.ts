import { startPrivateBroker, type PrivateBroker } from "@streamgauge/core/testing";
import { afterAll, beforeAll, test } from "vitest";
import { Dice } from "./harness/dice.js";
import { addMixedSources, FIRST_OF_MIXED } from "./harness/mixed-sources.js";
import { openPipeline } from "./harness/pipeline.js";
import { settles } from "./harness/settling.js";

/** Where each service can be killed exactly: between two steps of which the second has not happened. */
const WINDOWS = [
  { service: "features", failpoint: "features-after-confirm" },
  { service: "features", failpoint: "features-after-label-confirm" },
  { service: "model", failpoint: "model-after-confirm" },
  { service: "metrics", failpoint: "metrics-before-write" },
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
  for (const passes of [1, dice.between(2, 20), dice.between(50, 200)]) {
    await pipeline[service].crashAt(`${failpoint}:${passes}`);
    await pipeline.isBackToWork();
  }
  await settles(pipeline);
});

test("a kill of the source before its first checkpoint", async (context) => {
  const pipeline = await openPipeline(context, broker);
  pipeline.features.start({ FAILPOINT: "features-after-confirm:1" });
  await pipeline.features.ended();
  await pipeline.start();
  await settles(pipeline);
});
