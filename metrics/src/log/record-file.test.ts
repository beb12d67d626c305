import { appendFileSync, truncateSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { freshFolder } from "@streamgauge/testing/vitest";
import { FileChangedError, SYSTEM_DISK, type CommittedFile } from "./append-file.js";
import { RecordFile } from "./record-file.js";

const folder = freshFolder();
const NOON = new Date("2026-01-31T12:00:00.000Z");
const COLUMNS = ["id", "reason"];

function open(committed?: CommittedFile) {
  return RecordFile.open(folder.at("unmatched.csv"), COLUMNS, committed, SYSTEM_DISK, NOON);
}

/** Writes these records. @returns what is committed then. */
function written(...records: string[][]): CommittedFile {
  const { records: file } = open();
  for (const record of records) file.stage(record);
  file.write();
  file.close();
  return file.committed;
}

test("a new file has a header, and staged records are written", () => {
  const { records, findings } = open();
  expect(folder.read("unmatched.csv")).toBe("id,reason\n");
  records.stage(["a,b", 'no "label"']);
  records.stage(["c", 7]);
  expect(folder.read("unmatched.csv")).toBe("id,reason\n");
  records.write();
  expect(folder.read("unmatched.csv")).toBe('id,reason\n"a,b","no ""label"""\nc,7\n');
  expect(records.committed).toEqual({ length: 35, lines: 2 });
  expect(findings).toEqual([]);
  records.close();
});

test("a file goes on after its committed records", () => {
  const committed = written(["a", "1"]);
  const { records, findings } = open(committed);
  expect(findings).toEqual([]);
  expect(records.committed).toEqual({ length: 14, lines: 1 });
  records.stage(["b", "2"]);
  records.write();
  expect(folder.read("unmatched.csv")).toBe("id,reason\na,1\nb,2\n");
  records.close();
});

test("uncommitted bytes are cut off and kept", () => {
  const committed = written(["a", "1"]);
  appendFileSync(folder.at("unmatched.csv"), 'b,2\n"c');
  const { records, findings } = open(committed);
  expect(folder.read("unmatched.csv")).toBe("id,reason\na,1\n");
  expect(folder.read("unmatched.cut-20260131T120000.csv")).toBe('b,2\n"c');
  expect(findings).toEqual([
    `${folder.at("unmatched.csv")} had 6 uncommitted bytes: they were cut off and kept in ${folder.at("unmatched.cut-20260131T120000.csv")}.`,
  ]);
  records.close();
});

test("missing bytes are reported, and a torn record is cut off", () => {
  const committed = written(["a", "1"], ["b\nb", "2"], ["c", "3"]);
  truncateSync(folder.at("unmatched.csv"), committed.length - 8);
  const { records, findings } = open(committed);
  expect(folder.read("unmatched.csv")).toBe("id,reason\na,1\n");
  expect(folder.read("unmatched.cut-20260131T120000.csv")).toBe('"b\nb');
  expect(records.committed).toEqual({ length: 14, lines: 1 });
  expect(findings).toEqual([
    expect.stringMatching(/unmatched\.csv has lost 8 committed bytes: the records that are left are kept\.$/),
    expect.stringMatching(
      /unmatched\.csv ended within a record: the incomplete record was cut off and kept in .*cut-20260131T120000\.csv\.$/,
    ),
  ]);
  records.close();
});

test("a deleted file is started anew", () => {
  const { records, findings } = open({ length: 500, lines: 20 });
  expect(folder.read("unmatched.csv")).toBe("id,reason\n");
  expect(records.committed).toEqual({ length: 10, lines: 0 });
  expect(findings).toHaveLength(1);
  records.close();
});

describe("a file of which nothing is committed", () => {
  test("has its records counted, also with line breaks in quotes", () => {
    folder.write("unmatched.csv", 'id,reason\n"a\n\n",1\n"b ""\n""",2\n');
    expect(open().records.committed).toEqual({ length: 30, lines: 2 });
  });

  test("loses a torn record", () => {
    folder.write("unmatched.csv", "id,reason\na,1\nb,");
    const { records, findings } = open();
    expect(records.committed).toEqual({ length: 14, lines: 1 });
    expect(findings).toHaveLength(1);
    records.close();
  });

  test("gets a torn header again", () => {
    folder.write("unmatched.csv", "id,rea");
    open().records.close();
    expect(folder.read("unmatched.csv")).toBe("id,reason\n");
  });

  test("is set aside if it has another header", () => {
    folder.write("unmatched.csv", "name;age\nx;1\n");
    const { records, findings } = open();
    expect(folder.read("unmatched.csv")).toBe("id,reason\n");
    expect(folder.read("unmatched.set-aside-20260131T120000.csv")).toBe("name;age\nx;1\n");
    expect(findings).toEqual([
      expect.stringMatching(/unmatched\.csv does not start with the header "id,reason"\. It is kept as .*set-aside/),
    ]);
    records.close();
  });
});

test("a file that was changed from outside is not written", () => {
  const { records } = open();
  records.stage(["a", "1"]);
  appendFileSync(folder.at("unmatched.csv"), "x");
  expect(() => records.write()).toThrow(FileChangedError);
  expect(folder.read("unmatched.csv")).toBe("id,reason\nx");
  records.close();
});

test("a change from outside is no error while nothing is staged", () => {
  const { records } = open();
  appendFileSync(folder.at("unmatched.csv"), "x");
  records.write();
  records.close();
});
