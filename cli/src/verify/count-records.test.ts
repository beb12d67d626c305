import { expect, test } from "vitest";
import { freshFolder } from "@streamgauge/testing/vitest";
import { countRecords } from "./count-records.js";

const folder = freshFolder();
const HEADER = "id,field,value,model\n";

test("records are counted without the header, up to a length, also with line breaks and NUL in ids", async () => {
  const text = `${HEADER}"a\nb",y_true,1,\n"c\0",y_true,2,\n`;
  folder.write("unmatched.csv", `${text}later,y_true,3,\n`);
  expect(await countRecords(folder.at("unmatched.csv"), text.length)).toEqual({ records: 2, broken: [] });
});

test("a header alone, an empty part and a missing file have no records", async () => {
  folder.write("unmatched.csv", HEADER);
  expect(await countRecords(folder.at("unmatched.csv"), HEADER.length)).toEqual({ records: 0, broken: [] });
  expect(await countRecords(folder.at("unmatched.csv"), 0)).toEqual({ records: 0, broken: [] });
  expect(await countRecords(folder.at("none.csv"), 100)).toEqual({ records: 0, broken: [] });
});

test("a broken record counts, and is named", async () => {
  const text = `${HEADER}a"b,y_true,1,\nc,y_true,2,\n`;
  folder.write("unmatched.csv", text);
  expect(await countRecords(folder.at("unmatched.csv"), text.length)).toEqual({
    records: 2,
    broken: [{ line: 2, problem: "a quote stands within a cell that does not begin with one" }],
  });
});
