import Type from "typebox";
import { describe, expect, test } from "vitest";
import { LaterVersionError, SavedDouble, SavedFormat, SavedValueError } from "./saved-value.js";

interface Counter {
  readonly version: 3;
  readonly rows: number;
  readonly sum: number;
}

const format = new SavedFormat<Counter>({
  what: "The counter",
  version: 3,
  schema: Type.Object({ version: Type.Literal(3), rows: Type.Integer({ minimum: 0 }), sum: SavedDouble }),
  upgrades: {
    // Version 1 was a bare number of rows.
    1: (older) => ({ version: 2, rows: older }),
    2: (older) => ({ ...Object(older), version: 3, sum: 0 }),
  },
});

test.each([0, -1.5, Infinity, -Infinity, NaN, 5e-324])("a sum of %d is read as it was written", (sum) => {
  expect(format.read(format.write({ version: 3, rows: 2, sum }))).toEqual({ version: 3, rows: 2, sum });
});

test("what an earlier version saved is brought up to date, step by step", () => {
  expect(format.read("7")).toEqual({ version: 3, rows: 7, sum: 0 });
  expect(format.read('{"version":2,"rows":7}')).toEqual({ version: 3, rows: 7, sum: 0 });
});

test("what a later version saved is refused by name", () => {
  expect(() => format.read('{"version":4,"rows":7}')).toThrow(LaterVersionError);
  expect(() => format.read('{"version":4,"rows":7}')).toThrow(
    "The counter was written by a later version of Streamgauge (format 4; this program knows up to 3).",
  );
});

describe("what fits no version is refused", () => {
  test.each([
    ["an empty text", "", "it is not JSON"],
    ["a torn text", '{"version":3,"ro', "it is not JSON"],
    ["a field that is missing", '{"version":3,"rows":1}', "must have required properties sum"],
    ["a field of another type", '{"version":3,"rows":"1","sum":0}', "/rows must be integer"],
    ["null in place of a number", '{"version":3,"rows":1,"sum":null}', "/sum"],
    ["a version that is not a number", '{"version":"new","rows":1,"sum":0}', "/rows must be integer"],
  ])("%s", (_, text, problem) => {
    expect(() => format.read(text)).toThrow(SavedValueError);
    expect(() => format.read(text)).toThrow(problem);
  });
});
