import { setTimeout as delay } from "node:timers/promises";
import { connect } from "amqplib";
import type { PrivateBroker } from "../index.js";
import { expect, test } from "vitest";
import { Dice } from "./harness/dice.js";
import { addMixedSources, FIRST_OF_MIXED } from "./harness/mixed-sources.js";
import { openBroker } from "./harness/own-broker.js";
import { openPipeline, type Pipeline } from "./harness/pipeline.js";
import { addsUp, drained, settles, stopSources } from "./harness/settling.js";
import { until } from "../until.js";

interface Fault {
  readonly name: string;
  readonly rounds: number;
  readonly inject: (pipeline: Pipeline, broker: PrivateBroker) => Promise<unknown>;
  /** Ends it; what comes next must be work. */
  readonly mend: (pipeline: Pipeline, broker: PrivateBroker) => Promise<unknown>;
}

const nothing = () => Promise.resolve();
const ctl =
  (...command: readonly string[]) =>
  (_pipeline: Pipeline, broker: PrivateBroker) =>
    broker.ctl(...command);
const alarm =
  (...command: readonly string[]) =>
  (pipeline: Pipeline, broker: PrivateBroker) =>
    pipeline.makesSay(/takes no messages just now/, () => broker.ctl(...command), [pipeline.features]);

const FAULTS: readonly Fault[] = [
  {
    name: "killed and started again",
    rounds: 3,
    inject: (pipeline, broker) => pipeline.killBroker(broker),
    mend: (_pipeline, broker) => broker.start(),
  },
  { name: "stopped and started again", rounds: 2, inject: ctl("stop_app"), mend: ctl("start_app") },
  { name: "closing all connections", rounds: 5, inject: ({ vhost }, broker) => broker.closeConnections(vhost), mend: nothing },
  {
    name: "refusing new connections",
    rounds: 2,
    inject: async (pipeline, broker) => {
      // A service that still waits to try again after the last round has nothing new to say.
      await Promise.all(pipeline.services.map((service) => service.ready()));
      await broker.ctl("suspend_listeners");
      await pipeline.makesSay(/Trying again until it answers/, () => broker.closeConnections(pipeline.vhost));
    },
    mend: ctl("resume_listeners"),
  },
  {
    name: "under a memory alarm",
    rounds: 2,
    inject: alarm("set_vm_memory_high_watermark", "0"),
    mend: ctl("set_vm_memory_high_watermark", "0.4"),
  },
  {
    name: "under a disk alarm",
    rounds: 2,
    inject: alarm("set_disk_free_limit", "999999GB"),
    mend: ctl("set_disk_free_limit", "50MB"),
  },
];

test.for(FAULTS)("the broker $name", async ({ rounds, inject, mend }, context) => {
  const broker = await openBroker(context);
  const pipeline = await openPipeline(context, broker, { source: FIRST_OF_MIXED });
  addMixedSources(pipeline);
  await pipeline.start();
  const dice = new Dice();
  for (let round = 0; round < rounds; round += 1) {
    await inject(pipeline, broker);
    await delay(dice.whole(0, 2_000));
    await mend(pipeline, broker);
    await pipeline.isBackToWork();
  }
  await settles(pipeline);
});

test("all queues deleted while they are empty", async (context) => {
  const broker = await openBroker(context);
  const pipeline = await openPipeline(context, broker, { source: { ROWS_PER_SECOND: "500" } });
  await pipeline.start();
  const runs = await stopSources(pipeline);
  await drained(pipeline, runs);
  for (const queue of ["model.champion", "metrics.champion.y_true", "metrics.champion.y_pred", "dead-letters"])
    await broker.ctl("delete_queue", "--vhost", pipeline.vhost, queue);
  pipeline.features.start();
  await pipeline.isBackToWork();
  await settles(pipeline);
});

test("a queue purged: its rows are gone, and their labels say so", async (context) => {
  const broker = await openBroker(context);
  const pipeline = await openPipeline(context, broker, { source: { ROWS_PER_SECOND: "500" } });
  await pipeline.start();
  await pipeline.model.stop();
  await until(
    "rows wait for the model",
    () => pipeline.depths(),
    (queues) => (queues["model.champion"] ?? 0) > 500,
  );
  const [sent] = await stopSources(pipeline);
  const operator = await connect(pipeline.url);
  // What RabbitMQ says of a queue's depth is up to some seconds old; what it says of a purge is exact.
  const { messageCount: purged } = await (await operator.createChannel()).purgeQueue("model.champion");
  await operator.close();
  pipeline.model.start();
  await until(
    "the labels of the purged rows wait",
    () => pipeline.metrics.metric('streamgauge_metrics_rows{side="y_true",outcome="pending"}'),
    (pending) => pending === purged,
  );
  expect(await pipeline.logged()).toBe((sent?.rows ?? 0) - purged);
  await addsUp(pipeline);
});

test("a queue that was declared as a classic one: every service ends with a clear line", async (context) => {
  const broker = await openBroker(context);
  const pipeline = await openPipeline(context, broker);
  const operator = await connect(pipeline.url);
  const channel = await operator.createChannel();
  await channel.assertQueue("model.champion", { durable: true });
  await operator.close();
  for (const service of pipeline.services) {
    service.start();
    service.unsupervise();
    await service.says(/RabbitMQ already has a queue or exchange of that name that was declared differently.*model\.champion/);
    expect(await service.ended()).toEqual({ code: 1, signal: null });
  }
});
