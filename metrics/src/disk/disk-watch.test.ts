import { captureLog } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { DiskWatch } from "./disk-watch.js";

/** A watch, and looks at a disk on which metrics writes 1 MB a second, of which there was one an hour ago. */
function watched(warnHours = 24) {
  const { log, lines } = captureLog("metrics");
  const watch = new DiskWatch("/logs", log, warnHours);
  let at = 0;
  watch.look({ at, free: 1e15, own: 0 });
  const look = (hoursLeft: number) => {
    at += 3_600;
    watch.look({ at, free: hoursLeft * 3.6e9, own: 1e6 * at });
  };
  return { watch, look, said: () => lines.map((line) => line.replace(/^.*?(WARN|INFO).*?: /, "$1 ")) };
}

const REMEDY = "On a full disk nothing is logged, and rows wait; none is lost. Make room, or move LOGS_DIR to a larger disk.";

test("it says once that the disk is near full, once that it is urgent, and once that it is over", () => {
  const { watch, look, said } = watched();
  const near = [30, 23, 25, 20, 35, 3.5, 5, 3, 7, 37, 30, 23].map((hours) => {
    look(hours);
    return watch.nearFullIn;
  });
  expect(near.map((seconds) => (seconds === undefined ? undefined : seconds / 3_600))).toEqual([
    undefined,
    23,
    25,
    20,
    35,
    3.5,
    5,
    3,
    7,
    undefined,
    undefined,
    23,
  ]);
  expect(said()).toEqual([
    `WARN The disk of /logs is full in about 23 hours at the present rate: 82.8 GB are free, and 1 MB a second are written. ${REMEDY}`,
    `WARN The disk of /logs is full in about 4 hours at the present rate: 12.6 GB are free, and 1 MB a second are written. ${REMEDY}`,
    "INFO The disk of /logs is no longer near full: 133 GB are free.",
    `WARN The disk of /logs is full in about 23 hours at the present rate: 82.8 GB are free, and 1 MB a second are written. ${REMEDY}`,
  ]);
});

test("minutes and seconds are said as such", () => {
  const { look, said } = watched();
  look(0.5);
  expect(said()[0]).toContain("is full in about 30 minutes at the present rate: 1.8 GB are free");
});

test("with 0 hours nothing is said, and the figures are there", () => {
  const { watch, look, said } = watched(0);
  look(0.01);
  expect(said()).toEqual([]);
  expect(watch.outlook).toEqual({ free: 36e6, rate: 1e6, fullIn: 36 });
});
