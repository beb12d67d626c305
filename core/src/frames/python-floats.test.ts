import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asDelivered } from "@streamgauge/testing";
import { writtenCell } from "../csv/csv-cells.js";
import { featuresContract } from "./features-contract.js";
import { columnOf, FrameRefusedError, type Cell, type Column, type FeaturesFrame } from "./frame.js";
import { Ids } from "./ids.js";
import { pythonFloat, spelledOut, writtenColumns } from "./python-floats.js";

// From repr() of Python 3.11.
test.each([
  [59, "59.0"],
  [0.5, "0.5"],
  [0, "0.0"],
  [-0, "-0.0"],
  [1e15, "1000000000000000.0"],
  [9999999999999998, "9999999999999998.0"],
  [1e16, "1e+16"],
  [123456789012345680, "1.2345678901234568e+17"],
  [1e21, "1e+21"],
  [1e100, "1e+100"],
  [0.0001, "0.0001"],
  [0.00001, "1e-05"],
  [-0.000025, "-2.5e-05"],
  [1.5e-7, "1.5e-07"],
  [1e-10, "1e-10"],
  [5e-324, "5e-324"],
  [1.7976931348623157e308, "1.7976931348623157e+308"],
])("%d is %s in Python", (value, text) => {
  expect(pythonFloat(value)).toBe(text);
});

/** The column that these texts of a file become, and whether Python wrote it. */
function columnOfTexts(texts: readonly string[]): [column: Column | undefined, isPython: boolean] {
  const { columns, pythonFloats } = writtenColumns([["a", texts.map(writtenCell)]]);
  return [columns.get("a"), pythonFloats?.has("a") === true];
}

describe("A column of a text file", () => {
  test.each<[what: string, texts: readonly string[], column: Column, isPython: boolean]>([
    ["of Python's floats is numbers", ["59.0", "93.2", "-0.0", "1e+16", "1e-05"], Float64Array.of(59, 93.2, -0, 1e16, 1e-5), true],
    ["of the same with missing cells is numbers and nulls", ["59.0", "", "93.2"], [59, null, 93.2], true],
    ["without whole numbers is numbers in any case", ["0.5", "93.2"], Float64Array.of(0.5, 93.2), false],
    ["of whole numbers is numbers", ["59", "93.2", "1000000"], Float64Array.of(59, 93.2, 1e6), false],
    ["that mixes spellings stays as it is written", ["59.0", "48"], ["59.0", 48], false],
    ["that mixes small numbers stays as it is written", ["1e-05", "0.00001"], ["1e-05", 0.00001], false],
    ["with another spelling stays as it is written", ["59.0", "93.20"], ["59.0", "93.20"], false],
    ["with a leading zero stays as it is written", ["059.0", "93.2"], ["059.0", 93.2], false],
    ["with a plus stays as it is written", ["+59.0", "93.2"], ["+59.0", 93.2], false],
    ["with an exponent of one digit stays as it is written", ["59.0", "1e-5"], ["59.0", "1e-5"], false],
    ["with a capital E stays as it is written", ["59.0", "1E+16"], ["59.0", "1E+16"], false],
    ["with nan stays as it is written", ["59.0", "nan"], ["59.0", "nan"], false],
    ["with inf stays as it is written", ["59.0", "inf"], ["59.0", "inf"], false],
    ["with Infinity stays as it is written", ["59.0", "Infinity"], ["59.0", "Infinity"], false],
    ["with blanks stays as it is written", ["59.0", " 48.0"], ["59.0", " 48.0"], false],
    ["with more digits than a double stays as it is written", ["59.0", "9007199254740993.0"], ["59.0", "9007199254740993.0"], false],
    ["of categories stays as it is written", ["red", "59.0"], ["red", "59.0"], false],
    ["that is empty is nulls", ["", ""], [null, null], false],
  ])("%s", (_what, texts, column, isPython) => {
    expect(columnOfTexts(texts)).toEqual([column, isPython]);
  });

  test("that is declared as text stays text", () => {
    expect(writtenColumns([["a", ["59.0", "48.0"]]], ["a"])).toEqual({ columns: new Map([["a", ["59.0", "48.0"]]]) });
  });

  test("is the same as before when it is spelled out, whatever its texts", () => {
    const texts = fc.oneof(
      fc.array(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }).map(pythonFloat), fc.constant("")), { maxLength: 8 }),
      fc.array(fc.oneof(fc.integer().map(pythonFloat), fc.double().map(String), fc.constantFrom("59", "59.0", "x", "", "nan")), {
        maxLength: 4,
      }),
    );
    let floats = 0;
    fc.assert(
      fc.property(texts, (each) => {
        const [column = [], isPython] = columnOfTexts(each);
        if (isPython) floats += 1;
        expect(isPython ? spelledOut(column) : column).toEqual(columnOf(each.map(writtenCell)));
      }),
      { numRuns: 2_000 },
    );
    expect(floats).toBeGreaterThan(200);
  });
});

