import { builtFile } from "@streamgauge/testing";
import { describe, expect, it } from "vitest";
import { readOnnxHeader } from "@streamgauge/model/onnx";
import { diabetesReference } from "./fixtures/diabetes-reference.js";
import { parseDataset } from "./read-dataset.js";
import { train, trainOn } from "./train.js";
import { completeTrainOptions, type TrainOptions } from "./train-options.js";

const diabetes = builtFile("features/assets/diabetes.csv");

function trainText(text: string, options: Omit<TrainOptions, "dataset"> = {}) {
  return trainOn(parseDataset("rows.csv", Buffer.from(text)), completeTrainOptions({ dataset: "rows.csv", ...options }));
}

describe("train", () => {
  // Expected errors: scikit-learn 1.9.1, the same 88 rows held out.
  it("fits on all rows and judges on rows that a second fit has not seen", async () => {
    const { report, heldOutCsv } = await train({ dataset: diabetes });
    expect(report).toMatchObject({
      rows: 442,
      fittedRows: 442,
      datasetSha256: "f5060bc32176d2f47695065d12478e468fac452a515ffc00fce404de6e94a4d2",
      warnings: [],
    });
    expect(report.inSample.mae).toBeCloseTo(diabetesReference.mae, 9);
    expect(report.inSample.rmse).toBeCloseTo(diabetesReference.rmse, 9);
    expect(report.inSample.r2).toBeCloseTo(diabetesReference.r2, 9);
    expect(report.heldOut?.rows).toBe(88);
    expect(report.heldOut?.mae).toBeCloseTo(43.84417092059914, 9);
    expect(report.heldOut?.rmse).toBeCloseTo(54.10057168361273, 9);
    expect(report.heldOut?.r2).toBeCloseTo(0.439063455117362, 9);
    expect(report.float32Difference).toBeLessThan(1e-4);
    expect(heldOutCsv).toBeUndefined();
  });

  it("fits on the rest and gives back the rows the model has not seen, as they stood in the file", async () => {
    const { report, heldOutCsv } = await train({ dataset: diabetes, fitOn: "rest", alpha: 10 });
    expect(report.fittedRows).toBe(354);
    expect(report.heldOut?.mae).toBeCloseTo(43.40911150397433, 9);
    expect(report.heldOut?.rmse).toBeCloseTo(53.80363050468007, 9);
    const lines = heldOutCsv?.split("\n");
    expect(lines?.length).toBe(90);
    expect(lines?.slice(0, 2)).toEqual(["age,sex,bmi,bp,s1,s2,s3,s4,s5,s6,target", "42,1,31.9,83.0,158,87.6,53.0,3.0,4.4659,101,85"]);
  });

  it("writes into the file what it was made from and how wrong it is", async () => {
    const { onnx } = await train({ dataset: diabetes, targetUnit: "score", units: { age: "years" }, name: "study" });
    const { metadata } = readOnnxHeader(onnx);
    expect([...metadata.keys()]).toEqual([
      "streamgauge.features",
      "streamgauge.name",
      "streamgauge.target",
      "streamgauge.target_unit",
      "streamgauge.units",
      "streamgauge.feature_statistics",
      "streamgauge.reference",
      "streamgauge.training",
    ]);
    expect(metadata.get("streamgauge.name")).toBe("study");
    expect(metadata.get("streamgauge.target_unit")).toBe("score");
    expect(metadata.get("streamgauge.units")).toBe('{"age":"years"}');
    expect(metadata.get("streamgauge.feature_statistics")).toContain(
      '{"age":{"mean":48.5180995,"std":13.0941902,"min":19,"max":79},"sex":',
    );
    const reference: unknown = JSON.parse(metadata.get("streamgauge.reference") ?? "");
    // Half of the study has sex 1 and half 2: a bin each.
    expect(reference).toMatchObject({
      rows: 442,
      features: { sex: { bins: { kind: "number", edges: [1 - 1e-6, 1.5, 2 + 1e-6], centers: [1, 2] }, counts: [0, 0, 235, 207, 0] } },
      y_pred: { counts: expect.arrayContaining([22]) },
    });
    expect(metadata.get("streamgauge.training")).toBe(
      '{"created_by":"streamgauge train","dataset_sha256":"f5060bc32176d2f47695065d12478e468fac452a515ffc00fce404de6e94a4d2",' +
        '"rows":442,"fitted_rows":442,"alpha":0,"hold_out":0.2,"seed":1,"fit_on":"all",' +
        '"in_sample":{"rows":442,"mae":43.277452,"rmse":53.4761288,"r2":0.517748422},' +
        '"held_out":{"rows":88,"mae":43.8441709,"rmse":54.1005717,"r2":0.439063455}}',
    );
  });

  it("gives the same bytes for the same rows and options, and others for another seed", async () => {
    const first = await train({ dataset: diabetes, fitOn: "rest" });
    const again = await train({ dataset: diabetes, fitOn: "rest" });
    const other = await train({ dataset: diabetes, fitOn: "rest", seed: 2 });
    expect(again.onnx).toEqual(first.onnx);
    expect(other.onnx).not.toEqual(first.onnx);
  });
});

