import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { builtFile, DIABETES_PRED } from "@streamgauge/testing";
import { writeOnnx, type OnnxFile } from "../onnx/onnx-writer.js";
import { defaultModelPath } from "./default-model-path.js";
import { sumModel } from "./fixtures/sum-model.js";
import { openModel } from "./open-model.js";
import type { OnnxModel } from "./onnx-model.js";

let folder: string;
const opened: OnnxModel[] = [];
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((model) => model.close()));
});

async function writeFileIn(content: string | Uint8Array): Promise<string> {
  const path = join(folder, "model.onnx");
  await writeFile(path, content);
  return path;
}

async function open(file: OnnxFile): Promise<OnnxModel> {
  const model = await openModel(await writeFileIn(writeOnnx(file)));
  opened.push(model);
  return model;
}

describe("openModel", () => {
  it("opens a file and says what it is", async () => {
    const model = await open({ ...sumModel, metadata: { ...sumModel.metadata, "streamgauge.target": "total" } });
    expect(model.name).toBe("model");
    expect(model.version).toMatch(/^[0-9a-f]{12}$/);
    expect(model.features).toEqual(["a", "b"]);
    expect(model.target).toBe("total");
    expect(model.targetUnit).toBeUndefined();
  });

  it("takes feature names from the options if the file has none", async () => {
    const path = await writeFileIn(writeOnnx({ ...sumModel, metadata: {} }));
    const model = await openModel(path, { features: ["p", "q"], threads: 2 });
    opened.push(model);
    expect(model.features).toEqual(["p", "q"]);
  });

  it("says that the file is missing", async () => {
    await expect(openModel(join(folder, "model.onnx"))).rejects.toMatchObject({
      reason: "missing",
      message: `Model ${folder}/model.onnx: there is no such file. Check the path (of services: MODEL_PATH), or make a model with \`npm run train\`.`,
    });
  });

  it("says that the path is a directory", async () => {
    await mkdir(join(folder, "model.onnx"));
    await expect(openModel(join(folder, "model.onnx"))).rejects.toMatchObject({ reason: "unreadable" });
  });

  it("says that Git LFS has not brought the file yet", async () => {
    const path = await writeFileIn("version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 1657\n");
    await expect(openModel(path)).rejects.toMatchObject({
      reason: "git-lfs-pointer",
      message: `Model ${path}: this is a Git LFS pointer, not the model itself. Run \`git lfs install && git lfs pull\` where it was checked out.`,
    });
  });

  it.each([
    ["an empty file", new Uint8Array()],
    ["a pickle", Buffer.from("80049503000000000000004b012e", "hex")],
    ["a model that was cut short", writeOnnx(sumModel).subarray(0, 60)],
  ])("says that %s is not ONNX", async (_, bytes) => {
    const path = await writeFileIn(bytes);
    await expect(openModel(path)).rejects.toMatchObject({
      reason: "not-onnx",
      message: `Model ${path}: this is not an ONNX file. Convert the model to ONNX first; docs/your-own-model.md shows how, from a pickle too.`,
    });
  });

  it("says which opset is too new", async () => {
    await expect(open({ ...sumModel, opset: 99 })).rejects.toMatchObject({
      reason: "unsupported-version",
      problem: expect.stringMatching(/^the model uses opset 99 of ai.onnx, and this ONNX Runtime knows ai.onnx to opset \d+$/),
      remedy: "Export it with an older opset, such as target_opset=17",
    });
  });

  it("says which version of the format is too new", async () => {
    await expect(open({ ...sumModel, irVersion: 99 })).rejects.toMatchObject({
      reason: "unsupported-version",
      problem: expect.stringMatching(/^the file has the ONNX format \(IR\) version 99, and this ONNX Runtime reads to version \d+$/),
    });
  });

  it("passes on why ONNX Runtime refuses a graph, in one line", async () => {
    const nodes = [{ operator: "Unheard", inputs: ["X"], outputs: ["y"] }];
    const opening = open({ ...sumModel, nodes });
    await expect(opening).rejects.toMatchObject({ reason: "refused", cause: expect.any(Error) });
    await expect(opening).rejects.toThrow(/^Model [^\n]+No Op registered for Unheard[^\n]+$/);
  });

  it("says that the width and the feature names do not agree", async () => {
    const metadata = { "streamgauge.features": '["a","b","c"]' };
    await expect(open({ ...sumModel, metadata })).rejects.toMatchObject({
      reason: "feature-names",
      problem: "the input has 2 columns, and 3 features are named: a, b, c",
    });
  });

  it("finds at warm-up that the width and the feature names do not agree, if the file leaves the width open", async () => {
    const inputs = [{ name: "X", type: "float32", shape: ["N", "width"] }] as const;
    const metadata = { "streamgauge.features": '["a","b","c"]' };
    await expect(open({ ...sumModel, inputs, metadata })).rejects.toMatchObject({ reason: "run-failed" });
  });

  it("says that the output is not floating", async () => {
    const outputs = [{ name: "y", type: "int64", shape: ["N", 1] }] as const;
    await expect(open({ ...sumModel, outputs })).rejects.toMatchObject({
      reason: "unsupported-output",
      problem: "no output of the model is of floating point: it has y (int64 [N, 1])",
    });
  });

  it("says which outputs there are, if several could be meant", async () => {
    const nodes = [...sumModel.nodes, { operator: "Neg", inputs: ["y"], outputs: ["minus"] }];
    const outputs = [...sumModel.outputs, { name: "minus", type: "float32", shape: ["N", 1] }] as const;
    await expect(open({ ...sumModel, nodes, outputs })).rejects.toMatchObject({
      reason: "unsupported-output",
      problem: "several outputs of the model could be the prediction: it has y (float32 [N, 1]), minus (float32 [N, 1])",
      remedy: "Choose one, with OUTPUT=y or OUTPUT=minus",
    });
  });

  it("finds at warm-up that a model answers NaN whatever is tried, and says to which row first", async () => {
    // The root of what is below 0 for every row.
    const nodes = [
      { operator: "Exp", inputs: ["X"], outputs: ["positive"] },
      { operator: "Neg", inputs: ["positive"], outputs: ["negative"] },
      { operator: "Sqrt", inputs: ["negative"], outputs: ["roots"] },
      { operator: "MatMul", inputs: ["roots", "ones"], outputs: ["y"] },
    ];
    await expect(open({ ...sumModel, nodes })).rejects.toMatchObject({
      reason: "not-finite",
      problem: "the model answered NaN to the row a = 1, b = 1",
    });
  });

  it("tries other rows if a model has no answer to the first, and the means if it has them", async () => {
    const constants = [{ name: "ones", shape: [2, 1], values: [-1, -1] }];
    const nodes = [
      { operator: "MatMul", inputs: ["X", "ones"], outputs: ["sum"] },
      { operator: "Sqrt", inputs: ["sum"], outputs: ["y"] },
    ];
    expect(await open({ ...sumModel, constants, nodes })).toMatchObject({ sample: [0, 0] });
    const metadata = { ...sumModel.metadata, "streamgauge.feature_statistics": '{"a":{"mean":-2},"b":{"mean":-2}}' };
    expect(await open({ ...sumModel, constants, nodes, metadata })).toMatchObject({ sample: [-2, -2] });
  });
});

