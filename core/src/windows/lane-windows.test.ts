import { labelOne } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { ErrorWindow } from "./error-window.js";
import { laneWindows } from "./lane-windows.js";

const HOUR = 3_600_000;

/** The window of an hour with these errors. */
function windowAt(hour: number, errors: readonly number[]) {
  const window = new ErrorWindow("1h", hour * HOUR);
  for (const error of errors) {
    window.predict(10, hour * HOUR);
    labelOne(window, { yTrue: 10, yPred: 10 + error, lagMs: 1_000, model: "m@1", tenth: 10 });
  }
  return window.save();
}

test("the windows of partitions become those of the lane, in order, bit for bit as one partition would have them", () => {
  const parts = [
    { partition: "champion.1of2", windows: [windowAt(1, [1]), windowAt(2, [2, 3]), windowAt(4, [4])] },
    { partition: "champion.2of2", windows: [windowAt(2, [5]), windowAt(3, [6])] },
  ];
  const passed: [number, string][] = [];
  const lane = [...laneWindows(parts, ({ start }, partition) => passed.push([start / HOUR, partition]))];
  expect(lane.map(({ start, predicted, labelled }) => [start / HOUR, predicted, labelled])).toEqual([
    [1, 1, 1],
    [2, 3, 3],
    [3, 1, 1],
    [4, 1, 1],
  ]);
  expect(lane[1]?.errors).toEqual(windowAt(2, [2, 3, 5]).errors);
  expect(passed).toEqual([
    [1, "champion.1of2"],
    [2, "champion.1of2"],
    [2, "champion.2of2"],
    [3, "champion.2of2"],
    [4, "champion.1of2"],
  ]);
});

test("a lane with one partition has its windows as they are", () => {
  const windows = [windowAt(1, [1]), windowAt(2, [2])];
  expect([...laneWindows([{ partition: "champion", windows }])]).toEqual(windows);
  expect([...laneWindows([])]).toEqual([]);
});
