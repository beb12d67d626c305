import { expect, test } from "vitest";
import { toFloat16 } from "./float16.js";
import { overflowFrom, overflowReason, precisionOf } from "./precision.js";

test("a number overflows where rounding makes it infinite, and not before", () => {
  const singles = [3.4028235677973362e38, 3.4028235677973366e38, -3.4028235677973366e38, 1e300];
  expect(singles.map((value) => Math.abs(Math.fround(value)) === Infinity)).toEqual([false, true, true, true]);
  expect(singles.map((value) => overflowFrom(Float64Array.of(value), "float32") === 0)).toEqual([false, true, true, true]);
  const halves = [65_504, 65_519.99, 65_519.999, 65_520, -65_520];
  expect(halves.map((value) => (toFloat16(value) & 0x7fff) === 0x7c00)).toEqual([false, false, true, true, true]);
  expect(halves.map((value) => overflowFrom(Float64Array.of(value), "float16") === 0)).toEqual([false, false, true, true, true]);
  expect(overflowFrom(Float64Array.of(1.7976931348623157e308), "float64")).toBe(-1);
});

test("positions are found one after another, and what is missing is passed over", () => {
  const values = Float64Array.of(1, 1e39, Number.NaN, -1e39);
  expect([overflowFrom(values, "float32"), overflowFrom(values, "float32", 2), overflowFrom(values, "float32", 4)]).toEqual([1, 3, -1]);
});

test("the reason names the range and the value", () => {
  expect(overflowReason(1e39, "float32")).toBe(
    "the model takes numbers from -3.4028234663852886e+38 to 3.4028234663852886e+38 here (float32), got 1e+39",
  );
  expect(overflowReason(70_000, "float16")).toBe("the model takes numbers from -65504 to 65504 here (float16), got 70000");
});

test("precisions of ONNX and of the Open Inference Protocol", () => {
  expect(["float16", "float32", "float64", "int64", "string"].map(precisionOf)).toEqual([
    "float16",
    "float32",
    "float64",
    "float64",
    "float64",
  ]);
  expect(["FP16", "FP32", "FP64", "INT64", "BYTES"].map(precisionOf)).toEqual(["float16", "float32", "float64", "float64", "float64"]);
});
