import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvField } from "../csv/csv-record.js";
import { formatLine } from "./log-line.js";
import { readLogLines } from "./read-log-lines.js";

/** Twice the longest line: the least that may be read at once. */
const CHUNK = 2_048;

function readable(text: string | Buffer) {
  const bytes = Buffer.from(text);
  return { length: bytes.length, read: (offset: number, length: number) => bytes.subarray(offset, offset + length) };
}

/** All that is found, as one. */
function readAll(text: string | Buffer, offset = 0) {
  const ids: string[] = [];
  const offsets: number[] = [];
  let malformed = 0;
  let malformedAtEnd = 0;
  let goodUpTo = 0;
  for (const piece of readLogLines(readable(text), offset, CHUNK)) {
    ids.push(...piece.ids.toArray());
    offsets.push(...piece.offsets);
    malformed += piece.malformed.length;
    malformedAtEnd = piece.ids.length > 0 ? piece.malformedAtEnd : malformedAtEnd + piece.malformed.length;
    goodUpTo = Math.max(goodUpTo, piece.goodUpTo);
  }
  return { ids, offsets, malformed, malformedAtEnd, goodUpTo };
}

test("finds lines and where they begin", () => {
  const [found, ...more] = readLogLines(readable("a,1,3,2\nb,2,2.5,0.5\n"), 0);
  expect(more).toEqual([]);
  expect(found?.ids.toArray()).toEqual(["a", "b"]);
  expect(found?.offsets).toEqual(new Float64Array([0, 8]));
  expect(found?.yTrue).toEqual(new Float64Array([1, 2]));
  expect(found?.yPred).toEqual(new Float64Array([3, 2.5]));
  expect(found).toMatchObject({ malformed: [], malformedAtEnd: 0, goodUpTo: 20 });
});

test("begins at the offset", () => {
  expect(readAll("a,1,3,2\nb,2,2,0\n", 8)).toMatchObject({ ids: ["b"], offsets: [8], goodUpTo: 16 });
});

test("an empty file has no lines", () => {
  expect([...readLogLines(readable(""), 0)]).toEqual([]);
});

describe("a line that is not whole is left out", () => {
  test.each([
    ["no break yet", "a,1,3,2\nb,2,2,0"],
    ["within a number", "a,1,3,2\nb,2,"],
    ["within quotes", 'a,1,3,2\n"b'],
    ["a break within quotes", 'a,1,3,2\n"b\n'],
    ["at the closing quote", 'a,1,3,2\n"b"'],
    ["at a quote that may be the first of two", 'a,1,3,2\n"b\n"'],
  ])("%s", (_, text) => {
    expect(readAll(text)).toEqual({ ids: ["a"], offsets: [0], malformed: 0, malformedAtEnd: 0, goodUpTo: 8 });
  });
});

describe("a malformed line takes no good line with it", () => {
  const good = (from: number) => Array.from({ length: 100 }, (_, i) => `row-${from + i}`);
  const text = (ids: readonly string[]) => ids.map((id) => `${id},1,3,2\n`).join("");

  test.each([
    ["words", "nothing of use"],
    ["an error that does not follow", "x,1,3,7"],
    ["an empty line", ""],
    ["NULs", "\0".repeat(20)],
    ["a quote that is never closed", '"x,1,3,2'],
    ["a quote that is closed lines later", '"x,1,3,2\ny"z,1,3,2'],
    ["quotes within", 'x"y"",1,3,2'],
    ["five fields", "x,1,3,2,9"],
    ["three fields", "x,1,1"],
    ["no id", ",1,3,2"],
    ["no number", "x,,3,3"],
    ["longer than what is read at once", "x".repeat(3 * CHUNK)],
    ["NULs, longer than what is read at once", "\0".repeat(2 * CHUNK + 17)],
  ])("%s", (_, bad) => {
    const { ids, malformed, malformedAtEnd } = readAll(`${text(good(0))}${bad}\n${text(good(100))}`);
    expect(ids).toEqual(good(0).concat(good(100)));
    expect(malformed).toBe(bad.split("\n").length);
    expect(malformedAtEnd).toBe(0);
  });

  test("those behind the last good line are kept apart", () => {
    expect(readAll("a,1,3,2\nbad\nb,1,3,2\nbad\nbad\n")).toMatchObject({ ids: ["a", "b"], malformed: 3, malformedAtEnd: 2, goodUpTo: 20 });
  });
});

test("ids with quotes, commas and line breaks are read wherever the chunks end", () => {
  const id = fc.string({ unit: fc.constantFrom('"', ",", "\n", "a", "é", "\r"), minLength: 1, maxLength: 128 });
  fc.assert(
    fc.property(fc.array(id, { minLength: 1, maxLength: 60 }), (ids) => {
      const lines = ids.map((each) => formatLine(csvField(each), 1, 3));
      const found = readAll(lines.join(""));
      expect(found.ids).toEqual(ids);
      expect(found.malformed).toBe(0);
      let offset = 0;
      expect(found.offsets).toEqual(lines.map((line) => (offset += Buffer.byteLength(line)) - Buffer.byteLength(line)));
    }),
  );
});

test("lines are read alike whether or not a quote is near them", () => {
  const text = fc.string({ unit: fc.constantFrom(",", "\n", "1", "2", ".", "-", "e", " ", "a", "é"), maxLength: 200 });
  fc.assert(
    fc.property(text, (anything) => {
      const line = '"q,",1,1,0\n';
      const plain = readAll(`${anything}\n`);
      const beside = readAll(`${line}${anything}\n`);
      expect(beside.ids.slice(1)).toEqual(plain.ids);
      expect(beside.malformed).toBe(plain.malformed);
    }),
  );
});
