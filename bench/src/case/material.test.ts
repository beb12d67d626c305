import { readFileSync } from "node:fs";
import { defaultModelPath, openModel } from "@streamgauge/model";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { expect, onTestFinished, test } from "vitest";
import { materialIn } from "./material.js";

test("the bare model answers as the default one", async () => {
  const { modelPath } = await materialIn(temporaryFolder(), "bare diabetes");
  const models = [await openModel(modelPath), await openModel(defaultModelPath)];
  onTestFinished(async () => {
    for (const model of models) await model.close();
  });
  // The first row of the study.
  const row = [59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87].map((value) => Float64Array.of(value));
  const [bare = [], full = []] = await Promise.all(models.map((model) => model.predict(1, row)));
  expect(bare[0]).toBe(full[0]);
  expect(bare[0]).toBeCloseTo(206.117, 2);
});

test("the model of the wide dataset knows the relation behind its rows", async () => {
  const { modelPath, datasetPath } = await materialIn(temporaryFolder(), "wide");
  const model = await openModel(modelPath);
  onTestFinished(() => model.close());
  const [header = "", ...lines] = readFileSync(datasetPath, "utf8").trimEnd().split("\n");
  expect(header.split(",")).toEqual([...model.features, "target"]);
  const rows = lines.slice(0, 50).map((line) => line.split(",").map(Number));
  const columns = model.features.map((_, i) => Float64Array.from(rows, (row) => row[i] ?? Number.NaN));
  const answers = await model.predict(rows.length, columns);
  // The noise is between 0 and 1; float32 adds some thousandths.
  for (const [i, row] of rows.entries()) {
    const noise = (row.at(-1) ?? Number.NaN) - (answers[i] ?? Number.NaN);
    expect(noise).toBeGreaterThan(-0.01);
    expect(noise).toBeLessThan(1.01);
  }
});
