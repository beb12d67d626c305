import {
  CHAMPION,
  createLogger,
  DEAD_HEADER,
  DEAD_QUEUE,
  Ids,
  labelContract,
  LABELS,
  MemoryBroker,
  MemoryBus,
  predictionContract,
  predictionsOf,
  queuesOf,
  topologyOf,
  type Delivery,
} from "@streamgauge/core";
import { Inbox } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { labelHandler, predictionHandler } from "./handlers.js";
import type { CommitCycle } from "./join/commit-cycle.js";
import { freshFolder } from "@streamgauge/testing/vitest";
import { ManualClock } from "./testing/manual-clock.js";
import { TestLane } from "./testing/test-lane.js";

const folder = freshFolder();

/** A message as it comes from a queue. */
function delivery(type: "y_true" | "y_pred", body: unknown, headers: Record<string, unknown> = {}): Delivery {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return {
    body: Buffer.from(text),
    contentType: "application/json",
    type,
    messageId: "1",
    appId: "test",
    timestamp: undefined,
    headers,
    source: { exchange: "rows", routingKey: type, queue: `metrics.champion.${type}` },
    redeliveries: 0,
  };
}

async function open(): Promise<TestLane & { readonly cycle: CommitCycle }> {
  const lane = await TestLane.open(folder);
  return Object.assign(lane, { cycle: lane.join.cycle });
}

test("labels and predictions are joined, and answered when they are durable", async () => {
  const lane = await open();
  const labels = labelHandler(lane.cycle, lane.clock)(delivery("y_true", { ids: ["a", "b"], y_true: [1, 2] }));
  const predictions = predictionHandler(lane.cycle, lane.clock)(delivery("y_pred", { ids: ["a", "b"], y_pred: [3, 2], model: "linear 1" }));
  lane.commit();
  expect(await Promise.all([labels, predictions])).toEqual([{ kind: "done" }, { kind: "done" }]);
  expect(folder.read("metric_log.csv")).toBe("id,y_true,y_pred,absolute_error\na,1,3,2\nb,2,2,0\n");
  await lane.join.close();
});

test("a message that came back often, beside which the broker sends no other, does not wait in memory for its partner", async () => {
  const lane = await open();
  const often = predictionHandler(
    lane.cycle,
    lane.clock,
  )({ ...delivery("y_pred", { id: "a", y_pred: 3, model: "linear 1" }), redeliveries: 5 });
  lane.commit();
  expect(await often).toEqual({ kind: "done" });
  expect(lane.balance("y_pred")).toEqual({ received: 1, pending: 1 });
  await lane.join.close();
});

test("a frame carries its model, unit, origin and time of arrival", async () => {
  const lane = await open();
  lane.clock.advance(1_000);
  void labelHandler(lane.cycle, lane.clock)(delivery("y_true", { id: "a", y_true: 1 }));
  void predictionHandler(
    lane.cycle,
    lane.clock,
  )(delivery("y_pred", { id: "a", y_pred: 1, model: "linear 1" }, { unit: "mg/dl", origin: 1_700_000_000_000 }));
  lane.commit();
  expect(lane.commits[0]?.frames.map(({ side, model, unit, receivedAt }) => [side, model, unit, receivedAt])).toEqual([
    ["y_true", "", "", Date.UTC(2026, 0, 31, 12, 0, 1)],
    ["y_pred", "linear 1", "mg/dl", Date.UTC(2026, 0, 31, 12, 0, 1)],
  ]);
  expect(lane.commits[0]?.frames[1]?.origin).toBe(1_700_000_000_000);
  await lane.join.close();
});

test("the good rows of a message are logged, then it goes to the dead letters with the reason of each bad row", async () => {
  const lane = await open();
  const labels = labelHandler(lane.cycle, lane.clock)(delivery("y_true", { ids: ["a", "b", 7], y_true: [1, null, 3] }));
  void predictionHandler(lane.cycle, lane.clock)(delivery("y_pred", { ids: ["a"], y_pred: [1] }));
  lane.commit();
  const outcome = await labels;
  expect(outcome.kind).toBe("dead");
  expect(outcome.kind === "dead" ? outcome.refusals.map(({ row, field }) => [row, field]) : []).toEqual([
    [2, "id"],
    [1, "y_true"],
  ]);
  expect(folder.read("metric_log.csv")).toBe("id,y_true,y_pred,absolute_error\na,1,1,0\n");
  expect(lane.balance("y_true")).toEqual({ received: 3, logged: 1, deadLettered: 2 });
  await lane.join.close();
});

