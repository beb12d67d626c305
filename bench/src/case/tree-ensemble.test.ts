import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openModel } from "@streamgauge/model";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { expect, onTestFinished, test } from "vitest";
import { treeEnsemble } from "./tree-ensemble.js";

test("ONNX Runtime takes it, and answers between the least and the largest leaf", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "forest.onnx");
  const features = [
    { name: "age", min: 19, max: 79 },
    { name: "bmi", min: 18, max: 42 },
  ];
  await writeFile(path, treeEnsemble(features, { trees: 100, depth: 6 }, { min: 50, max: 250 }));

  const model = await openModel(path);
  onTestFinished(() => model.close());
  const answers = await model.predict(3, [Float64Array.of(20, 50, 78), Float64Array.of(20, 30, 40)]);

  expect(model.features).toEqual(["age", "bmi"]);
  expect(model.name).toBe("forest of 100 trees");
  for (const answer of answers) expect(answer).toBeGreaterThan(50);
  for (const answer of answers) expect(answer).toBeLessThan(250);
  expect(new Set(answers).size).toBe(3);
});
