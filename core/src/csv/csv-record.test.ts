import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { csvField, csvRecord, isPlain } from "./csv-record.js";

test.each([
  ["", ""],
  ["a", "a"],
  [" a ", " a "],
  ["a;b", "a;b"],
  ["a,b", '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['"', '""""'],
  ["two\nlines", '"two\nlines"'],
  ["return\r", '"return\r"'],
  ["größe ✓ 😀", "größe ✓ 😀"],
])("the field %j is %j", (text, field) => {
  expect(csvField(text)).toBe(field);
  expect(isPlain(text)).toBe(text === field);
});

test("a record has its fields in order and ends with a line break", () => {
  expect(csvRecord(["a", 1, "b,c", -0.5, ""])).toBe('a,1,"b,c",-0.5,\n');
});

test("csv-parse reads the same fields back", () => {
  const text = fc.string({ unit: fc.constantFrom('"', ",", "\r", "\n", " ", "a", "é"), minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 10 }), (records) => {
      expect(parse(records.map(csvRecord).join(""), { record_delimiter: "\n" })).toEqual(records);
    }),
  );
});
