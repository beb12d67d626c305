import { setTimeout as delay } from "node:timers/promises";
import { startPrivateBroker, type PrivateBroker } from "../index.js";
import { afterAll, beforeAll, expect, test, type TestContext } from "vitest";
import { Dice } from "./harness/dice.js";
import { openPipeline, type Pipeline } from "./harness/pipeline.js";
import { Sender, someRows } from "./harness/sender.js";
import { drained, settles, stopSources } from "./harness/settling.js";

const ROUNDS = 25;
/** Two processes of metrics share four partitions. */
const FOUR = {
  of: 4,
  processes: [
    [1, 3],
    [2, 4],
  ],
} as const;
const SOURCE = { FRAME_ROWS: "256", FRAME_FORMAT: "arrow", ROWS_PER_SECOND: "20000" };

let broker: PrivateBroker;
beforeAll(async () => {
  broker = await startPrivateBroker();
});
afterAll(() => broker.stop());

test(`${ROUNDS} random kills over four partitions, beside a producer that knows nothing of them`, { timeout: 900_000 }, async (context) => {
  const pipeline = await openPipeline(context, broker, { partitions: FOUR, source: SOURCE });
  await pipeline.start();
  // Killed within its first minutes, RabbitMQ 3.10.8 forgets some of so many new queues.
  await broker.saveQueueNames();
  const outsider = await startOutsider(context, pipeline);
  const dice = new Dice();
  for (let round = 0; round < ROUNDS; round += 1) {
    await delay(dice.whole(0, 1_500));
    await killOne(pipeline, dice);
    await pipeline.isBackToWork();
  }
  await outsider.stop();
  await settles(pipeline);
});

test.for(["splitter-before-publish", "splitter-after-confirm"])("a splitter is killed at %s", async (failpoint, context) => {
  const pipeline = await openPipeline(context, broker, { partitions: FOUR, source: SOURCE });
  await pipeline.start();
  const outsider = await startOutsider(context, pipeline);
  const dice = new Dice();
  for (const passes of [1, dice.whole(2, 20), dice.whole(20, 60)]) {
    await dice.pick(pipeline.joins).crashAt(`${failpoint}:${passes}`);
    await pipeline.isBackToWork();
  }
  await outsider.stop();
  await settles(pipeline);
});

const REPARTITION_FAILPOINTS = [
  "repartition-after-files",
  "repartition-before-number",
  "repartition-after-number",
  "repartition-after-archive",
  "repartition-after-queues",
];

test(
  "a repartition is killed between any two of its steps, to eight partitions and back to four",
  { timeout: 1_500_000 },
  async (context) => {
    const pipeline = await openPipeline(context, broker, { partitions: FOUR, source: SOURCE });
    await pipeline.start();
    const outsider = await startOutsider(context, pipeline);
    for (let frames = 0; frames < 20; frames += 1) await pipeline.grows("lines are logged");
    await outsider.stop();
    await drained(pipeline, await stopSources(pipeline));
    for (const service of [pipeline.model, ...pipeline.joins]) await service.stop();
    for (const to of ["8", "4"]) {
      for (const failpoint of REPARTITION_FAILPOINTS) {
        const killed = pipeline.cliWith({ FAILPOINT: failpoint, PARTITIONS: "1" }, "repartition", "--to", to);
        await expect(killed).rejects.toMatchObject({ signal: "SIGKILL" });
        await expect(pipeline.cliWith({ PARTITIONS: to }, "verify")).resolves.toContain("Every row adds up");
      }
      expect(await pipeline.cliWith({ PARTITIONS: "1" }, "repartition", "--to", to)).toContain(`has ${to} partitions`);
      expect(await pipeline.cliWith({ PARTITIONS: to }, "verify")).toContain(`the logs of ${to} partitions have`);
    }
    await pipeline.start();
    await settles(pipeline);
  },
);

async function killOne(pipeline: Pipeline, dice: Dice): Promise<void> {
  const victim = dice.pick(["broker", "metrics", "metrics", "both", "model", "source"] as const);
  if (victim === "broker") {
    await pipeline.killBroker(broker);
    await broker.start();
  } else if (victim === "both") await Promise.all(pipeline.joins.map((join) => join.kill()));
  else if (victim === "source") await pipeline.features.kill();
  else if (victim === "model") await pipeline.model.kill();
  else await dice.pick(pipeline.joins).kill();
}

/** Another producer: rows, and labels of all ids in one message, twice now and then, until it is stopped. */
async function startOutsider(context: TestContext, pipeline: Pipeline) {
  const sender = await Sender.open(context, pipeline);
  const dice = new Dice();
  const stopping = new AbortController();
  context.onTestFinished(() => stopping.abort());
  let sent = 0;
  const send = async () => {
    while (!stopping.signal.aborted) {
      const rows = someRows("outside", dice.whole(1, 300), sent);
      sent += rows.length;
      for (const { id, row } of rows) pipeline.others.set(id, row);
      const format = dice.pick(["json", "arrow"] as const);
      const labels = () => sender.labels(rows, format);
      await Promise.all([sender.features(rows, format), labels(), ...(dice.whole(0, 3) === 0 ? [labels()] : [])]);
      // A pace that the pipeline keeps up with beside the kills.
      await delay(50);
    }
  };
  const sending = send();
  sending.catch(() => undefined);
  return {
    stop: async () => {
      stopping.abort();
      await sending;
      expect(sent).toBeGreaterThan(300);
    },
  };
}
