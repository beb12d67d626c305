import { existsSync } from "node:fs";
import {
  CHAMPION,
  DEAD_HEADER,
  DEAD_QUEUE,
  Ids,
  labelContract,
  labelMessages,
  LABELS,
  labelsOf,
  LanePartition,
  MemoryBroker,
  MemoryBus,
  OtherPartitionsError,
  partitionsPath,
  predictionContract,
  predictionsOf,
  topologyOf,
  writeRefusedCount,
  type Address,
  type LabelFrame,
  type Message,
} from "@streamgauge/core";
import { lanePaths } from "@streamgauge/core/metric-log";
import { captureLog, startServiceOn } from "@streamgauge/testing";
import { freshFolder } from "@streamgauge/testing/vitest";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SETTINGS } from "../settings.js";
import { startPartitions } from "../start-partitions.js";
import { StateStore } from "../state/state-store.js";

const folder = freshFolder();
const HEADER = "id,y_true,y_pred,absolute_error\n";
const { log } = captureLog("metrics");

let broker: MemoryBroker;
let bus: MemoryBus;
let ends: (() => Promise<void>)[];

beforeEach(() => {
  broker = new MemoryBroker(topologyOf([CHAMPION], 4));
  bus = new MemoryBus(broker, "test", log);
  ends = [];
});

afterEach(async () => {
  for (const end of ends.toReversed()) await end();
});

async function start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
  const all = { LOGS_DIR: folder.path, PARTITIONS: "4", ...settings };
  const { close } = await startServiceOn(new MemoryBus(broker, "metrics", log), { SETTINGS, start: startPartitions }, all, { log });
  ends.push(close);
}

// Of four partitions: 1, 3, 3, 4; and 2.
const IDS = ["a", "b", "row-1", "row-2", "mwpixsni7y4z-0000000029"];
const labels = (ids = IDS): LabelFrame => ({ ids: Ids.of(ids), y_true: Float64Array.from(ids, (_, i) => i) });
const predictions = { ids: Ids.of(IDS), y_pred: Float64Array.of(1, 1, 1, 1, 1), model: "m@1", unit: "" };

const logs = () => LanePartition.all(CHAMPION, 4).map((each) => folder.read(each.fileName("metric_log", "csv")).replace(HEADER, ""));
const LOGGED = ["a,0,1,1\n", "mwpixsni7y4z-0000000029,4,1,3\n", "b,1,1,0\nrow-1,2,1,1\n", "row-2,3,1,2\n"];

test("what a producer sends that knows nothing of partitions is divided, in any number of copies", async () => {
  await start();
  for (let copy = 0; copy < 3; copy += 1) {
    await bus.publish(LABELS, labelContract.write(labels(), "json", 7));
    await bus.publish(predictionsOf(CHAMPION), predictionContract.write(predictions, "arrow", 7));
  }
  await vi.waitFor(() => expect(logs()).toEqual(LOGGED));
  await vi.waitFor(() => expect(broker.queue("metrics.champion.y_true").depth).toBe(0));
});

test("labels that their sender has divided meet predictions that it has not", async () => {
  await start();
  for (const { to, message } of labelMessages(labels(), 4, "arrow", 7)) await bus.publish(to, message);
  await bus.publish(predictionsOf(CHAMPION), predictionContract.write(predictions, "json", 7));
  await vi.waitFor(() => expect(logs()).toEqual(LOGGED));
});

test("rows of another partition are refused by name, the others are logged", async () => {
  await start();
  await bus.publish(labelsOf(3, 4), labelContract.write(labels(["a", "b"]), "json", 7));
  await bus.publish(predictionsOf(CHAMPION), predictionContract.write(predictions, "json", 7));
  await vi.waitFor(() => expect(logs()[2]).toBe("b,1,1,0\n"));
  await vi.waitFor(() => expect(broker.queue(DEAD_QUEUE).depth).toBe(1));
  const reasons: unknown[] = [];
  await bus.drain(DEAD_QUEUE, 10, async ({ headers }) => {
    reasons.push(headers[DEAD_HEADER.reason]);
    return { kind: "done" };
  });
  expect(reasons).toEqual([
    'row 0 (id "a"), field id: the id belongs to partition 1 of 4 and came to partition 3: send it to rows/y_true, which takes all ids',
  ]);
  expect(logs()[0]).toBe("");
});

test("what a splitter cannot read goes to the dead letters whole, and good rows of such a message are logged", async () => {
  await start();
  await bus.publish(LABELS, { body: Buffer.from("nonsense"), contentType: "application/json", type: "y_true", headers: {} });
  const body = Buffer.from('{"ids":["a","b"],"y_true":[0,"one"]}');
  await bus.publish(LABELS, { body, contentType: "application/json", type: "y_true", headers: {} });
  await bus.publish(predictionsOf(CHAMPION), predictionContract.write(predictions, "json", 7));
  await vi.waitFor(() => expect(logs()[0]).toBe("a,0,1,1\n"));
  await vi.waitFor(() => expect(broker.queue(DEAD_QUEUE).depth).toBe(2));
});

