import { expect, test } from "vitest";
import { heldOutIn } from "./held-out.js";

const training = '{"created_by":"streamgauge train","held_out":{"rows":17,"mae":3,"rmse":5,"r2":0.4}}';

test("is taken from the training, with the standard deviation of |e| from MAE and RMSE", () => {
  // 17 / 16 · (5² − 3²) = 17
  expect(heldOutIn("m.onnx", new Map([["streamgauge.training", training]]))).toEqual({ rows: 17, mae: 3, sd: Math.sqrt(17) });
});

test("an entry of its own comes first, and needs no RMSE", () => {
  const metadata = new Map([
    ["streamgauge.training", training],
    ["streamgauge.held_out", '{"rows": 400, "mae": 2}'],
  ]);
  expect(heldOutIn("m.onnx", metadata)).toEqual({ rows: 400, mae: 2, sd: 0 });
});

test.each<readonly (readonly [string, string])[]>([
  [],
  [["streamgauge.training", "no JSON"]],
  [["streamgauge.training", '{"held_out":{"rows":0}}']],
  [["streamgauge.held_out", '{"rows":5,"mae":0}']],
])("a model that does not say has none: %j", (...metadata) => {
  expect(heldOutIn("m.onnx", new Map(metadata))).toBeUndefined();
});

test.each(["43.8", '{"mae":43.8}', '{"rows":10,"mae":"43"}', "{"])("another form is refused: %s", (text) => {
  expect(() => heldOutIn("price.onnx", new Map([["streamgauge.held_out", text]]))).toThrow(
    `Model price.onnx: its held-out error is ${text}. Write it as {"rows": 88, "mae": 43.8, "rmse": 54.1}`,
  );
});
