import { appendFileSync, rmSync } from "node:fs";
import {
  CHAMPION,
  createLogger,
  Ids,
  labelMessages,
  LanePartition,
  MemoryBroker,
  MemoryBus,
  predictionContract,
  predictionsOf,
  topologyOf,
} from "@streamgauge/core";
import { SETTINGS, start, startSplitter } from "@streamgauge/metrics";
import { startServiceOn, until } from "@streamgauge/testing";
import { freshFolder } from "@streamgauge/testing/vitest";
import { beforeEach, expect, test } from "vitest";
import { NoStateError, withLaneState } from "../lane-state.js";
import { readWindows } from "../windows/read-windows.js";
import { verifyPartitions } from "./verify-partitions.js";

const folder = freshFolder();
const log = createLogger("test", "silent");
// Of two partitions: 1, 2, 2, 2 and 1.
const IDS = ["a", "b", "row-1", "row-2", "mwpixsni7y4z-0000000029"];

/** Four pairs are logged in two partitions, a label waits in the first. */
beforeEach(async () => {
  const broker = new MemoryBroker(topologyOf([CHAMPION], 2));
  const bus = new MemoryBus(broker, "test", log);
  const settings = { LOGS_DIR: folder.path, PARTITIONS: "2" };
  const partition = (index: number) => ({
    SETTINGS,
    start: ((scope, config, link) => start(scope, config, { ...link, partition: index })) satisfies typeof start,
  });
  const running = [
    await startServiceOn(new MemoryBus(broker, "metrics", log), partition(1), settings),
    await startServiceOn(new MemoryBus(broker, "metrics", log), partition(2), settings),
  ];
  const splitter = await startSplitter({ bus, log, lane: CHAMPION, partitions: 2 });
  const labels = { ids: Ids.of(IDS), y_true: Float64Array.of(1, 2, 3, 4, 5) };
  for (const { to, message } of labelMessages(labels, 2, "json", 0)) await bus.publish(to, message);
  const ids = IDS.slice(0, 4);
  const predictions = { ids: Ids.of(ids), y_pred: Float64Array.of(2, 2, 2, 2), model: "m@1", unit: "" };
  await bus.publish(predictionsOf(CHAMPION), predictionContract.write(predictions, "json", Date.UTC(2026, 0, 5)));
  await until(
    "all is committed",
    () => running.map(({ running: { state } }) => [state?.log.lines, state?.pending.counts.y_true]).flat(),
    (counts) => counts.join() === "1,1,3,0",
  );
  await splitter.close();
  for (const each of running) await each.close();
});

test("the partitions of a lane add up", async () => {
  const { state, problems, partitions } = await verifyPartitions(folder.path, CHAMPION);
  expect([problems, partitions, state.log.lines]).toEqual([[], 2, 4]);
  expect(state.balance.y_true).toEqual({ received: 5, logged: 4, unmatched: 0, deadLettered: 0, duplicates: 0, conflicts: 0 });
  expect(state.pending).toEqual({ y_true: 1, y_pred: 0 });
});

test("what does not add up in one of them is named with its file", async () => {
  const path = folder.at(new LanePartition(CHAMPION, 2, 2).fileName("conflicts", "csv"));
  const text = folder.read("metric_log.2of2.csv");
  folder.write("metric_log.2of2.csv", text.replace("row-1,3,2,1\n", "xxa-1,3,2,1\n"));
  appendFileSync(path, "torn");
  const { problems } = await verifyPartitions(folder.path, CHAMPION);
  expect(problems).toEqual([`${folder.at("metric_log.2of2.csv")} has the id "xxa-1" of another partition.`]);
});

test("its windows are those of all rows", async () => {
  const windows = await readWindows(folder.path, { lane: CHAMPION, size: "1h", from: -Infinity, to: Infinity });
  expect(windows.map(({ predicted, labelled, mae }) => [predicted, labelled, mae])).toEqual([[4, 4, 1]]);
});

test("a partition that has not run is named, with what to start", async () => {
  rmSync(folder.at(".state/metrics.champion.2of2"), { recursive: true });
  const said =
    `${folder.path} has no state of partition 2 of 2 of lane champion yet, and only all partitions are the lane: start metrics with PARTITIONS=2 ` +
    "PARTITION=2 there, and run this again.";
  const error = new NoStateError(folder.path, new LanePartition(CHAMPION, 2, 2));
  expect(error.message).toBe(said);
  await expect(verifyPartitions(folder.path, CHAMPION)).rejects.toThrow(said);
  await expect(withLaneState(folder.path, CHAMPION, () => 0)).rejects.toThrow(said);
  await expect(withLaneState(folder.path, "challenger", () => 0)).rejects.toThrow(
    `${folder.path} has no state of lane challenger. Its lanes are champion: choose one with --lane, or set LOGS_DIR to the folder of another log.`,
  );
});
