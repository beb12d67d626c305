import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EMPTY_FILES, FOREIGN_FILES, UNUSUAL_FILES } from "@streamgauge/testing";
import { describe, expect, test } from "vitest";
import { DEFAULT_DATASET } from "./default-dataset.js";
import { DatasetError } from "./dataset-error.js";
import { Dataset, type DatasetOptions } from "./dataset.js";
import { csvFile, temporaryFolder } from "@streamgauge/testing/vitest";
import type { Block } from "./row-reader.js";

interface Pass {
  readonly y_true: readonly number[];
  readonly columns: Readonly<Record<string, readonly unknown[]>>;
  readonly ids: readonly string[];
}

function open(path: string, columns: Partial<DatasetOptions> = {}) {
  const malformed: string[] = [];
  const onMalformed = (line: number, problem: string) => malformed.push(`${line}: ${problem}`);
  const dataset = new Dataset({ path, targetColumn: "y", idColumn: "", ...columns, onMalformed });
  return { dataset, malformed };
}

/** A file of more cells than are kept: 200 columns, 5,300 rows. */
function largeFile(firstLines = ""): string {
  const names = Array.from({ length: 199 }, (_, i) => `c${i}`).join(",");
  return csvFile(`${names},y\n${firstLines}${`${"7,".repeat(199)}1\n`.repeat(5_300)}`);
}

/** All rows of one pass. */
async function pass(dataset: Dataset): Promise<Pass> {
  const y_true: number[] = [];
  const ids: string[] = [];
  const columns: Record<string, unknown[]> = {};
  for await (const block of dataset.pass()) {
    y_true.push(...block.y_true);
    ids.push(...(block.ids ?? []));
    for (const [name, column] of block.columns) (columns[name] ??= []).push(...column);
  }
  return { y_true, columns, ids };
}

async function blocks(dataset: Dataset): Promise<Block[]> {
  const all: Block[] = [];
  for await (const block of dataset.pass()) all.push(block);
  return all;
}

