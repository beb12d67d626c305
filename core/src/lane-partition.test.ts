import { describe, expect, test } from "vitest";
import { predictionsOf, queuesOf } from "./bus/topology.js";
import { LanePartition } from "./lane-partition.js";
import { lanePaths } from "./metric-log/index.js";

describe.each([
  {
    partition: new LanePartition("champion"),
    queues: { features: "model.champion", labels: "metrics.champion.y_true", predictions: "metrics.champion.y_pred" },
    routingKey: "champion",
    paths: {
      log: "logs/metric_log.csv",
      parts: "logs/.state/metric_log.parts.json",
      unmatched: "logs/unmatched.csv",
      conflicts: "logs/conflicts.csv",
      corrections: "logs/corrections.csv",
      lines: "logs/.state/metrics.champion.lines",
      codes: "logs/.state/metrics.champion.codes",
      state: "logs/.state/metrics.champion",
      lock: "logs/.state/metrics.champion.lock",
      restoring: "logs/.state/metrics.champion.restoring",
    },
    picture: "error_distribution.png",
  },
  {
    partition: new LanePartition("challenger"),
    queues: { features: "model.challenger", labels: "metrics.challenger.y_true", predictions: "metrics.challenger.y_pred" },
    routingKey: "challenger",
    paths: {
      log: "logs/metric_log.challenger.csv",
      parts: "logs/.state/metric_log.challenger.parts.json",
      unmatched: "logs/unmatched.challenger.csv",
      conflicts: "logs/conflicts.challenger.csv",
      corrections: "logs/corrections.challenger.csv",
      lines: "logs/.state/metrics.challenger.lines",
      codes: "logs/.state/metrics.challenger.codes",
      state: "logs/.state/metrics.challenger",
      lock: "logs/.state/metrics.challenger.lock",
      restoring: "logs/.state/metrics.challenger.restoring",
    },
    picture: "error_distribution.challenger.png",
  },
  {
    partition: new LanePartition("champion", 2, 4),
    queues: { features: "model.champion", labels: "metrics.champion.2of4.y_true", predictions: "metrics.champion.2of4.y_pred" },
    routingKey: "champion.2of4",
    paths: {
      log: "logs/metric_log.2of4.csv",
      parts: "logs/.state/metric_log.2of4.parts.json",
      unmatched: "logs/unmatched.2of4.csv",
      conflicts: "logs/conflicts.2of4.csv",
      corrections: "logs/corrections.2of4.csv",
      lines: "logs/.state/metrics.champion.2of4.lines",
      codes: "logs/.state/metrics.champion.2of4.codes",
      state: "logs/.state/metrics.champion.2of4",
      lock: "logs/.state/metrics.champion.2of4.lock",
      restoring: "logs/.state/metrics.champion.restoring",
    },
    picture: "error_distribution.2of4.png",
  },
  {
    partition: new LanePartition("challenger", 1, 2),
    queues: { features: "model.challenger", labels: "metrics.challenger.1of2.y_true", predictions: "metrics.challenger.1of2.y_pred" },
    routingKey: "challenger.1of2",
    paths: {
      log: "logs/metric_log.challenger.1of2.csv",
      parts: "logs/.state/metric_log.challenger.1of2.parts.json",
      unmatched: "logs/unmatched.challenger.1of2.csv",
      conflicts: "logs/conflicts.challenger.1of2.csv",
      corrections: "logs/corrections.challenger.1of2.csv",
      lines: "logs/.state/metrics.challenger.1of2.lines",
      codes: "logs/.state/metrics.challenger.1of2.codes",
      state: "logs/.state/metrics.challenger.1of2",
      lock: "logs/.state/metrics.challenger.1of2.lock",
      restoring: "logs/.state/metrics.challenger.restoring",
    },
    picture: "error_distribution.challenger.1of2.png",
  },
])("Partition $partition.index of $partition.of of the lane $partition.lane", ({ partition, queues, routingKey, paths, picture }) => {
  test("has queues and a routing key", () => {
    expect(partition.queues).toEqual(queues);
    expect(partition.name).toBe(routingKey);
  });

  test("has files", () => {
    expect(lanePaths("logs", partition)).toEqual(paths);
    expect(partition.fileName("error_distribution", "png")).toBe(picture);
  });
});

test("the queues of a lane are those of its only partition", () => {
  expect(queuesOf("challenger")).toEqual(new LanePartition("challenger").queues);
  expect(predictionsOf("challenger")).toEqual({ exchange: "predictions", routingKey: "challenger" });
});

test.each([
  [0, 1],
  [2, 1],
  [1.5, 2],
  [1, 0],
])("there is no partition %d of %d", (index, of) => {
  expect(() => new LanePartition("champion", index, of)).toThrow(
    `There is no partition ${index} of ${of}: give whole numbers, from 1 to the number of partitions.`,
  );
});

test("a lane named as a partition is refused: both would write to metric_log.2of4.csv", () => {
  expect(new LanePartition("champion", 2, 4).fileName("metric_log", "csv")).toBe("metric_log.2of4.csv");
  expect(() => new LanePartition("2of4")).toThrow("A lane cannot be named 2of4: its files would be those of a partition.");
  expect(new LanePartition("of4").fileName("metric_log", "csv")).toBe("metric_log.of4.csv");
});

test("the partitions beside one are known by its name", () => {
  const names = (lane: string, name: string) => LanePartition.beside(lane, name)?.map((partition) => partition.name);
  expect(names("champion", "champion")).toEqual(["champion"]);
  expect(names("challenger", "challenger.2of3")).toEqual(["challenger.1of3", "challenger.2of3", "challenger.3of3"]);
  for (const name of ["champion.4of3", "champion.0of3", "challenger.1of2", "champion.1of1", "champion.x"])
    expect(names("champion", name)).toBeUndefined();
  expect(names("2of4", "2of4")).toBeUndefined();
});
