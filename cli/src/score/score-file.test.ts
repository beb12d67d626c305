import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultModelPath, openModel, type OnnxModel } from "@streamgauge/model";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { scoreFile } from "./score-file.js";

const HEADER = "id,age,sex,bmi,bp,s1,s2,s3,s4,s5,s6,target";
const FIRST = "59,2,32.1,101,157,93.2,38,4,4.8598,87";

let model: OnnxModel;
beforeAll(async () => {
  model = await openModel(defaultModelPath);
});
afterAll(() => model.close());

function file(text: string | Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), "score-file-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "rows.csv");
  writeFileSync(path, text);
  return path;
}

/** What came out, and the complaint that ended it. */
async function score(text: string | Buffer, target?: string) {
  const path = file(text);
  let lines = "";
  try {
    for await (const part of scoreFile(model, path, target)) lines += part;
    return { lines };
  } catch (error) {
    return { lines, complaint: error instanceof Error ? error.message.replace(path, "rows.csv") : error };
  }
}

describe("scoreFile", () => {
  test("gives id and prediction of each row, whatever the order of the columns", async () => {
    // Expected: scikit-learn's LinearRegression, in float32.
    expect(await score(`${HEADER}\na7,${FIRST},151\n"b,8",${FIRST},75\n`)).toEqual({
      lines: 'id,y_pred\na7,206.1166534423828\n"b,8",206.1166534423828\n',
    });
    const other = await score("note,s6,s5,s4,s3,s2,s1,bp,bmi,sex,age\nx,87,4.8598,4,38,93.2,157,101,32.1,2,59\n");
    expect(other).toEqual({ lines: "id,y_pred\n1,206.1166534423828\n" });
  });

  test("adds true value and error where a target is named", async () => {
    expect(await score(`${HEADER}\na7,${FIRST},151\n`, "target")).toEqual({
      lines: "id,y_pred,y_true,absolute_error\na7,206.1166534423828,151,55.11665344238281\n",
    });
  });

  test.each([
    [
      `${HEADER}\na,${FIRST},1\nb,,2,3,4,5,6,7,8,9,0,1\n`,
      'rows.csv, line 3, column "age": the value is missing. Fill it in, or set ALLOW_MISSING=1 where the model takes missing values.',
    ],
    [`${HEADER}\na,${FIRST},1\nb,${FIRST}\n`, "rows.csv, line 3: the line has 11 cells, the header 12. Mend the line, or take it out."],
    [
      `${HEADER}\na,${FIRST},1\n,${FIRST},1\n`,
      'rows.csv, line 3, column "id": an id is a string of 1 to 128 characters, and this one has 0. Mend the line, or take it out.',
    ],
    [
      `${HEADER}\na,${FIRST},1\nb,${FIRST},one\n`,
      'rows.csv, line 3, column "target": not a number, got "one". Mend the line, or take it out.',
    ],
    [`${HEADER}\na,${FIRST},1\nb,"${FIRST},1\n`, "rows.csv, line 3: a quote in it is never closed. Mend the line, or take it out."],
  ])("names line and column of what cannot be used, after the rows before it: %j", async (text, complaint) => {
    expect(await score(text, "target")).toEqual({
      lines: "id,y_pred,y_true,absolute_error\na,206.1166534423828,1,205.1166534423828\n",
      complaint,
    });
  });

  test.each([
    ["", "rows.csv: the file has no rows. Give a CSV file with a header line and a line per row."],
    [`${HEADER}\n`, "rows.csv: the file has no rows. Give a CSV file with a header line and a line per row."],
    [
      "age,bmi\n1,2\n",
      'rows.csv, line 1, column "sex": the model takes this column, and the file does not have it. The file has age, bmi.',
    ],
    [
      "age;bmi\n1;2\n",
      'rows.csv, line 1, column "age": the model takes this column, and the file does not have it. Separate the cells by commas: the header is one cell, age;bmi.',
    ],
    [
      "age, sex\n1, 2\n",
      'rows.csv, line 1, column "sex": the model takes this column, and the file does not have it. Take the spaces out of the header, where it is called " sex".',
    ],
    [`${HEADER},age\n`, 'rows.csv, line 1, column "age": the header has this name twice. Give every column its own name.'],
    [Buffer.from([0xe9, 0x0a]), "rows.csv, line 1: the header is not in UTF-8. Save the file in UTF-8."],
  ])("says why a file cannot be used at all: %j", async (text, complaint) => {
    expect(await score(text)).toEqual({ lines: "", complaint });
  });
});
