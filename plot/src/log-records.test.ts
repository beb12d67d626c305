import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { completeLength, eachRecord, LONGEST_RECORD } from "./log-records.js";

const LONG = "x".repeat(LONGEST_RECORD);

const TEXTS = [
  { what: "nothing", complete: [], rest: "" },
  { what: "whole lines", complete: ["a,1,2,1\n", "b,1,2,1\n"], rest: "" },
  { what: "a line still being written", complete: ["a,1,2,1\n"], rest: "b,1," },
  { what: "a newline within quotes", complete: ['"a\nb",1,2,1\n', "c,1,2,1\n"], rest: "" },
  { what: "a quoted id still being written", complete: ["a,1,2,1\n"], rest: '"b\nc,1,2,1\n' },
  { what: "an id whose closing quote is the last byte", complete: ["a,1,2,1\n"], rest: '"b\n"' },
  { what: "quotes, commas and newlines within quotes", complete: ['"say ""a\n,""",1,2,1\n'], rest: "c" },
  { what: "an id that is nothing but quotes", complete: ['"""""",1,2,1\n'], rest: "" },
  { what: "an empty quoted id", complete: ['"",1,2,1\n'], rest: "" },
  { what: "a quote within a bare field", complete: ['5" pipe,1,2,1\n', "b,1,2,1\n"], rest: "" },
  { what: "a quote that is closed in the wrong place", complete: ['"a"b,1,2,1\n', "c,1,2,1\n"], rest: "" },
  { what: "a quote that is not closed, before a line too long", complete: ['"a,1,2,1\n', "b,1,2,1\n"], rest: LONG },
  { what: "a quote that is not closed within the longest record", complete: ['"a,1,2,1\n', `${LONG}\n`, "c,1,2,1\n"], rest: "" },
];

describe.each(TEXTS)("$what", ({ complete, rest }) => {
  test("has a length", () => {
    expect(completeLength(Buffer.from(complete.join("") + rest))).toBe(complete.join("").length);
  });

  test("has records", () => {
    expect([...eachRecord(Buffer.from(complete.join("")))].map(String)).toEqual(complete);
  });
});

test("wherever a log is cut, its complete length is where the last whole record ends", () => {
  const id = fc.string({ unit: fc.constantFrom("a", "é", ",", '"', "\n", "\r"), minLength: 1, maxLength: 8 });
  const record = fc.tuple(id, fc.boolean()).map(([text, always]) => {
    const quoted = always || /[",\n\r]/.test(text);
    return Buffer.from(`${quoted ? `"${text.replaceAll('"', '""')}"` : text},1,2,1\n`);
  });
  fc.assert(
    fc.property(fc.array(record, { maxLength: 10 }), fc.nat(), (records, cut) => {
      const bytes = Buffer.concat(records);
      const there = bytes.subarray(0, cut % (bytes.length + 1));
      const lengths = records.map((_, index) => Buffer.concat(records.slice(0, index + 1)).length);
      const whole = lengths.filter((length) => length <= there.length);
      expect(completeLength(there)).toBe(whole.at(-1) ?? 0);
      expect([...eachRecord(there.subarray(0, whole.at(-1) ?? 0))].map(String)).toEqual(records.slice(0, whole.length).map(String));
    }),
  );
});