describe("The header python-floats", () => {
  const ids = Ids.of(["x", "y"]);

  function sent(frame: FeaturesFrame, format: "json" | "arrow" = "json") {
    return featuresContract.write(frame, format, 5);
  }

  function read(headers: Readonly<Record<string, unknown>>) {
    const message = sent({ ids, columns: new Map([["a", Float64Array.of(59, 0.5)]]) });
    return featuresContract.read({ ...asDelivered(message), headers: { ...message.headers, ...headers } }).frame.pythonFloats;
  }

  test.each(["json", "arrow"] as const)("names the columns beside cells, in %s", (format) => {
    const cells: [string, Cell[]][] = [
      ["a", ["59.0", 0.5]],
      ["b", [48, 0.5]],
      ["ü", ["48.0", null]],
    ];
    const message = sent({ ids, ...writtenColumns(cells), asWritten: true }, format);
    expect([message.headers["cells"], message.headers["python-floats"]]).toEqual(["as-written", '["a","ü"]']);
    const { frame } = featuresContract.read(asDelivered(message));
    expect([frame.asWritten, frame.pythonFloats]).toEqual([true, new Set(["a", "ü"])]);
    expect([...frame.columns]).toEqual([
      ["a", Float64Array.of(59, 0.5)],
      ["b", Float64Array.of(48, 0.5)],
      ["ü", [48, null]],
    ]);
  });

  test("is left out if there is no such column", () => {
    expect(sent({ ids, columns: new Map([["a", [1, 2]]]), asWritten: true }).headers).toEqual({
      contract: 1,
      origin: 5,
      cells: "as-written",
    });
  });

  test.each([
    ["a JSON array", '["a"]'],
    ["an array of AMQP", ["a"]],
  ])("may be %s", (_what, header) => {
    expect(read({ cells: "as-written", "python-floats": header })).toEqual(new Set(["a"]));
  });

  test("means nothing without cells", () => {
    expect(read({ "python-floats": '["a"]' })).toBeUndefined();
  });

  test.each([
    ["a", 'the header python-floats is "a": send a JSON array with the names of columns, such as ["age"]'],
    ["[1]", 'the header python-floats is "[1]": send a JSON array with the names of columns, such as ["age"]'],
    [true, 'the header python-floats is true: send a JSON array with the names of columns, such as ["age"]'],
    ['["a","b"]', 'the header python-floats names "b", and the frame has no such column: leave it out there'],
  ])("is refused if it is %j", (header, reason) => {
    expect(() => read({ cells: "as-written", "python-floats": header })).toThrow(FrameRefusedError);
    expect(() => read({ cells: "as-written", "python-floats": header })).toThrow(reason);
  });

  test("has at most 16 KiB; columns beyond that are spelled out", () => {
    const names = Array.from({ length: 2_000 }, (_, i) => `column-${String(i).padStart(4, "0")}`);
    const message = sent({ ids, ...writtenColumns(names.map((name) => [name, ["59.0", 0.5]])), asWritten: true });
    const { frame } = featuresContract.read(asDelivered(message));
    // A name takes 14 bytes with its quotes and comma.
    expect(frame.pythonFloats).toEqual(new Set(names.slice(0, 1_170)));
    expect([frame.columns.get("column-1169"), frame.columns.get("column-1170")]).toEqual([Float64Array.of(59, 0.5), ["59.0", 0.5]]);
  });
});