describe("a dataset's rows", () => {
  test.each([
    ["\\n", "a,y\n1,2\n3,4\n"],
    ["\\r\\n", "a,y\r\n1,2\r\n3,4\r\n"],
    ["no last line break", "a,y\n1,2\n3,4"],
    ["a byte order mark", "\uFEFFa,y\n1,2\n3,4\n"],
    ["quotes around everything", '"a","y"\r\n"1","2"\r\n"3","4"\r\n'],
    ["blanks around targets and names", "a , y\n1, 2\n3,4 \n"],
  ])("with %s", async (_, content) => {
    const { dataset, malformed } = open(csvFile(content));
    expect(await pass(dataset)).toEqual({ y_true: [2, 4], columns: { a: [1, 3] }, ids: [] });
    expect(malformed).toEqual([]);
  });

  test("have every column but target and id as features, in the order of the file", async () => {
    const { dataset } = open(csvFile("b,id,y,a\n1,x,2,3\n"), { idColumn: "id" });
    expect(await pass(dataset)).toEqual({ y_true: [2], columns: { b: [1], a: [3] }, ids: ["x"] });
  });

  test("have only the columns that are wanted, text if that is wanted, and an empty one is missing nevertheless", async () => {
    const { dataset } = open(csvFile("zip,a,y,b\n01234,1,2,3\n,4,5,6\n"), { features: ["b", "zip"], textColumns: ["zip", "none"] });
    expect(await pass(dataset)).toEqual({ y_true: [2, 5], columns: { zip: ["01234", null], b: [3, 6] }, ids: [] });
  });

  test("cannot have columns that are not there, or the target", async () => {
    const path = csvFile("a,y\n1,2\n");
    await expect(pass(open(path, { features: ["a", "b"] }).dataset)).rejects.toThrow(
      `The dataset ${path} has no column "b": the model takes it, or FEATURES names it, and the dataset has "a", "y".`,
    );
    await expect(pass(open(path, { features: ["y"] }).dataset)).rejects.toThrow(
      `The dataset ${path} has its target among its features: leave y out of FEATURES, or set TARGET_COLUMN.`,
    );
  });

  test("may have no feature at all", async () => {
    expect(await pass(open(csvFile("y\n1\n2\n")).dataset)).toEqual({ y_true: [1, 2], columns: {}, ids: [] });
  });

  test.each([
    ["1", 1],
    ["-0.5", -0.5],
    ["+1", "+1"],
    [".5", ".5"],
    ["01234", "01234"],
    ["1e3", "1e3"],
    [" 5", " 5"],
    ["", null],
    ["  ", "  "],
    ["red", "red"],
    ["NaN", "NaN"],
    ["Infinity", "Infinity"],
    ["1e400", "1e400"],
    ["0x10", "0x10"],
    ["1_000", "1_000"],
    ['"1,5"', "1,5"],
    ['"two\nlines"', "two\nlines"],
  ])("have for a cell %j the value %j, from which the text can be had again", async (text, value) => {
    const { dataset } = open(csvFile(`a,y\n${text},1\n`));
    expect((await pass(dataset)).columns).toEqual({ a: [value] });
  });

  test("have numbers if Python wrote the column, and say so, from which the text can be had again", async () => {
    const { dataset } = open(csvFile("a,b,c,y\n59.0,59.0,59.0,1\n93.2,48,48.0,1\n"), { textColumns: ["c"] });
    const [block] = await blocks(dataset);
    expect(Object.fromEntries(block?.columns ?? [])).toEqual({ a: Float64Array.of(59, 93.2), b: ["59.0", 48], c: ["59.0", "48.0"] });
    expect(block?.pythonFloats).toEqual(new Set(["a"]));
  });

  test("are typed if a column has numbers only", async () => {
    const [block] = await blocks(open(csvFile("a,b,c,y\n1,,x,1\n2,3,y,1\n")).dataset);
    expect(block?.columns).toEqual(
      new Map<string, unknown>([
        ["a", Float64Array.of(1, 2)],
        ["b", [null, 3]],
        ["c", ["x", "y"]],
      ]),
    );
  });

  test("are those of the diabetes study", async () => {
    const { y_true, columns } = await pass(open(DEFAULT_DATASET, { targetColumn: "target" }).dataset);
    expect(y_true).toHaveLength(442);
    expect(y_true.reduce((sum, y) => sum + y, 0)).toBe(67_243);
    expect(Object.keys(columns)).toEqual(["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"]);
  });

  test("a cell of a million digits is read at once", async () => {
    // A pattern that can match digits in two ways would take hours here.
    const { dataset } = open(csvFile(`a,y\n${"1".repeat(500_000)}x,1\n`));
    expect((await pass(dataset)).columns["a"]).toEqual([`${"1".repeat(500_000)}x`]);
  });
});