test.each([
  ["nothing", ""],
  ["no JSON", "{"],
  ["other columns", { ids: ["a"], y_pred: [1] }],
  ["columns of other lengths", { ids: ["a", "b"], y_true: [1] }],
])("a message with %s goes to the dead letters, and counts as one row", async (_, body) => {
  const lane = await open();
  const labels = labelHandler(lane.cycle, lane.clock)(delivery("y_true", body));
  lane.commit();
  expect(await labels).toMatchObject({ kind: "dead", refusals: [{ reason: expect.any(String) }] });
  expect(lane.balance("y_true")).toEqual({ received: 1, deadLettered: 1 });
  await lane.join.close();
});

test("after a fault a message is redelivered", async () => {
  const lane = await open();
  lane.cycle.close();
  expect(await labelHandler(lane.cycle, lane.clock)(delivery("y_true", { id: "a", y_true: 1 }))).toMatchObject({ kind: "retry" });
  await lane.join.close();
});

test("on a bus: JSON and Arrow frames are joined, and a bad message becomes a dead letter", async () => {
  const clock = new ManualClock();
  const lane = await TestLane.open(folder, { clock });
  const broker = new MemoryBroker(topologyOf([CHAMPION]));
  const bus = new MemoryBus(broker, "metrics", createLogger("metrics", "silent"));
  const queues = queuesOf(CHAMPION);
  await bus.consume(queues.labels, labelHandler(lane.join.cycle, clock), { prefetch: 10 });
  await bus.consume(queues.predictions, predictionHandler(lane.join.cycle, clock), { prefetch: 10 });
  const ids = Ids.of(["a", "größe"]);
  await bus.publish(LABELS, labelContract.write({ ids, y_true: Float64Array.of(1, 2) }, "arrow", 0));
  await bus.publish(
    predictionsOf(CHAMPION),
    predictionContract.write({ ids, y_pred: Float64Array.of(1, 2), model: "m", unit: "" }, "json", 0),
  );
  await bus.publish(LABELS, { body: Buffer.from("nonsense"), contentType: "application/json", type: "y_true", headers: {} });
  const letters = new Inbox();
  await bus.consume(DEAD_QUEUE, letters.handler, { prefetch: 1 });
  // The clock of the join only moves when it is advanced; the broker follows the event loop.
  const moving = setInterval(() => lane.commit(), 1);
  const letter = await letters.one();
  clearInterval(moving);
  expect(folder.read("metric_log.csv")).toBe("id,y_true,y_pred,absolute_error\na,1,1,0\ngröße,2,2,0\n");
  expect(letter.body.toString()).toBe("nonsense");
  expect(letter.headers[DEAD_HEADER.reason]).toMatch(/the body is not JSON/);
  expect([await bus.depth(queues.labels), await bus.depth(queues.predictions)]).toEqual([0, 0]);
  await bus.close();
  await lane.join.close();
});

test("a correction without a time counts as made when it came; one that cannot be read is refused, with its good rows used", async () => {
  const lane = await open();
  const take = (body: unknown, headers: Record<string, unknown>) => labelHandler(lane.cycle, lane.clock)(delivery("y_true", body, headers));
  const outcomes = [
    take({ id: "a", y_true: 1 }, {}),
    predictionHandler(lane.cycle, lane.clock)(delivery("y_pred", { id: "a", y_pred: 3, model: "linear 1" })),
    take({ ids: ["a", "b"], y_true: [2, null] }, { correction: 1, who: "ann" }),
    take({ id: "a", y_true: 5 }, { correction: "no" }),
  ];
  lane.commit();
  expect(await Promise.all(outcomes)).toMatchObject([
    { kind: "done" },
    { kind: "done" },
    { kind: "dead", refusals: [{ row: 1, id: "b", field: "y_true" }] },
    { kind: "dead", refusals: [{ field: "correction" }] },
  ]);
  expect(folder.read("corrections.csv")).toBe("id,old,new,time,who\na,1,2,2026-01-31T12:00:00.000Z,ann\n");
  expect(lane.correctionBalance).toEqual({ received: 2, applied: 1, deadLettered: 1 });
  expect(lane.balance("y_true")).toEqual({ received: 2, logged: 1, deadLettered: 1 });
  await lane.join.close();
});
