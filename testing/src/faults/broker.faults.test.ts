import { setTimeout as delay } from "node:timers/promises";
import { connect } from "amqplib";
import { expect, test } from "vitest";
import { BROKER_FAULTS } from "./harness/broker-faults.js";
import { Dice } from "./harness/dice.js";
import { addMixedSources, FIRST_OF_MIXED } from "./harness/mixed-sources.js";
import { openBroker } from "./harness/own-broker.js";
import { openPipeline } from "./harness/pipeline.js";
import { addsUp, drained, settles, stopSources } from "./harness/settling.js";
import { until } from "../until.js";

test.for(BROKER_FAULTS)("the broker $name", async ({ rounds, inject, mend }, context) => {
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
