import { expect, it } from "vitest";
import { formatReport } from "./format-report.js";
import type { TrainingReport } from "./training-report.js";

const report: TrainingReport = {
  dataset: "rows.csv",
  datasetSha256: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
  rows: 100,
  fittedRows: 100,
  target: "y",
  targetUnit: "°C",
  features: [
    { name: "kind", coefficient: 12345.678, mean: 1.5, std: 0.5, min: 1, max: 2 },
    { name: "age", unit: "years", coefficient: -0.0363612, mean: 48.5181, std: 13.0942, min: 19, max: 79 },
  ],
  kind: "linear",
  intercept: -334.56714,
  alpha: 0,
  holdOut: 0.2,
  seed: 1,
  fitOn: "all",
  inSample: { rows: 100, mae: 43.277452, rmse: 53.476129, r2: 0.5177484 },
  heldOut: { rows: 20, mae: 43.844171, rmse: 54.100572, r2: 0.4390635 },
  float32Difference: 0,
  warnings: [],
};

it("shows errors, coefficients and statistics in columns", () => {
  expect(formatReport(report)).toBe(`\
Dataset  rows.csv, 100 rows, sha256 0123456789ab
Target   y (°C)
Model    linear regression, 2 features, fitted on 100 rows

Error                                  rows     MAE    RMSE       R²
on rows it was fitted on                100  43.277  53.476  0.51775
on held-out rows, fitted without them    20  43.844  54.101  0.43906
Expect the held-out error of new rows; the other one flatters the model.

Feature    coefficient    mean     std  min  max  unit
kind             12346     1.5     0.5    1    2
age          -0.036361  48.518  13.094   19   79  years
intercept      -334.57
`);
});

it("says so when nothing was held out or the target does not vary, and ends with the warnings", () => {
  const { heldOut: _, targetUnit: __, ...rest } = report;
  const text = formatReport({
    ...rest,
    alpha: 0.5,
    inSample: { rows: 100, mae: 0, rmse: 0, r2: null },
    warnings: ["First.", "Second."],
  });
  expect(text).toContain("Target   y\nModel    ridge regression, alpha 0.5, 2 features, fitted on 100 rows\n");
  expect(text).toContain("on rows it was fitted on   100    0     0  none\n");
  expect(text).toContain("No rows were held out: a model judged on the rows it was fitted on flatters itself.\n");
  expect(text.endsWith("\nWarning: First.\n\nWarning: Second.\n")).toBe(true);
});

it("shows what trees are made of, and the importance of features in place of coefficients", () => {
  const { intercept: _, alpha: __, ...rest } = report;
  const [kind, age] = [
    { name: "kind", importance: 0.75, mean: 1.5, std: 0.5, min: 1, max: 2 },
    { name: "age", importance: 0.25, mean: 48.5, std: 13, min: 19, max: 79 },
  ];
  const text = formatReport({ ...rest, kind: "boosting", trees: 200, features: [kind, age] });
  expect(text).toContain("Model    gradient boosting, 200 trees, 2 features, fitted on 100 rows\n");
  expect(
    text.endsWith(
      "\nFeature  importance  mean  std  min  max  unit\nkind           0.75   1.5  0.5    1    2\nage            0.25  48.5   13   19   79\n",
    ),
  ).toBe(true);
});