describe("a column of times", () => {
  const FILE = "when,a,y\n2025-03-30 01:30,1,10\n2025-03-30T03:30:00+02:00,2,20\n1760000000,3,30\n1760000000123,4,40\n";
  const TIMES = [Date.UTC(2025, 2, 30, 0, 30), Date.UTC(2025, 2, 30, 1, 30), 1_760_000_000_000, 1_760_000_000_123];

  test("says when each row happened, and is no feature", async () => {
    const { dataset, malformed } = open(csvFile(FILE), { timeColumn: "when", timeZone: "Europe/Berlin" });
    const [block] = await blocks(dataset);
    expect([block?.times, [...(block?.columns.keys() ?? [])], malformed]).toEqual([Float64Array.from(TIMES), ["a"], []]);
  });

  test("is in UTC if nothing else is said", async () => {
    const [block] = await blocks(open(csvFile("when,y\n2025-03-30 01:30,10\n"), { timeColumn: "when" }).dataset);
    expect(block?.times).toEqual(Float64Array.of(Date.UTC(2025, 2, 30, 1, 30)));
  });

  test("is a feature as well if the model takes it", async () => {
    const [block] = await blocks(open(csvFile(FILE), { timeColumn: "when", timeZone: "Europe/Berlin", features: ["when", "a"] }).dataset);
    expect(block?.times).toEqual(Float64Array.from(TIMES));
    expect(block?.columns.get("when")).toEqual(["2025-03-30 01:30", "2025-03-30T03:30:00+02:00", 1_760_000_000, 1_760_000_000_123]);
  });

  test("need not be called event_time for a model that takes the event time", async () => {
    const [block] = await blocks(open(csvFile(FILE), { timeColumn: "when", features: ["a", "event_time"] }).dataset);
    expect([...(block?.columns.keys() ?? [])]).toEqual(["a"]);
  });

  test("that cannot be read is named with its line, its value and what to write, and the other rows are sent", async () => {
    const { dataset, malformed } = open(csvFile('when,y\n1760000000,1\n"9 Oct 2025",2\n,3\n2025-02-29,4\n20251009,5\n1760000001,6\n'), {
      timeColumn: "when",
    });
    const [block] = await blocks(dataset);
    expect([block?.times, block?.y_true]).toEqual([Float64Array.of(1_760_000_000_000, 1_760_000_001_000), Float64Array.of(1, 6)]);
    expect(malformed).toEqual([
      '3: when: not a time, got "9 Oct 2025": write 2025-10-09T08:53:20Z, or 2025-10-09 08:53 in TIME_ZONE, or seconds or ms since 1970',
      "4: when: the time is missing",
      '5: when: there is no such date or time, got "2025-02-29"',
      '6: when: not a time, got "20251009": write 2025-10-09',
    ]);
  });

  test("that is not there, or is the target or the id, is named with what to set", async () => {
    const path = csvFile("id,y\n1,2\n");
    await expect(pass(open(path, { timeColumn: "when" }).dataset)).rejects.toThrow(
      `The dataset ${path} has no column "when": set TIME_COLUMN to one of "id", "y", or leave it empty.`,
    );
    await expect(pass(open(path, { timeColumn: "y" }).dataset)).rejects.toThrow(
      `The dataset ${path} cannot have its times in the column of its target: set TIME_COLUMN to another one.`,
    );
    await expect(pass(open(path, { timeColumn: "id", idColumn: "id" }).dataset)).rejects.toThrow(
      `The dataset ${path} cannot have its times in the column of its ids: set TIME_COLUMN to another one.`,
    );
  });

  test("makes another run of it, and so does another zone", () => {
    const path = csvFile(FILE);
    const signatures = [{}, { timeColumn: "when" }, { timeColumn: "when", timeZone: "Europe/Berlin" }].map((columns) =>
      open(path, columns).dataset.signature(),
    );
    expect(new Set(signatures).size).toBe(3);
  });
});

test("rows without a target are sent if that is allowed, and other targets that are no numbers are not", async () => {
  const { dataset, malformed } = open(csvFile("a,y\n1,10\n2,\n3,NA\n4,high\n5, \n"), { allowUnlabelled: true });
  const [block] = await blocks(dataset);
  expect([block?.columns.get("a"), block?.y_true]).toEqual([
    Float64Array.of(1, 2, 3, 5),
    Float64Array.of(10, Number.NaN, Number.NaN, Number.NaN),
  ]);
  expect(malformed).toEqual(['5: y: not a number, got "high"']);
  expect(open(csvFile("a,y\n1,2\n"), { allowUnlabelled: true }).dataset.signature()).toContain("allowUnlabelled");
});

