import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { freshFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { OtherPartitionsError } from "../bus/bus.js";
import { checkPartitions, readPartitions, requirePartitions } from "./partitions-file.js";

const folder = freshFolder();

test("a folder without a log takes the number over", () => {
  requirePartitions(folder.path, 4);
  expect(readPartitions(folder.path)).toBe(4);
});

test("a reader takes nothing over", () => {
  checkPartitions(folder.path, 4);
  expect(readPartitions(folder.path)).toBe(1);
  requirePartitions(folder.path, 4);
  expect(() => checkPartitions(folder.path, 1)).toThrow("is laid out for 4 partitions of metrics, and PARTITIONS is 1:");
  checkPartitions(folder.path, 4);
});

test.each(["metric_log.csv", "metric_log.challenger.csv", ".state/metrics.champion", ".state/metrics.challenger"])(
  "a folder with %s has one partition",
  (name) => {
    mkdirSync(dirname(folder.at(name)), { recursive: true });
    folder.write(name, "");
    expect(() => requirePartitions(folder.path, 4)).toThrow(OtherPartitionsError);
    expect(readPartitions(folder.path)).toBe(1);
    requirePartitions(folder.path, 1);
  },
);
