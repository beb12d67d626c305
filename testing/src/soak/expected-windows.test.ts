import { expect, test } from "vitest";
import { ExpectedWindows } from "./expected-windows.js";

const FROM = Date.UTC(2026, 0, 5);
const MINUTE = 60_000;

function expected(): ExpectedWindows {
  const windows = new ExpectedWindows(FROM, 120);
  windows.add(FROM, 1);
  windows.add(FROM + MINUTE - 1, 3);
  windows.add(FROM + MINUTE, 5, true);
  windows.add(FROM + 60 * MINUTE, 7);
  return windows;
}

const window = (minute: number, rows: number, corrected: number, mae: number | null) => ({
  start: new Date(FROM + minute * MINUTE).toISOString(),
  predicted: rows,
  labelled: rows,
  corrected,
  mae,
});

test("minutes and hours that are as the rows say", () => {
  const minutes = [window(0, 2, 0, 2), window(1, 1, 1, 5), window(60, 1, 0, 7.00001)];
  expect(expected().problems(minutes, 1, FROM, FROM + 120 * MINUTE)).toEqual([]);
  expect(expected().problems([window(0, 3, 1, 3), window(60, 1, 0, 7)], 60, FROM, FROM + 120 * MINUTE)).toEqual([]);
});

test("only those of the range are compared", () => {
  expect(expected().problems([window(1, 1, 1, 5)], 1, FROM + MINUTE, FROM + 60 * MINUTE)).toEqual([]);
});

test("a window that is missing, counts too few or too many, or has another error", () => {
  const minutes = [window(0, 2, 0, 2.1), { ...window(1, 1, 1, 5), labelled: 2 }];
  expect(expected().problems(minutes, 1, FROM, FROM + 120 * MINUTE)).toEqual([
    'The window of 1 min from 2026-01-05T00:00:00.000Z is {"predicted":2,"labelled":2,"corrected":0,"mae":2.1}, and must be {"predicted":2,"labelled":2,"corrected":0,"mae":2}.',
    'The window of 1 min from 2026-01-05T00:01:00.000Z is {"predicted":1,"labelled":2,"corrected":1,"mae":5}, and must be {"predicted":1,"labelled":1,"corrected":1,"mae":5}.',
    "The window of 1 min from 2026-01-05T01:00:00.000Z is missing.",
  ]);
});

test("rows without a label count as predicted, and as nothing else", () => {
  const windows = expected();
  windows.addUnlabelled(FROM);
  windows.addUnlabelled(FROM + 2 * MINUTE);
  const minutes = [
    { ...window(0, 2, 0, 2), predicted: 3 },
    window(1, 1, 1, 5),
    { ...window(2, 0, 0, null), predicted: 1 },
    window(60, 1, 0, 7),
  ];
  expect(windows.problems(minutes, 1, FROM, FROM + 120 * MINUTE)).toEqual([]);
  expect(windows.problems([{ ...window(0, 2, 0, 2), labelled: 3, predicted: 3 }], 1, FROM, FROM + MINUTE)).toHaveLength(1);
  expect(windows.problems([window(0, 2, 0, 2)], 1, FROM, FROM + MINUTE)).toHaveLength(1);
});

test("a row from outside of the run is a mistake of the test", () => {
  expect(() => expected().add(FROM - 1, 1)).toThrow(RangeError);
});