describe("lines that cannot be sent are named by their number, and the others are sent", () => {
  test.each([
    ["too few cells", "1", "it has 1 cell, the header has 2"],
    ["too many cells", "1,2,3", "it has 3 cells, the header has 2"],
    ["a target that is text", "1,high", 'y: not a number, got "high"'],
    ["no target", "1,", "y: the value is missing"],
    ["a target that is not finite", "1,NaN", 'y: not a number, got "NaN"'],
    ["a target beyond all numbers", "1,1e999", 'y: not a number, got "1e999"'],
    ["blanks", "   ", "it has 1 cell, the header has 2"],
    ["a broken quote", '1,"2"2', 'a quoted cell goes on after its closing quote (a quote within is written twice: "")'],
    ["an open quote", '1,"2', "a quote in it is never closed"],
  ])("%s", async (_, line, problem) => {
    const { dataset, malformed } = open(csvFile(`a,y\n1,2\n\n${line}\n3,4\n`));
    expect((await pass(dataset)).y_true).toEqual([2, 4]);
    expect(malformed).toEqual([`4: ${problem}`]);
  });

  test("a long text is cut", async () => {
    const { dataset, malformed } = open(csvFile(`a,y\n1,2\n1,${"x".repeat(1_000)}\n`));
    await pass(dataset);
    expect(malformed).toEqual([`3: y: not a number, got "${"x".repeat(56)}...`]);
  });

  test("a line that is not in UTF-8", async () => {
    const { dataset, malformed } = open(csvFile(Buffer.from("a,y\nKöln,1\nÜlm,2\n", "latin1")));
    await expect(pass(dataset)).rejects.toThrow("has no row that can be sent");
    expect(malformed).toEqual(["2: it is not in UTF-8", "3: it is not in UTF-8"]);
    const mixed = open(csvFile(Buffer.concat([Buffer.from("a,y\nKöln,1\n"), Buffer.from("Köln,2\n", "latin1")])));
    expect((await pass(mixed.dataset)).columns).toEqual({ a: ["Köln"] });
    expect(mixed.malformed).toEqual(["3: it is not in UTF-8"]);
  });

  test.each([
    ["no id", "1,", "id is no id: it has 0 characters, and 1 to 128 are allowed"],
    ["a long id", `1,${"x".repeat(129)}`, "id is no id: it has 129 characters, and 1 to 128 are allowed"],
  ])("%s", async (_, line, problem) => {
    const { dataset, malformed } = open(csvFile(`y,id\n1,a\n${line}\n3,${"x".repeat(128)}\n`), { idColumn: "id" });
    expect((await pass(dataset)).ids).toEqual(["a", "x".repeat(128)]);
    expect(malformed).toEqual([`3: ${problem}`]);
  });

  test("once, however often the file is read", async () => {
    const { dataset, malformed } = open(largeFile("bad\n"));
    expect((await pass(dataset)).y_true).toHaveLength(5_300);
    expect((await pass(dataset)).y_true).toHaveLength(5_300);
    expect(malformed).toEqual(["2: it has 1 cell, the header has 200"]);
  });
});

describe("a dataset that cannot be used says what to do", () => {
  const path = join("no", "such", "file.csv");
  test("is missing", async () => {
    const { dataset } = open(path);
    expect(() => dataset.signature()).toThrow(DatasetError);
    await expect(pass(dataset)).rejects.toThrow(
      `The dataset ${path} cannot be read: set DATASET_PATH to a CSV file with a header (ENOENT: no such file or directory, stat '${path}').`,
    );
  });

  test("is a folder", async () => {
    const folder = temporaryFolder();
    const reading = pass(open(folder).dataset);
    await expect(reading).rejects.toThrow(DatasetError);
    await expect(reading).rejects.toThrow("cannot be read: set DATASET_PATH to a CSV file with a header (EISDIR");
  });

  test.each([
    ["is empty", "", "is empty: give a header line, and a line per row."],
    ["has empty lines only", "\n\n", "is empty: give a header line, and a line per row."],
    ["has a header only", "a,y\n", "has a header and no rows: give a line per row below the header."],
    ["has bad lines only", "a,y\n1,x\n", "has no row that can be sent."],
    ["lacks the target", "a,b\n1,2\n", 'has no column "y": set TARGET_COLUMN to one of "a", "b".'],
    ["has control characters in its header", "\u001b[2J,b\n1,2\n", 'has no column "y": set TARGET_COLUMN to one of "\\u001b[2J", "b".'],
  ])("%s", async (_, content, message) => {
    const reading = pass(open(csvFile(content)).dataset);
    await expect(reading).rejects.toThrow(DatasetError);
    await expect(reading).rejects.toThrow(message);
  });

  test("lacks the ids", async () => {
    const reading = pass(open(csvFile("a,y\n1,2\n"), { idColumn: "id" }).dataset);
    await expect(reading).rejects.toThrow('has no column "id": set ID_COLUMN to one of "a", "y", or leave it empty.');
  });

  test("has its ids in its target", async () => {
    const reading = pass(open(csvFile("a,y\n1,2\n"), { idColumn: "y" }).dataset);
    await expect(reading).rejects.toThrow("cannot have its ids in the column of its target: set ID_COLUMN to another one.");
  });
});

