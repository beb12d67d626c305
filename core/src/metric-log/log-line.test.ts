import { createArrayCsvStringifier } from "csv-writer";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvField, isPlain } from "../csv/csv-record.js";
import { MAX_LINE_BYTES } from "./line-end.js";
import { firstLineOf, formatLine, LOG_HEADER, parseLine } from "./log-line.js";

const stringifier = createArrayCsvStringifier({ header: ["id", "y_true", "y_pred", "absolute_error"] });

/** Every double that a frame can hold. */
const doubles = fc.double({ noNaN: true, noDefaultInfinity: true });
const ids = fc
  .oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 128 }),
    fc.string({ unit: fc.constantFrom('"', ",", "\r", "\n", " ", "a", "1", "é", "😀", "="), minLength: 1, maxLength: 128 }),
  )
  .filter((id) => !/\p{Surrogate}/u.test(id));

describe("writing", () => {
  test.each([
    ["a", 1, 3, "a,1,3,2\n"],
    ["a", 151, 206.11667724510562, "a,151,206.11667724510562,55.11667724510562\n"],
    ["a", 0.1, 0.2, "a,0.1,0.2,0.1\n"],
    ["a", -1e-7, 1e21, "a,-1e-7,1e+21,1e+21\n"],
    ["a", 5e-324, 0, "a,5e-324,0,5e-324\n"],
    ["a", 1.7976931348623157e308, 0, "a,1.7976931348623157e+308,0,1.7976931348623157e+308\n"],
    ["a", -0, -0, "a,0,0,0\n"],
    ["größe ✓ 😀", 1, 1, "größe ✓ 😀,1,1,0\n"],
    ["a,b", 1, 1, '"a,b",1,1,0\n'],
    ['say "hi"', 1, 1, '"say ""hi""",1,1,0\n'],
    ["two\nlines", 1, 1, '"two\nlines",1,1,0\n'],
    ["return\r", 1, 1, '"return\r",1,1,0\n'],
    [" a ", 1, 1, " a ,1,1,0\n"],
    ["=1+1", 1, 1, "=1+1,1,1,0\n"],
  ])("%j, %d, %d", (id, yTrue, yPred, line) => {
    expect(formatLine(csvField(id), yTrue, yPred)).toBe(line);
  });

  test("the header is csv-writer's", () => {
    expect(LOG_HEADER).toBe("id,y_true,y_pred,absolute_error\n");
    expect(stringifier.getHeaderString()).toBe(LOG_HEADER);
  });

  test("every line is the one that csv-writer writes", () => {
    fc.assert(
      fc.property(ids, doubles, doubles, (id, yTrue, yPred) => {
        // csv-writer leaves a lone carriage return without quotes, which RFC 4180 does not allow.
        fc.pre(!id.includes("\r"));
        expect(formatLine(csvField(id), yTrue, yPred)).toBe(stringifier.stringifyRecords([[id, yTrue, yPred, Math.abs(yTrue - yPred)]]));
      }),
      { numRuns: 2_000 },
    );
  });

  test("ids are plain if none of them needs quotes", () => {
    fc.assert(
      fc.property(fc.array(ids), (some) => {
        expect(isPlain(some.join(""))).toBe(some.every((id) => csvField(id) === id));
      }),
    );
  });

  test.each(["😀".repeat(128), '"'.repeat(128)])("the longest lines are within the bound", (id) => {
    const line = formatLine(csvField(id), -1.1125369292536007e-308, 2.2250738585072014e-308);
    expect(Buffer.byteLength(line)).toBeLessThan(MAX_LINE_BYTES);
  });
});

describe("reading back", () => {
  test("gives the same id and the same doubles", () => {
    fc.assert(
      fc.property(ids, doubles, doubles, (id, yTrue, yPred) => {
        const read = parseLine(formatLine(csvField(id), yTrue, yPred).slice(0, -1));
        // -0 is written as 0.
        expect(read).toEqual({ id, yTrue: yTrue + 0, yPred: yPred + 0 });
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ["a,1,3,2", { id: "a", yTrue: 1, yPred: 3 }],
    ['"a",1,3,2', { id: "a", yTrue: 1, yPred: 3 }],
    ['"a,""b""\nc",1,3,2', { id: 'a,"b"\nc', yTrue: 1, yPred: 3 }],
  ])("%j is a line", (line, read) => {
    expect(parseLine(line)).toEqual(read);
  });

  test.each([
    ["nothing", ""],
    ["a header", "id,y_true,y_pred,absolute_error"],
    ["an error that does not follow", "a,1,3,1"],
    ["a column too few", "a,1,3"],
    ["a column too many", "a,1,3,2,2"],
    ["no id", ",1,3,2"],
    ["an empty id in quotes", '"",1,3,2'],
    ["an empty number", "a,,0,0"],
    ["the second number empty", "a,0,,0"],
    ["the error empty", "a,0,0,"],
    ["a word for a number", "a,1,x,2"],
    ["NaN", "a,NaN,1,NaN"],
    ["a quote that is not closed", '"a,1,3,2'],
    ["a quote without quotes", 'a"b,1,3,2'],
    ["text behind the closing quote", '"a"b,1,3,2'],
    ["NULs", "\0\0\0\0"],
    ["the end of a line cut off", "a,1,3,"],
    ["a blank for a number", "a, ,0,0"],
    ["a blank before a number", "a,1, 3,2"],
    ["a carriage return at the end", "a,1,3,2\r"],
    ["hexadecimal digits", "a,0x1,3,2"],
    ["a point without digits", "a,1.,3,2"],
    ["an infinite value", "a,Infinity,1,Infinity"],
    ["a value beyond the largest double", "a,1e999,1,Infinity"],
  ])("%s is none", (_, line) => {
    expect(parseLine(line)).toBeUndefined();
  });
});

test("the line that begins some bytes ends at its line break, not at one within its id", () => {
  expect(firstLineOf(Buffer.from('"a\nb",1,3,2\nc,1,3,2\n'))).toEqual({ id: "a\nb", yTrue: 1, yPred: 3 });
  expect(firstLineOf(Buffer.from("größe,1,3,2\nc,1"))).toEqual({ id: "größe", yTrue: 1, yPred: 3 });
  expect(firstLineOf(Buffer.from('"a\nb",1,3,2'))).toBeUndefined();
  expect(firstLineOf(Buffer.from("bad\na,1,3,2\n"))).toBeUndefined();
});
