import { expect, test } from "vitest";
import { shownWindow } from "../../testing/published-windows.js";
import { binText, placesOf } from "./bars.js";
import { figure } from "../format.js";
import { chartText, LIVE_COLUMNS, MOST_ROWS, windowRows } from "./window-table.js";

const bar = (from: number | null, to: number | null) => ({ from, to, value: 1, title: "" });

test("bars stand where their edges are; tails are as wide as the widest", () => {
  const places = placesOf([bar(null, -2), bar(-2, 0), bar(4, 6), bar(6, null)]);
  expect(places.map(({ x, width }) => [x, width])).toEqual([
    [0, 2 / 12],
    [2 / 12, 2 / 12],
    [8 / 12, 2 / 12],
    [10 / 12, 2 / 12],
  ]);
});

test.each([
  [null, -2, "below −2"],
  [-2, 0, "−2 to 0"],
  [6, null, "from 6"],
])("a bin from %s to %s is %s", (from, to, text) => {
  expect(binText({ from, to })).toBe(text);
});

test("the table of windows has the latest first, and not more than a browser can take", () => {
  const windows = Array.from({ length: MOST_ROWS + 1 }, (_, i) =>
    shownWindow({ size: "1h", start: i * 3_600_000, errors: [3, -1], unlabelled: 2 }),
  );
  const rows = windowRows(windows, LIVE_COLUMNS);
  expect(rows).toHaveLength(200);
  expect(rows[0]).toEqual([
    "1970-01-09 08:00",
    "final",
    "4",
    "2",
    "0",
    "50.0 %",
    "2",
    "2 (0.040036 to 3.96)",
    "2.2361",
    "1",
    "2.905",
    "1.3 s",
  ]);
});

test("a chart is said in a sentence", () => {
  expect(chartText("MAE", [3, null, 1, 2], figure)).toBe(
    "MAE of 3 windows: the latest 2, from 1 to 3. The arrow keys read one after another.",
  );
  expect(chartText("MAE", [null], figure)).toBe("MAE: no values.");
});
