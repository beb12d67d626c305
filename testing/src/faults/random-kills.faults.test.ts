import { setTimeout as delay } from "node:timers/promises";
import type { PrivateBroker } from "../index.js";
import { test, type TestContext } from "vitest";
import { Dice } from "./harness/dice.js";
import { addMixedSources, FIRST_OF_MIXED } from "./harness/mixed-sources.js";
import { openBroker } from "./harness/own-broker.js";
import { openPipeline, type Pipeline } from "./harness/pipeline.js";
import { settles } from "./harness/settling.js";

const ROUNDS = 25;

/** At full speed; the last has single rows, JSON frames and Arrow frames in the same queues. */
const TRAFFIC = [
  { name: "single rows", source: { FRAME_ROWS: "1", FRAME_FORMAT: "json" }, mixed: false },
  { name: "JSON frames of 256", source: { FRAME_ROWS: "256", FRAME_FORMAT: "json", ROWS_PER_SECOND: "40000" }, mixed: false },
  { name: "Arrow frames of 2,048", source: { FRAME_ROWS: "2048", FRAME_FORMAT: "arrow", ROWS_PER_SECOND: "80000" }, mixed: false },
  { name: "all of them at once", source: FIRST_OF_MIXED, mixed: true },
];

test.for(TRAFFIC)(`${ROUNDS} random kills of any process, $name`, { timeout: 900_000 }, async ({ source, mixed }, context: TestContext) => {
  const broker = await openBroker(context);
  const pipeline = await openPipeline(context, broker, { source });
  if (mixed) addMixedSources(pipeline);
  await pipeline.start();
  const dice = new Dice();
  for (let round = 0; round < ROUNDS; round += 1) {
    await delay(dice.whole(0, 1_500));
    await killOne(pipeline, broker, dice);
    await pipeline.isBackToWork();
  }
  await settles(pipeline);
});

/** The broker once in six times, because its start takes longest; and sometimes two processes at once. */
async function killOne(pipeline: Pipeline, broker: PrivateBroker, dice: Dice): Promise<void> {
  const victim = dice.pick(["broker", "metrics", "metrics", "model", "source", "two"] as const);
  if (victim === "broker") {
    await pipeline.killBroker(broker);
    await broker.start();
  } else if (victim === "two")
    await Promise.all(
      dice
        .shuffled(pipeline.services)
        .slice(0, 2)
        .map((service) => service.kill()),
    );
  else if (victim === "source") await dice.shuffled(pipeline.sources)[0]?.kill();
  else await pipeline[victim].kill();
}
