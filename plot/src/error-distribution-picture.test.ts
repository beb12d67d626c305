import { GlobalFonts, loadImage } from "@napi-rs/canvas";
import { describe, expect, test } from "vitest";
import { drawErrorDistribution, subtitle, type PictureSummary } from "./error-distribution-picture.js";
import { ErrorHistogram } from "@streamgauge/core";
import { DIABETES_ERRORS } from "@streamgauge/testing";
import { distributionOf } from "./error-distribution.js";
import { coloursIn } from "./fixtures/colours-in.js";

const TIME = new Date("2026-01-05T12:30:05Z");
const WHITE = "255,255,255";
const TAIL_GREY = "167,173,181";
const BAR_BLUE = "140,197,232";

function summaryOf(errors: readonly number[], labels: Partial<PictureSummary> = {}): PictureSummary {
  const histogram = new ErrorHistogram();
  histogram.add(errors);
  return {
    ...distributionOf(
      histogram,
      errors.reduce((sum, error) => sum + error, 0),
    ),
    malformed: 0,
    time: TIME,
    ...labels,
  };
}

describe("the picture of the diabetes study's errors", () => {
  const png = drawErrorDistribution(summaryOf(DIABETES_ERRORS, { unit: "progression score", model: "diabetes-linear" }));

  test("is a PNG of 1800 × 1125", async () => {
    const { width, height } = await loadImage(png);
    expect({ signature: png.subarray(1, 4).toString(), width, height }).toEqual({ signature: "PNG", width: 1800, height: 1125 });
  });

  test("has its text in the project's font", async () => {
    expect(GlobalFonts.has("Streamgauge Inter")).toBe(true);
    const title = await coloursIn(png, { left: 0, top: 0, right: 0.4, bottom: 0.1 });
    expect(title.size).toBeGreaterThan(2);
  });

  test("has no grey bar, since it has no tail", async () => {
    const whole = await coloursIn(png, { left: 0, top: 0, right: 1, bottom: 1 });
    expect(whole.get(BAR_BLUE)).toBeGreaterThan(100_000);
    expect(whole.get(TAIL_GREY) ?? 0).toBeLessThan(100);
  });

  test("has a margin that nothing is drawn in", async () => {
    for (const part of [
      { left: 0, top: 0, right: 1, bottom: 0.015 },
      { left: 0, top: 0.985, right: 1, bottom: 1 },
      { left: 0, top: 0, right: 0.01, bottom: 1 },
      { left: 0.99, top: 0, right: 1, bottom: 1 },
    ]) {
      expect([...(await coloursIn(png, part)).keys()]).toEqual([WHITE]);
    }
  });
});

test("a heavy tail has a grey bar", async () => {
  const errors = Array.from({ length: 10_000 }, (_, index) => 1 / (1 - index / 10_000));
  const colours = await coloursIn(drawErrorDistribution(summaryOf(errors)), { left: 0.8, top: 0.2, right: 1, bottom: 1 });
  expect(colours.get(TAIL_GREY)).toBeGreaterThan(1_000);
});

test("an empty log says so in the middle", async () => {
  const colours = await coloursIn(drawErrorDistribution(summaryOf([])), { left: 0.2, top: 0.3, right: 0.8, bottom: 0.8 });
  expect(colours.size).toBeGreaterThan(2);
});

test("a very long model name and unit stay within the picture", async () => {
  const long = "registry.example.com/team/model-".repeat(20);
  const png = drawErrorDistribution(summaryOf(DIABETES_ERRORS, { model: long, unit: long, malformed: 1_234_567 }));
  expect([...(await coloursIn(png, { left: 0.99, top: 0, right: 1, bottom: 1 })).keys()]).toEqual([WHITE]);
  expect([...(await coloursIn(png, { left: 0, top: 0, right: 0.01, bottom: 1 })).keys()]).toEqual([WHITE]);
});

test.each([
  { what: "one row", errors: [45.2] },
  { what: "all zero", errors: [0, 0] },
  { what: "the smallest and the largest", errors: [1e-300, 1e300] },
  { what: "tiny", errors: [1e-7, 2e-7, 3e-7] },
  { what: "huge", errors: [1e9, 2e9, 3e9] },
  { what: "near the largest double", errors: [1.7e308, 1.7e308] },
  { what: "at the largest double", errors: [1, Number.MAX_VALUE] },
])("$what: nothing leaves the picture", async ({ errors }) => {
  const colours = await coloursIn(drawErrorDistribution(summaryOf(errors)), { left: 0.99, top: 0, right: 1, bottom: 1 });
  expect([...colours.keys()]).toEqual([WHITE]);
});

test("errors whose sum is beyond the largest double have no line for the mean, and the picture says so in words", async () => {
  const errors = [...DIABETES_ERRORS, 1.7e308, 1.7e308];
  const MEAN_ORANGE = "168,67,0";
  const above = { left: 0, top: 0.15, right: 1, bottom: 0.4 };
  expect((await coloursIn(drawErrorDistribution(summaryOf(DIABETES_ERRORS)), above)).get(MEAN_ORANGE)).toBeGreaterThan(1_000);
  const summary = summaryOf(errors, { mean: Infinity, max: Infinity });
  expect(subtitle(summary)).toEqual([
    "444 rows · largest error beyond 1.8×10³⁰⁸ · 2026-01-05 12:30:05 UTC",
    "The sum of the errors is beyond 1.8×10³⁰⁸, the largest number: MAE and RMSE are infinite",
  ]);
  expect((await coloursIn(drawErrorDistribution(summary), above)).get(MEAN_ORANGE) ?? 0).toBe(0);
});
