import type { Datatype } from "@streamgauge/core";
import { describe, expect, test } from "vitest";
import { featuresOf } from "./row-features.js";
import { InferenceRequestError, rowsOfTensors as columnsOfTensors, type Tensor } from "./tensors.js";

function rowsOfTensors(...of: Parameters<typeof columnsOfTensors>) {
  const { rows, columns } = columnsOfTensors(...of);
  return Array.from({ length: rows }, (_, row) => featuresOf(columns, row));
}

const UNKNOWN = { features: [], kinds: [] };
const column = (name: string, datatype: Datatype, ...data: readonly unknown[]): Tensor => ({ name, datatype, shape: [data.length], data });
const matrix = (shape: readonly number[], data: readonly unknown[]): Tensor => ({ name: "X", datatype: "FP32", shape, data });

describe("rows of tensors", () => {
  test("are of a column for each feature, each value as its datatype has it", () => {
    const rows = rowsOfTensors(
      [column("postcode", "BYTES", "01234", "9"), column("smokes", "BOOL", true, 0), column("age", "INT8", -128, 127)],
      [],
      UNKNOWN,
    );
    expect(rows).toEqual([
      { postcode: "01234", smokes: 1, age: -128 },
      { postcode: "9", smokes: 0, age: 127 },
    ]);
  });

  test.each([
    [[1, 2, 3, 4]],
    [
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ])("are of a matrix %j and the names of its columns", (data) => {
    expect(rowsOfTensors([matrix([2, 2], data)], ["a", "b"], UNKNOWN)).toEqual([
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ]);
  });

  test("may have a feature called __proto__", () => {
    expect(Object.entries(rowsOfTensors([column("__proto__", "FP64", 1)], [], UNKNOWN)[0] ?? {})).toEqual([["__proto__", 1]]);
  });

  const ROW = [59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87];
  const NAMES = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"];

  test.each<[string, Tensor[], string]>([
    [
      "two tensors of a name",
      [column("age", "FP64", 59), column("age", "FP64", 1)],
      'The feature "age" is in two tensors named "age": send each feature once.',
    ],
    [
      "a matrix and a column of it",
      [matrix([1, 10], ROW), column("age", "FP32", 1)],
      'The feature "age" is in the tensors "X" and "age": send each feature once.',
    ],
    [
      "a column and a matrix with it",
      [column("age", "FP32", 1), matrix([1, 10], ROW)],
      'The feature "age" is in the tensors "age" and "X": send each feature once.',
    ],
    [
      "rows of 11 and 9 values",
      [matrix([2, 10], [[...ROW, 1], ROW.slice(1)])],
      'Tensor "X": data[0] has 11 values, and the shape takes 10 there.',
    ],
    ["too few values", [matrix([2, 10], ROW)], 'Tensor "X": data has 10 values, and the shape [2, 10] takes 20.'],
    ["a matrix that is nested in part", [matrix([2, 10], [ROW, ...ROW])], 'Tensor "X": data has 11 values, and the shape takes 2 there.'],
    ["other rows than the first", [column("a", "FP64", 1), column("b", "FP64", 1, 2)], 'Tensor "b" has 2 rows, and tensor "a" has 1.'],
    [
      "too many rows",
      [{ ...column("a", "FP64", 1), shape: [4_294_967_296] }],
      "4294967296 rows: at most 1024 are taken at once. Use a job for more.",
    ],
    [
      "too many columns",
      [matrix([1, 4_294_967_296], [1])],
      `Tensor "X" has 4294967296 columns; the features are 10: ${NAMES.join(", ")}, or send one tensor per feature.`,
    ],
  ])("are not made of %s", (_, tensors, complaint) => {
    expect(() => rowsOfTensors(tensors, NAMES, UNKNOWN)).toThrow(new InferenceRequestError(complaint));
  });

  test("of a matrix need names", () => {
    expect(() => rowsOfTensors([matrix([1, 2], [1, 2])], [], UNKNOWN)).toThrow(
      'Tensor "X" has 2 columns; say their names in parameters, {"features": "age,sex,…"}, or send one tensor per feature.',
    );
  });

  test("have 4096 features at most", () => {
    const names = Array.from({ length: 4_097 }, (_, i) => `f${i}`);
    expect(() =>
      rowsOfTensors(
        [
          matrix(
            [1, 4_097],
            names.map(() => 1),
          ),
        ],
        names,
        UNKNOWN,
      ),
    ).toThrow("A row has at most 4096 features.");
  });
});

describe("a value that its datatype does not hold", () => {
  const INT64 = "whole numbers from -9007199254740991 to 9007199254740991 (others are not kept exactly)";
  const UINT64 = "whole numbers from 0 to 9007199254740991 (others are not kept exactly)";

  test.each<[Datatype, unknown, string, string]>([
    ["UINT8", 300, "300", "whole numbers from 0 to 255"],
    ["INT64", 32.1, "32.1", INT64],
    // JSON.parse reads 9007199254740993 as this number.
    ["INT64", 9_007_199_254_740_992, "9007199254740992", INT64],
    ["UINT64", 9_007_199_254_740_992, "9007199254740992", UINT64],
    ["UINT32", -1, "-1", "whole numbers from 0 to 4294967295"],
    ["INT8", 128, "128", "whole numbers from -128 to 127"],
    ["INT16", 32_768, "32768", "whole numbers from -32768 to 32767"],
    ["INT32", "7", '"7"', "whole numbers from -2147483648 to 2147483647"],
    ["UINT16", true, "true", "whole numbers from 0 to 65535"],
    ["BOOL", 2, "2", "true or false"],
    ["BOOL", "true", '"true"', "true or false"],
    ["FP32", 1e39, "1e+39", "finite numbers of at most 3.4028234663852886e+38"],
    ["FP16", -65_520, "-65520", "finite numbers of at most 65504"],
    // JSON.parse reads 1e400 as Infinity.
    ["FP64", Infinity, "Infinity", "finite numbers of at most 1.7976931348623157e+308"],
    ["FP64", "59", '"59"', "finite numbers of at most 1.7976931348623157e+308"],
    ["FP64", null, "null", "finite numbers of at most 1.7976931348623157e+308"],
    ["FP64", {}, "an object", "finite numbers of at most 1.7976931348623157e+308"],
    ["BYTES", 1_234, "1234", "texts of at most 1024 characters"],
    ["BYTES", "x".repeat(1_025), `"${"x".repeat(56)}...`, "texts of at most 1024 characters"],
  ])("%s, %s", (datatype, value, given, held) => {
    const good = datatype === "BYTES" ? "a" : datatype === "BOOL" ? true : 1;
    expect(() => rowsOfTensors([column("age", datatype, good, value)], [], UNKNOWN)).toThrow(
      new InferenceRequestError(`Tensor "age": data[1] is ${given}, and ${datatype} holds ${held}.`),
    );
  });

  test("is named by its place as it is nested", () => {
    expect(() =>
      rowsOfTensors(
        [
          matrix(
            [2, 2],
            [
              [1, 2],
              [3, "x"],
            ],
          ),
        ],
        ["a", "b"],
        UNKNOWN,
      ),
    ).toThrow('Tensor "X": data[1][1] is "x"');
  });

  test.each<[Datatype, number]>([
    ["FP32", 3.4028235677e38],
    ["FP16", 65_519],
    ["FP64", 1.7976931348623157e308],
    ["INT64", -9_007_199_254_740_991],
    ["UINT64", 9_007_199_254_740_991],
    ["UINT8", 255],
  ])("is none of %s %d", (datatype, value) => {
    expect(rowsOfTensors([column("a", datatype, value)], [], UNKNOWN)).toEqual([{ a: value }]);
  });
});

describe("text", () => {
  const model = { features: ["postcode", "age"], kinds: ["text", "number"] } as const;

  test.each<[string, Tensor[], string]>([
    [
      "as a number",
      [column("postcode", "INT64", 1_234)],
      'Tensor "postcode" is INT64, and the model takes text as "postcode": send a tensor of that name as BYTES.',
    ],
    [
      "in a matrix of numbers",
      [matrix([1, 2], [1_234, 59])],
      'Tensor "X" is FP32, and the model takes text as "postcode": send a tensor of that name as BYTES.',
    ],
    [
      "for a number",
      [column("age", "BYTES", "59")],
      'Tensor "age" is BYTES, which is text, and the model takes numbers as "age": send them as FP64.',
    ],
  ])("%s is refused", (_, tensors, complaint) => {
    expect(() => rowsOfTensors(tensors, model.features, model)).toThrow(new InferenceRequestError(complaint));
  });
});
