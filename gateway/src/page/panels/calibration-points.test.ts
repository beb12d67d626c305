import { expect, test } from "vitest";
import { MONDAY, reportContent } from "../../testing/report-content.js";
import { CALIBRATION, QUANTILES, RESIDUALS } from "./calibration-points.js";

/** Of rows of the third tenth, whose labels are 10. */
function summaryOf(errors: readonly number[]) {
  const { summary } = reportContent([{ size: "1h", start: MONDAY, errors, tenth: 2 }]);
  if (summary === null) throw new Error("There is a window, and so a summary.");
  return summary;
}

test("the line is the normal distribution with the mean and the spread of the errors", () => {
  const summary = summaryOf([1, 3]);
  expect(QUANTILES.options(summary).line).toMatchObject({ at: 2, slope: expect.closeTo(1, 9) });
  expect(QUANTILES.rows(summary).map(([share, , normal]) => [share, normal])).toEqual([
    ["30 %", "1.4756"],
    ["40 %", "1.7467"],
    ["50 %", "2"],
    ["60 %", "2.2533"],
    ["70 %", "2.5244"],
  ]);
  expect(RESIDUALS.rows(summary)).toEqual([["3", "12", "2", "1"]]);
});

test("a standard deviation beyond the largest number is an overflow, not zero: there is no line and no whisker", () => {
  const summary = summaryOf([1e200, 3e200]);
  expect([summary.rmse, summary.overflowed]).toEqual([null, expect.arrayContaining(["rmse"])]);
  expect(QUANTILES.options(summary).line).toBeUndefined();
  expect(QUANTILES.points(summary)).toHaveLength(5);
  expect(QUANTILES.rows(summary).map(([, , normal]) => normal)).toEqual(Array(5).fill("overflow"));
  expect(RESIDUALS.rows(summary)).toEqual([["3", "2e200", "2e200", "overflow"]]);
  expect(RESIDUALS.points(summary)).toEqual([{ x: 2e200, y: 2e200, title: "tenth 3: 2e200 ± overflow" }]);
  expect(CALIBRATION.rows(summary)).toEqual([["3", "2", "2e200", "10"]]);
});

test("an error beyond the largest number is in the tables, and is not drawn", () => {
  const summary = {
    ...summaryOf([1]),
    bias: null,
    rmse: null,
    error_quantiles: [{ share: 0.5, normal: 0, error: null }],
    tenths: [{ tenth: 2, predicted: 1, labelled: 1, mae: null, rmse: null, bias: null, mean_true: 10, mean_pred: null }],
  };
  expect([QUANTILES.points(summary), QUANTILES.rows(summary)]).toEqual([[], [["50 %", "overflow", "overflow"]]]);
  expect([RESIDUALS.points(summary), RESIDUALS.rows(summary)]).toEqual([[], [["3", "overflow", "overflow", "overflow"]]]);
  expect([CALIBRATION.points(summary), CALIBRATION.rows(summary)]).toEqual([[], [["3", "1", "overflow", "10"]]]);
});

test("a tenth without labels has no point and no row", () => {
  const { summary } = reportContent([{ size: "1h", start: MONDAY, errors: [], unlabelled: 3, tenth: 2 }]);
  if (summary === null) throw new Error("There is a window, and so a summary.");
  expect(summary.tenths.map(({ tenth, predicted, labelled }) => [tenth, predicted, labelled])).toEqual([[2, 3, 0]]);
  expect([CALIBRATION.points(summary), CALIBRATION.rows(summary), QUANTILES.rows(summary)]).toEqual([[], [], []]);
});