describe("rows that a splitter refuses are received and dead-lettered in the first partition", () => {
  /** What the first partition has counted of labels and of corrections, when it is closed. */
  async function counted() {
    for (const end of ends.splice(0)) await end();
    const store = StateStore.openReadOnly(lanePaths(folder.path, new LanePartition(CHAMPION, 1, 4)).state);
    const state = store.state();
    await store.close();
    const { received, deadLettered } = state?.correctionBalance ?? {};
    return { labels: state?.balance.y_true, predictions: state?.balance.y_pred, corrections: { received, deadLettered } };
  }
  const none = { received: 0, logged: 0, unmatched: 0, deadLettered: 0, duplicates: 0, conflicts: 0 };
  const send = (to: Address, type: string, body: string, headers: Message["headers"] = {}) =>
    bus.publish(to, { body: Buffer.from(body), contentType: "application/json", type, headers });

  test("those of a message with good rows, a message that cannot be read, predictions, corrections", async () => {
    await start();
    await send(LABELS, "y_true", '{"ids":["b","row-1","c"],"y_true":["one","two",0]}');
    await send(LABELS, "y_true", "nonsense");
    await send(predictionsOf(CHAMPION), "y_pred", '{"ids":["b","a"],"y_pred":[null,1],"model":"m@1"}');
    await send(LABELS, "y_true", '{"ids":["a","b"],"y_true":["one",2]}', { correction: true });
    await vi.waitFor(() => expect(broker.queue(DEAD_QUEUE).depth).toBe(4));
    for (const side of ["y_true", "y_pred"]) await vi.waitFor(() => expect(broker.queue(`metrics.champion.1of4.${side}`).depth).toBe(0));
    const { labels: ofLabels, predictions: ofPredictions, corrections } = await counted();
    // Two rows and a message of labels; a prediction beside that of a, which waits.
    expect(ofLabels).toEqual({ ...none, received: 3, deadLettered: 3 });
    expect(ofPredictions).toEqual({ ...none, received: 2, deadLettered: 1 });
    expect(corrections).toEqual({ received: 1, deadLettered: 1 });
  });

  test("those of messages of which no row can be used: one dead letter each, counted once", async () => {
    await start();
    await send(LABELS, "y_true", '{"id":"a","y_true":"one"}');
    await send(predictionsOf(CHAMPION), "y_pred", '{"ids":["a","b"],"y_pred":[null,null],"model":"m@1"}');
    await send(LABELS, "y_true", '{"id":"b","y_true":null}', { correction: true });
    for (const name of ["champion", "champion.1of4"])
      for (const side of ["y_true", "y_pred"]) await vi.waitFor(() => expect(broker.queue(`metrics.${name}.${side}`).depth).toBe(0));
    expect(broker.queue(DEAD_QUEUE).depth).toBe(3);
    const { labels: ofLabels, predictions: ofPredictions, corrections } = await counted();
    expect(ofLabels).toEqual({ ...none, received: 1, deadLettered: 1 });
    expect(ofPredictions).toEqual({ ...none, received: 2, deadLettered: 2 });
    expect(corrections).toEqual({ received: 1, deadLettered: 1 });
  });

  test("also if the count waited in a queue of another number of partitions", async () => {
    await bus.publish(LABELS, writeRefusedCount({ rows: 7, correction: false }));
    await start();
    await vi.waitFor(() => expect(broker.queue("metrics.champion.y_true").depth).toBe(0));
    await vi.waitFor(() => expect(broker.queue("metrics.champion.1of4.y_true").depth).toBe(0));
    expect((await counted()).labels).toEqual({ ...none, received: 7, deadLettered: 7 });
    expect(broker.queue(DEAD_QUEUE).depth).toBe(0);
  });
});

describe("processes share the partitions", () => {
  test("each those that PARTITION names", async () => {
    await start({ PARTITION: "1,3" });
    await start({ PARTITION: "2,4" });
    await bus.publish(LABELS, labelContract.write(labels(), "json", 7));
    await bus.publish(predictionsOf(CHAMPION), predictionContract.write(predictions, "json", 7));
    await vi.waitFor(() => expect(logs()).toEqual(LOGGED));
  });

  test("and a partition that there is not is a mistake", async () => {
    await expect(start({ PARTITION: "5" })).rejects.toThrow("PARTITION names partition 5, and PARTITIONS is 4: give numbers up to 4.");
  });
});

describe("another number of partitions", () => {
  test("than the folder has is refused, with what to do", async () => {
    await start();
    for (const end of ends.splice(0)) await end();
    const starting = start({ PARTITIONS: "8" });
    await expect(starting).rejects.toThrow(OtherPartitionsError);
    await expect(starting).rejects.toThrow(
      `${folder.path} is laid out for 4 partitions of metrics, and PARTITIONS is 8: set PARTITIONS=4 for every service, or stop them all and run "streamgauge repartition --to 8".`,
    );
    await expect(start({ PARTITIONS: "1" })).rejects.toThrow("is laid out for 4 partitions of metrics, and PARTITIONS is 1:");
  });

  test("than one is refused for a log of one", async () => {
    await start({ PARTITIONS: "1" });
    for (const end of ends.splice(0)) await end();
    await expect(start()).rejects.toThrow("is laid out for one partition of metrics, and PARTITIONS is 4:");
  });

  test("than one is refused for a lane beside a log of one", async () => {
    await start({ PARTITIONS: "1" });
    for (const end of ends.splice(0)) await end();
    broker = new MemoryBroker(topologyOf([CHAMPION, "challenger"], 4));
    await expect(start({ LANE: "challenger" })).rejects.toThrow(
      `${folder.path} is laid out for one partition of metrics, and PARTITIONS is 4:`,
    );
    expect(existsSync(partitionsPath(folder.path))).toBe(false);
  });
});

test("with one partition nothing is written about it", async () => {
  await start({ PARTITIONS: "1" });
  expect(existsSync(partitionsPath(folder.path))).toBe(false);
});
