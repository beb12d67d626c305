import { GlobalFonts, loadImage } from "@napi-rs/canvas";
import { describe, expect, test } from "vitest";
import { drawErrorDistribution, type PictureSummary } from "./error-distribution-picture.js";
import { ErrorHistogram } from "@streamgauge/core";
import { DIABETES_ERRORS } from "@streamgauge/core/testing";
import { coloursIn } from "./fixtures/colours-in.js";

const TIME = new Date("2026-01-05T12:30:05Z");
const WHITE = "255,255,255";
const TAIL_GREY = "167,173,181";
const BAR_BLUE = "140,197,232";

function summaryOf(errors: readonly number[], labels: Partial<PictureSummary> = {}): PictureSummary {
  const histogram = new ErrorHistogram();
  histogram.add(errors);
  return { ...histogram.summary(), malformed: 0, time: TIME, ...labels };
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
])("$what: nothing leaves the picture", async ({ errors }) => {
  const colours = await coloursIn(drawErrorDistribution(summaryOf(errors)), { left: 0.99, top: 0, right: 1, bottom: 1 });
  expect([...colours.keys()]).toEqual([WHITE]);
});
