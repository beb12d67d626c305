import type { ModelInspection } from "@streamgauge/model";
import { expect, test } from "vitest";
import { formatInspection } from "./format-inspection.js";

const inspection: ModelInspection = {
  path: "price.onnx",
  bytes: 12_345,
  producer: "skl2onnx 1.17",
  irVersion: 8,
  opsets: { "ai.onnx": 17, "ai.onnx.ml": 3 },
  inputs: [
    { name: "city", type: "string", shape: ["", 1] },
    { name: "area", type: "float32", shape: ["N", 1] },
  ],
  outputs: [{ name: "variable", type: "float32", shape: ["N", 1] }],
  operators: [
    ["Cast", 2],
    ["Concat", 1],
  ],
  metadata: {},
  besides: ["price.json"],
};

test("a model that is served", () => {
  const served = {
    name: "price",
    version: "0123456789ab",
    target: "price",
    targetUnit: "€",
    heldOut: { rows: 1_200, mae: 2.5, sd: 1.25 },
    features: [
      { name: "city", kind: "text" },
      { name: "area", kind: "number" },
    ],
    notes: ["it takes one row a call: rows are scored one after another"],
    sample: { row: ["Rome", 1], yPred: 12.5 },
    latency: [
      { rows: 1, milliseconds: 0.0123 },
      { rows: 4096, milliseconds: 41.5 },
    ],
  } as const;
  expect(formatInspection({ ...inspection, served })).toBe(`File       price.onnx, 12,345 bytes
           with price.json
Producer   skl2onnx 1.17
Format     IR 8, operator sets ai.onnx 17, ai.onnx.ml 3
Operators  Cast ×2, Concat
Inputs     city (string [?, 1])
           area (float32 [N, 1])
Outputs    variable (float32 [N, 1])

Served     yes, as price@0123456789ab, predicting price in €
Features   2: city (text), area
Held out   MAE 2.5 € on 1,200 rows: what the alarm on the error measures by
Notes      it takes one row a call: rows are scored one after another
Sample     city = "Rome", area = 1
           y_pred = 12.5 €

Rows       ms a call   µs a row
1             0.0123       12.3
4,096           41.5       10.1
`);
});

test("a reference of the first rows is called so", () => {
  const served = { name: "price", version: "1", features: [], notes: [], sample: { row: [], yPred: 1 }, latency: [] };
  const reference = { rows: 1_000, features: {}, from: "first_rows" } as const;
  expect(formatInspection({ ...inspection, served: { ...served, reference } })).toMatch(
    /^Reference {2}the first 1,000 rows of this version, 0 features, sha256 [0-9a-f]{12}: what streamgauge drift compares with$/m,
  );
});

test("a model that is refused", () => {
  const text = formatInspection({ ...inspection, producer: "", refusal: "Model price.onnx: it has no outputs. Export it again." });
  expect(text).toMatch(/^Producer {3}not named$/m);
  expect(text).toMatch(/\nServed {5}no\. Model price\.onnx: it has no outputs\. Export it again\.\n$/);
});
