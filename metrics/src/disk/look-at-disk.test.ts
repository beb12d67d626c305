import { LanePartition } from "@streamgauge/core";
import { lanePaths } from "@streamgauge/core/metric-log";
import { freshFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { lookAtDisk } from "./look-at-disk.js";

const folder = freshFolder();

test("all parts of a log are the lane's own, also one that is being compressed, and those of other lanes are not", () => {
  const names = [
    "csv",
    "000001-20260131.csv.gz",
    "000002-20260131.csv",
    "000002-20260131.csv.gz.new",
    "challenger.csv",
    "challenger.000001-20260131.csv",
  ];
  for (const [i, name] of names.entries()) folder.write(`metric_log.${name}`, "x".repeat(10 ** i));
  const sample = lookAtDisk(lanePaths(folder.path, new LanePartition("champion")), 5);
  expect([sample?.at, sample?.own]).toEqual([5, 1_111]);
});