describe("predict", () => {
  it("agrees with scikit-learn within 1e-3 on all rows, with the default model", async () => {
    const model = await openModel(defaultModelPath);
    opened.push(model);
    expect(model.name).toBe("diabetes");
    expect(model.targetUnit).toBe("disease progression score");
    const [header = "", ...lines] = readFileSync(builtFile("features/assets/diabetes.csv"), "utf8").trimEnd().split("\n");
    const names = header.trimEnd().split(",");
    const rows = lines.map((line) => line.split(",").map(Number));
    const columns = model.features.map((name) => Float64Array.from(rows, (row) => row[names.indexOf(name)] ?? Number.NaN));
    const predictions = await model.predict(442, columns);
    const differences = DIABETES_PRED.map((expected, row) => Math.abs(expected - (predictions[row] ?? NaN)));
    expect(differences.length).toBe(442);
    expect(Math.max(...differences)).toBeLessThan(1e-3);
  });

  it("reads only as many rows as it is asked for, and answers none with none", async () => {
    const model = await open(sumModel);
    const columns = [Float64Array.of(1, 2, 3), Float64Array.of(10, 20, 30)];
    expect(await model.predict(2, columns)).toEqual(Float64Array.of(11, 22));
    expect(await model.predict(0, columns)).toEqual(new Float64Array());
  });

  it("gives calls that overlap their own answers", async () => {
    const model = await open(sumModel);
    const answers = await Promise.all(
      [3, 1, 500, 2].map((rows) => model.predict(rows, [new Float64Array(rows).fill(rows), new Float64Array(rows)])),
    );
    expect(answers).toEqual([3, 1, 500, 2].map((rows) => new Float64Array(rows).fill(rows)));
  });

  it("keeps the good rows when one is beyond float32", async () => {
    const model = await open(sumModel);
    expect(await model.predict(2, [Float64Array.of(1, 1e39), Float64Array.of(2, 2)])).toEqual(Float64Array.of(3, Infinity));
  });

  it("refuses columns that do not fit", async () => {
    const model = await open(sumModel);
    await expect(model.predict(1, [Float64Array.of(1)])).rejects.toMatchObject({ reason: "wrong-columns" });
    await expect(model.predict(2, [Float64Array.of(1, 2), Float64Array.of(1)])).rejects.toThrow(
      "2 columns of 2, 1 numbers were given for 2 rows. Give 2 columns with a number for each row, in this order: a, b.",
    );
  });
});

describe("close", () => {
  it("lets the calls in progress finish, refuses new ones, and can be called twice", async () => {
    const model = await open(sumModel);
    const inFlight = model.predict(1, [Float64Array.of(1), Float64Array.of(2)]);
    await Promise.all([model.close(), model.close()]);
    expect(await inFlight).toEqual(Float64Array.of(3));
    await expect(model.predict(1, [Float64Array.of(1), Float64Array.of(2)])).rejects.toMatchObject({ reason: "closed" });
  });
});