describe("strange files", () => {
  const options = { targetColumn: "y_true", idColumn: "id" };

  test.each(UNUSUAL_FILES)("it reads $name", async ({ bytes, rows, broken }) => {
    const { dataset, malformed } = open(csvFile(bytes), options);
    const { ids, y_true, columns } = await pass(dataset);
    expect(ids.map((id, i) => [id, Number(columns["a"]?.[i]), y_true[i]])).toEqual(rows);
    expect(malformed).toEqual(broken === undefined ? [] : [`${broken[0]}: ${broken[1]}`]);
  });

  test.each([...FOREIGN_FILES, ...EMPTY_FILES])("it refuses $name", async ({ bytes, problem, remedy }) => {
    const path = csvFile(bytes);
    await expect(pass(open(path, options).dataset)).rejects.toThrow(new DatasetError(path, `${problem}: ${remedy}.`));
  });
});

describe("pass after pass", () => {
  test("a small file is read once", async () => {
    const path = csvFile("a,y\n1,2\n");
    const { dataset } = open(path);
    const [first] = await blocks(dataset);
    const [second] = await blocks(dataset);
    expect(second).toBe(first);
  });

  test("a large one is read again, block by block", async () => {
    const { dataset } = open(largeFile());
    const first = await blocks(dataset);
    const second = await blocks(dataset);
    const rows = [1_310, 1_310, 1_310, 1_310, 60];
    expect(first.map((block) => block.rows)).toEqual(rows);
    expect(second.map((block) => block.rows)).toEqual(rows);
    expect(second[0]).not.toBe(first[0]);
  });

  test("blocks of a wide file have fewer rows", async () => {
    const names = Array.from({ length: 9_999 }, (_, i) => `c${i}`).join(",");
    const cells = Array.from({ length: 9_999 }, (_, i) => i).join(",");
    const { dataset } = open(csvFile(`${names},y\n${`${cells},1\n`.repeat(60)}`));
    expect((await blocks(dataset)).map(({ rows }) => rows)).toEqual([26, 26, 8]);
  });

  test("rows that are added come in the next pass", async () => {
    const path = csvFile("a,y\n1,1\n");
    const { dataset } = open(path);
    expect((await pass(dataset)).y_true).toEqual([1]);
    appendFileSync(path, "2,2\n");
    expect((await pass(dataset)).y_true).toEqual([1, 2]);
  });

  test("while the file grows, a pass ends where it ended at first, and leaves a half line to the next", async () => {
    const path = csvFile(`a,y\n${"1,1\n".repeat(50_000)}2,2`);
    const { dataset, malformed } = open(path);
    let rows = 0;
    let last = 0;
    for await (const block of dataset.pass()) {
      if (rows === 0) appendFileSync(path, "222\n3,3\n");
      rows += block.rows;
      last = block.y_true.at(-1) ?? 0;
    }
    expect({ rows, last }).toEqual({ rows: 50_000, last: 1 });
    const { y_true } = await pass(dataset);
    expect(y_true.slice(-3)).toEqual([1, 2_222, 3]);
    expect(malformed).toEqual([]);
  });

  test("a file that is gone ends the passes", async () => {
    const path = csvFile("a,y\n1,1\n");
    const { dataset } = open(path);
    await pass(dataset);
    rmSync(path);
    await expect(pass(dataset)).rejects.toThrow(DatasetError);
  });

  test("another header is refused", async () => {
    const path = csvFile("a,y\n1,1\n");
    const { dataset } = open(path);
    await pass(dataset);
    writeFileSync(path, "b,y\n1,1\n2,2\n");
    await expect(pass(dataset)).rejects.toThrow("was given another header while it was sent: start again.");
  });
});

describe("the signature", () => {
  test("is another one when content or columns are", () => {
    const path = csvFile("a,y\n1,1\n");
    const signature = open(path).dataset.signature();
    expect(open(path).dataset.signature()).toBe(signature);
    expect(open(path, { targetColumn: "a" }).dataset.signature()).not.toBe(signature);
    expect(open(path, { idColumn: "a" }).dataset.signature()).not.toBe(signature);
    appendFileSync(path, "2,2\n");
    expect(open(path).dataset.signature()).not.toBe(signature);
  });
});
