import { loadImage } from "@napi-rs/canvas";
import type { WindowPoint } from "@streamgauge/core/windows";
import { describe, expect, test } from "vitest";
import { coloursIn } from "../fixtures/colours-in.js";
import { drawErrorOverTime, trendLines } from "./error-over-time-picture.js";
import { errorRange } from "./error-range.js";
import type { WindowSeries } from "./window-trend.js";

const MINUTE = 60_000;
const BEGIN = Date.parse("2026-01-05T09:17:00Z");
const TIME = new Date("2026-01-05T12:30:05Z");
const WHITE = "255,255,255";
const LINE_BLUE = "0,90,146";
const COVERED = "140,197,232";
const UNCOVERED = "237,240,243";
const INTERVAL = "242,211,189";
const ALARM = "168,67,0";
const WHOLE = { left: 0, top: 0.2, right: 1, bottom: 1 };

/** Minutes side by side with these errors; of NaN without a label. */
function minutes(maes: readonly number[], rest: Partial<WindowPoint> = {}): WindowPoint[] {
  return maes.map((mae, i) => {
    const start = BEGIN + i * MINUTE;
    const labelled = Number.isNaN(mae) ? 0 : 10;
    const coverage = labelled / 10;
    return {
      start,
      end: start + MINUTE,
      finalAt: start,
      predicted: 10,
      labelled,
      mae,
      coverage,
      estimate: undefined,
      referenceMae: NaN,
      ...rest,
    };
  });
}

const seriesOf = (windows: readonly WindowPoint[], rest: Partial<WindowSeries> = {}): WindowSeries => ({
  size: "1m",
  windows,
  alarms: [],
  ...rest,
});
const draw = (series: WindowSeries) => drawErrorOverTime(series, { time: TIME });

describe("the picture", () => {
  test("is a PNG of 1800 × 1125 with a margin that nothing is drawn in", async () => {
    const png = draw(seriesOf(minutes([40, 41, 39])));
    const { width, height } = await loadImage(png);
    expect([width, height]).toEqual([1_800, 1_125]);
    for (const part of [
      { left: 0, top: 0, right: 0.01, bottom: 1 },
      { left: 0.99, top: 0, right: 1, bottom: 1 },
      { left: 0, top: 0.985, right: 1, bottom: 1 },
    ])
      expect([...(await coloursIn(png, part)).keys()]).toEqual([WHITE]);
  });

  test("has a line of errors and a strip of coverage", async () => {
    const colours = await coloursIn(draw(seriesOf(minutes([40, 41, Number.NaN, 39]))), WHOLE);
    expect(colours.get(LINE_BLUE)).toBeGreaterThan(1_000);
    // Three windows of four have all their labels.
    expect((colours.get(COVERED) ?? 0) / (colours.get(UNCOVERED) ?? 1)).toBeCloseTo(3, 1);
  });

  test("has the intervals of the estimate", async () => {
    const estimate = { value: 40, low: 35, high: 45, fromReference: 0 };
    expect((await coloursIn(draw(seriesOf(minutes([40, 41], { estimate }))), WHOLE)).get(INTERVAL)).toBeGreaterThan(50_000);
  });

  test("hatches provisional windows and no others", async () => {
    const countOf = async (windows: readonly WindowPoint[]) => (await coloursIn(draw(seriesOf(windows)), WHOLE)).size;
    const settled = await countOf(minutes([40, 41, 39]));
    const provisional = await countOf(minutes([40, 41, 39], { coverage: 0.5, finalAt: TIME.getTime() + 1 }));
    expect(provisional).toBeGreaterThan(settled + 20);
  });

  test("marks alarms", async () => {
    const alarm = { kind: "worse", model: "m", row: 5, since_row: 1, since_time: null, mean_before: 1, mean_since: 2 } as const;
    const shown = await coloursIn(draw(seriesOf(minutes([40, 41]), { alarms: [{ ...alarm, time: BEGIN + 5 }] })), WHOLE);
    const none = await coloursIn(draw(seriesOf(minutes([40, 41]))), WHOLE);
    expect([shown.get(ALARM) ?? 0, none.get(ALARM) ?? 0]).toEqual([expect.any(Number), 0]);
    expect(shown.get(ALARM)).toBeGreaterThan(100);
  });

  test("without windows says so", async () => {
    const colours = await coloursIn(draw(seriesOf([])), { left: 0.2, top: 0.3, right: 0.8, bottom: 0.8 });
    expect(colours.size).toBeGreaterThan(2);
    expect(colours.get(COVERED)).toBeUndefined();
  });

  test.each([
    ["one window", [40]],
    ["zeros", [0, 0, 0]],
    ["no labels", [Number.NaN, Number.NaN]],
    ["huge", [1e300, 2e300]],
    ["beyond the largest double", [Infinity, 40]],
    ["tiny", [1e-300, 2e-300]],
  ])("of %s is drawn within its margins", async (_, maes) => {
    expect([...(await coloursIn(draw(seriesOf(minutes(maes))), { left: 0.99, top: 0, right: 1, bottom: 1 })).keys()]).toEqual([WHITE]);
  });
});

describe("the axis of errors", () => {
  test.each([
    ["begins at zero if that leaves no more than half of it empty", [10, 20, 40], { low: 0, high: 43.2, beyond: 0 }],
    ["does not otherwise", [40, 42, 50], { low: 39.2, high: 50.864, beyond: 0 }],
    ["begins at zero for errors that are alike", [43, 43.1, 43.2], { low: 0, high: 46.656, beyond: 0 }],
    [
      "leaves out what is twenty times as large as the others",
      [...Array<number>(19).fill(40), 801],
      { low: 0, high: 43.2, beyond: 1, largest: 801 },
    ],
    ["leaves out what is beyond the largest double", [40, 40, Infinity], { low: 0, high: 43.2, beyond: 1, largest: Infinity }],
    ["shows what is less than twenty times as large", [...Array<number>(19).fill(40), 799], { low: 0, high: 862.92, beyond: 0 }],
    ["is from 0 to 1 without errors", [0, 0], { low: 0, high: 1, beyond: 0 }],
  ])("%s", (_, maes, { low, high, ...rest }) => {
    const range = errorRange(minutes(maes));
    expect(range.low).toBeCloseTo(low, 9);
    expect(range.high).toBeCloseTo(high, 9);
    expect(range).toMatchObject(rest);
  });
});

test("the lines below the title say how many windows, of what, and what is beyond the axis", () => {
  const series = seriesOf(minutes([40, 41]));
  expect(trendLines(series, { beyond: 0, largest: -Infinity }, { time: TIME })).toEqual([
    "2 windows of a minute · 2026-01-05 12:30:05 UTC",
  ]);
  expect(trendLines({ ...series, size: "1h" }, { beyond: 2, largest: 1e300 }, { time: TIME, unit: "points", model: "linear v1" })).toEqual([
    "2 windows of an hour · 2026-01-05 12:30:05 UTC",
    "MAE in points · Model linear v1",
    "2 windows have errors beyond the axis, the largest 1.00×10³⁰⁰",
  ]);
});