describe("trainOn", () => {
  it("leaves out the id, even when it is text", () => {
    const { report } = trainText("id,x,target\na,1,2\nb,2,4\nc,3,6\n", { idColumn: "id", holdOut: 0 });
    expect(report.features.map((feature) => feature.name)).toEqual(["x"]);
    expect(report.features[0]?.coefficient).toBeCloseTo(2, 12);
    expect(report.heldOut).toBeUndefined();
  });

  it("gives no unit to a feature that has none, whatever its name", () => {
    const { report } = trainText("constructor,target\n1,2\n2,4\n3,6\n", { holdOut: 0 });
    expect(report.features[0]).not.toHaveProperty("unit");
  });

  it("refuses a dataset with too few rows to hold some out", () => {
    expect(() => trainText("x,target\n1,2\n2,4\n")).toThrow(
      "rows.csv: 2 rows with a share of 0.2 held out leave 2 rows to fit on and 0 to judge on. Give more rows, or set holdOut to 0.",
    );
  });

  it("warns of a feature that float32 cannot hold", () => {
    const rows = [0, 1, 2, 3, 4, 5].map((second) => `${1_700_000_000 + second},${second}\n`);
    const { report } = trainText(`time,target\n${rows.join("")}`);
    expect(report.warnings).toEqual([expect.stringContaining("Rounding to float32 moves predictions by up to ")]);
  });

  it.each(["forest", "boosting"] as const)("fits a %s, whose file says so", async (kind) => {
    const { onnx, report } = await train({ dataset: diabetes, kind, trees: 100 });
    expect(report).toMatchObject({ kind, trees: 100, rows: 442, warnings: [] });
    expect(report.features[2]?.importance).toBeGreaterThan(0.1);
    expect(report.float32Difference).toBeLessThan(1e-4);
    // The linear regression's is 54.1; the deviation of the target is 77.
    expect(report.heldOut?.rmse).toBeLessThan(60);
    const { metadata, nodes } = readOnnxHeader(onnx);
    expect(nodes.map(({ operator }) => operator)).toEqual(["TreeEnsembleRegressor"]);
    expect(JSON.parse(metadata.get("streamgauge.training") ?? "")).toMatchObject({ kind, trees: 100, seed: 1 });
  });

  it("refuses a feature whose spread is 0 in float32", () => {
    expect(() => trainText("x,target\n1e-60,1\n2e-60,2\n3e-60,3\n", { holdOut: 0 })).toThrow(
      "rows.csv: the model cannot be computed in float32, the type of its ONNX inputs: a column varies by less than 1e-38. " +
        "Give the column another unit.",
    );
  });
});
