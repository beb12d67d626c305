import { setTimeout as delay } from "node:timers/promises";
import { startPrivateBroker, type PrivateBroker } from "../index.js";
import { afterAll, beforeAll, test } from "vitest";
import { Dice } from "./harness/dice.js";
import { openPipeline } from "./harness/pipeline.js";
import { settles } from "./harness/settling.js";

// The most telling cases of the fault suite, for every run of the tests; the others are in *.faults.test.ts.

let broker: PrivateBroker;
beforeAll(async () => {
  broker = await startPrivateBroker();
});
afterAll(() => broker.stop());

const SOURCE = { FRAME_ROWS: "16", ROWS_PER_SECOND: "2000" };

test(
  "kills of each process between two of its steps, and of the broker: every row is logged once",
  { timeout: 300_000 },
  async (context) => {
    const dice = new Dice();
    const pipeline = await openPipeline(context, broker, { source: { ...SOURCE, FRAME_FORMAT: dice.pick(["json", "arrow"]) } });
    await pipeline.start();
    for (const [service, failpoint] of dice.shuffled(CRASHES)) {
      await pipeline[service].crashAt(`${failpoint}:${dice.whole(1, 20)}`);
      await pipeline.isBackToWork();
    }
    await pipeline.killBroker(broker);
    await broker.start();
    await delay(dice.whole(0, 500));
    await pipeline[dice.pick(["features", "model", "metrics"])].kill();
    await pipeline.isBackToWork();
    await settles(pipeline);
  },
);

const CRASHES = [
  ["features", "features-after-confirm"],
  ["model", "model-after-confirm"],
  ["metrics", "metrics-after-sync"],
  ["metrics", "metrics-after-commit"],
] as const;
