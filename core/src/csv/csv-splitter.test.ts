import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CsvSplitter, type CsvRow, MAX_RECORD_BYTES } from "./csv-splitter.js";

interface Split {
  /** Each record with the line on which it begins. */
  readonly records: readonly (readonly [line: number, ...cells: string[]])[];
  readonly broken: readonly (readonly [line: number, problem: string])[];
}

/** What a file is split into that arrives in these chunks. */
function split(chunks: readonly (string | Buffer)[], whole = true): Split {
  const pieces: CsvRow[][] = [];
  const splitter = new CsvSplitter();
  for (const chunk of chunks) pieces.push(...splitter.take(Buffer.from(chunk)));
  pieces.push(...splitter.end(whole));
  const rows = pieces.flat();
  return {
    records: rows.filter(({ problem }) => problem === undefined).map(({ line, cells }) => [line, ...cells]),
    broken: rows.flatMap(({ line, problem }) => (problem === undefined ? [] : [[line, problem] as const])),
  };
}

/** The file in chunks of that many bytes. */
function inChunks(text: string, size: number): Buffer[] {
  const bytes = Buffer.from(text);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

describe("records of a CSV file", () => {
  test.each([
    [
      "lines that end with \\n",
      "a,b\n1,2\n",
      [
        [1, "a", "b"],
        [2, "1", "2"],
      ],
    ],
    [
      "lines that end with \\r\\n",
      "a,b\r\n1,2\r\n3,4\r\n",
      [
        [1, "a", "b"],
        [2, "1", "2"],
        [3, "3", "4"],
      ],
    ],
    [
      "lines that end with \\r",
      "a,b\r1,2\r3,4\r",
      [
        [1, "a", "b"],
        [2, "1", "2"],
        [3, "3", "4"],
      ],
    ],
    [
      "all line ends in one file",
      "a,b\n1,2\r\n3,4\r5,6",
      [
        [1, "a", "b"],
        [2, "1", "2"],
        [3, "3", "4"],
        [4, "5", "6"],
      ],
    ],
    [
      "a last line without a break",
      "a,b\n1,2",
      [
        [1, "a", "b"],
        [2, "1", "2"],
      ],
    ],
    [
      "empty lines",
      "\na,b\n\n\r\n1,2\n\n",
      [
        [2, "a", "b"],
        [5, "1", "2"],
      ],
    ],
    [
      "breaks in quotes",
      'a,b\n"1\n\n1",2\n3,"4\r\n4"\r\n5,6\n',
      [
        [1, "a", "b"],
        [2, "1\n\n1", "2"],
        [5, "3", "4\r\n4"],
        [7, "5", "6"],
      ],
    ],
    [
      "commas and quotes in quotes",
      'a,b\n"1,1","say ""2"""\n',
      [
        [1, "a", "b"],
        [2, "1,1", 'say "2"'],
      ],
    ],
    [
      "rows of any width",
      "a,b\n1\n1,2,3\n",
      [
        [1, "a", "b"],
        [2, "1"],
        [3, "1", "2", "3"],
      ],
    ],
    [
      "empty cells",
      'a,b\n,\n"",\n',
      [
        [1, "a", "b"],
        [2, "", ""],
        [3, "", ""],
      ],
    ],
    ["no byte", "", []],
    ["empty lines only", "\n\r\n\n", []],
  ])("%s, however the file arrives", (_, text, records) => {
    for (const size of [1, 2, 3, 5, 1_000]) expect(split(inChunks(text, size))).toEqual({ records, broken: [] });
  });

  test("are the same whatever their cells, line ends, quotes and chunks are", () => {
    const cell = fc.string({ unit: fc.constantFrom("a", "é", "1", " ", ",", '"', "\n", "\r\n", "\r"), maxLength: 6 });
    const record = fc.tuple(fc.array(fc.tuple(cell, fc.boolean()), { minLength: 2, maxLength: 4 }), fc.constantFrom("\n", "\r\n"));
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), fc.integer({ min: 1, max: 9 }), (rows, size) => {
        let text = "";
        let line = 1;
        const records = rows.map(([cells, end]) => {
          const written = cells.map(([value, quoted]) => (quoted || /[,"\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value));
          const lineText = written.join(",") + end;
          const begins = line;
          line += lineText.match(/\r\n|\n|\r/g)?.length ?? 0;
          text += lineText;
          return [begins, ...cells.map(([value]) => value)];
        });
        expect(split(inChunks(text, size))).toEqual({ records, broken: [] });
      }),
    );
  });

  test("a line that is cut off at the end is left out if the file is not whole", () => {
    expect(split(["a,b\n1,2\n3,"], false).records).toEqual([
      [1, "a", "b"],
      [2, "1", "2"],
    ]);
    expect(split(["a,b\n1,2\n3,4"], true).records).toHaveLength(3);
  });
});

describe("broken quotes cost one line", () => {
  const CLOSED = 'a quoted cell goes on after its closing quote (a quote within is written twice: "")';
  test.each([
    ["text behind a closing quote", '"x"y,2', CLOSED],
    ["a quote within a cell", '5" pipe,2', "a quote stands within a cell that does not begin with one"],
    ["a quote that is never closed", '"x,2', "a quote in it is never closed"],
    ["two of them", '"x"y,"x"y', CLOSED],
  ])("%s", (_, line, problem) => {
    for (const size of [1, 7, 1_000]) {
      expect(split(inChunks(`a,b\n1,2\n\n${line}\n3,4\n5,6\n`, size))).toEqual({
        records: [
          [1, "a", "b"],
          [2, "1", "2"],
          [5, "3", "4"],
          [6, "5", "6"],
        ],
        broken: [[4, problem]],
      });
    }
  });

  test("in the last line too", () => {
    expect(split(['a,b\n1,2\n"3,4'])).toEqual({
      records: [
        [1, "a", "b"],
        [2, "1", "2"],
      ],
      broken: [[3, "a quote in it is never closed"]],
    });
  });

  test("in every second line", () => {
    const text = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? `${i},ok` : `"${i},"broken`)).join("\n");
    const { records, broken } = split(inChunks(text, 64));
    expect(records.map(([line]) => line)).toEqual(Array.from({ length: 100 }, (_, i) => 2 * i + 1));
    expect(broken.map(([line]) => line)).toEqual(Array.from({ length: 100 }, (_, i) => 2 * i + 2));
  });

  test("a quote that is never closed gathers no more than 1 MiB", () => {
    const rows = Array.from({ length: 150_000 }, (_, i) => `${i},${i}\n`).join("");
    const { records, broken } = split(inChunks(`a,b\n"1,2\n${rows}`, 65_536));
    expect(broken).toEqual([[2, "a quote in it is never closed"]]);
    expect(records).toHaveLength(150_001);
    expect(records[1]).toEqual([3, "0", "0"]);
    expect(records.at(-1)).toEqual([150_002, "149999", "149999"]);
  });

  test("a line of more than 1 MiB is left out, and costs no memory", () => {
    const long = "x".repeat(MAX_RECORD_BYTES * 3);
    const { records, broken } = split(inChunks(`a,b\n1,2\n${long}\n3,4\n`, 65_536));
    expect(broken).toEqual([[3, "it has more than 1048576 bytes"]]);
    expect(records).toEqual([
      [1, "a", "b"],
      [2, "1", "2"],
      [4, "3", "4"],
    ]);
  });
});
