import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ParsedLog, parseLog } from "./parse-log.js";

function parseText(text: string): { absoluteErrors: number[]; malformed: number } {
  const { absoluteErrors, malformed }: ParsedLog = parseLog(Buffer.from(text));
  return { absoluteErrors: [...absoluteErrors], malformed };
}

test.each([
  { what: "nothing", text: "", absoluteErrors: [], malformed: 0 },
  { what: "rows", text: "0,151,206.1,55.1\nb,75,68.07,6.93\n", absoluteErrors: [55.1, 6.93], malformed: 0 },
  {
    what: "numbers in every form of a double",
    text: "a,1,1,0\nb,1,1,1e-7\nc,1,1,1.5e+21\n",
    absoluteErrors: [0, 1e-7, 1.5e21],
    malformed: 0,
  },
  { what: "quoted ids", text: '"a, b",1,2,1\n"say ""c""",1,3,2\n"d\ne",1,4,3\nf,1,5,4\n', absoluteErrors: [1, 2, 3, 4], malformed: 0 },
  { what: "a carriage return within an id", text: '"a\rb",1,2,1\nc,1,3,2\n', absoluteErrors: [1, 2], malformed: 0 },
  { what: "ids beyond ASCII", text: 'é,1,2,1\n"日本, 語",1,3,2\n', absoluteErrors: [1, 2], malformed: 0 },
  { what: "too few and too many columns", text: "a,1,2\nb,1,2,1,9\n\nc,1,2,1\n", absoluteErrors: [1], malformed: 3 },
  { what: "too few columns beside quotes", text: '"a",1,2\n"b",1,2,1\n', absoluteErrors: [1], malformed: 1 },
  {
    what: "no number, no finite one, a negative one",
    text: "a,1,2,\nb,1,2,x\nc,1,2,NaN\nd,1,2,Infinity\ne,1,2,1e999\nf,1,2,-1\ng,1,2, 1\nh,1,2,0x1\n",
    absoluteErrors: [],
    malformed: 8,
  },
  {
    what: "values that are further apart than the largest double",
    text: "a,1,2,1\nb,1.7e+308,-1.7e+308,Infinity\nc,Infinity,1,Infinity\n",
    absoluteErrors: [1, Infinity],
    malformed: 1,
  },
  { what: "a quote within a bare field", text: 'a,1,2,1\n5" pipe,1,2,1\n"b, c",1,3,2\n', absoluteErrors: [2, 1], malformed: 1 },
  { what: "a quote that is closed in the wrong place", text: '"a"b,1,2,1\nc,1,3,2\n"d",1,4,3\n', absoluteErrors: [3, 2], malformed: 1 },
])("$what", ({ text, absoluteErrors, malformed }) => {
  expect(parseText(text)).toEqual({ absoluteErrors, malformed });
});

describe("for any rows", () => {
  const row = fc.record({
    id: fc.string({ unit: "grapheme", minLength: 1, maxLength: 128 }),
    error: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
  });
  const quoted = (id: string): string => `"${id.replaceAll('"', '""')}"`;

  test("each is read, quoted where it must be or everywhere", () => {
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const errors = rows.map(({ error }) => error).toSorted((a, b) => a - b);
        for (const quote of [quoted, (id: string) => (/[",\n\r]/.test(id) ? quoted(id) : id)]) {
          const text = rows.map(({ id, error }) => `${quote(id)},1,2,${error}\n`).join("");
          const read = parseText(text);
          expect(read.malformed).toBe(0);
          expect(read.absoluteErrors.toSorted((a, b) => a - b)).toEqual(errors);
        }
      }),
    );
  });
});
