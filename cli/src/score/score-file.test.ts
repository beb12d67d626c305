import { defaultModelPath, openModel, type OnnxModel } from "@streamgauge/model";
import { EMPTY_FILES, FOREIGN_FILES, UNUSUAL_FILES } from "@streamgauge/testing";
import { csvFile } from "@streamgauge/testing/vitest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scoreFile } from "./score-file.js";

const HEADER = "id,age,sex,bmi,bp,s1,s2,s3,s4,s5,s6,target";
const FIRST = "59,2,32.1,101,157,93.2,38,4,4.8598,87";

let model: OnnxModel;
beforeAll(async () => {
  model = await openModel(defaultModelPath);
});
afterAll(() => model.close());

function file(text: string | Buffer): string {
  return csvFile(text);
}

/** The output, and the error that ended it. */
async function score(text: string | Buffer, target?: string, scorer = model) {
  const path = file(text);
  let lines = "";
  try {
    for await (const part of scoreFile(scorer, path, target)) lines += part;
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

  test("adds true value and error if a target is named", async () => {
    expect(await score(`${HEADER}\na7,${FIRST},151\n`, "target")).toEqual({
      lines: "id,y_pred,y_true,absolute_error\na7,206.1166534423828,151,55.11665344238281\n",
    });
  });

  test.each([
    [
      `${HEADER}\na,${FIRST},1\nb,,2,3,4,5,6,7,8,9,0,1\n`,
      'rows.csv, line 3, column "age": the value is missing; with ALLOW_MISSING=1 it reaches the model as NaN. Mend the line, or take it out.',
    ],
    [`${HEADER}\na,${FIRST},1\nb,${FIRST}\n`, "rows.csv, line 3: it has 11 cells, the header has 12. Mend the line, or take it out."],
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
    [
      "age,bmi\n1,2\n",
      'rows.csv, line 1, column "sex": the model takes this column, and the file does not have it. The file has "age", "bmi".',
    ],
  ])("says why a file cannot be used at all: %j", async (text, complaint) => {
    expect(await score(text)).toEqual({ lines: "", complaint });
  });

  test("blanks around names and numbers are no part of them", async () => {
    const blank = (text: string) => text.replaceAll(",", ", ");
    expect(await score(`${blank(HEADER)}\n${blank(`a7,${FIRST},151`)}\n`, "target")).toEqual({
      lines: "id,y_pred,y_true,absolute_error\na7,206.1166534423828,151,55.11665344238281\n",
    });
  });
});

describe("strange files", () => {
  /** A model whose prediction is its only feature. */
  const same = (): OnnxModel => ({
    ...model,
    features: ["a"],
    kinds: ["number"],
    predict: async (_, [a]) => Float64Array.from(a ?? [], Number),
  });

  test.each(UNUSUAL_FILES)("it reads $name", async ({ bytes, rows, broken }) => {
    const { lines, complaint } = await score(bytes, "y_true", same());
    const quoted = (id: string) => (/[\r\n]/.test(id) ? `"${id}"` : id);
    const scored = rows.map(([id, a, yTrue]) => `${quoted(id)},${a},${yTrue},${yTrue - a}\n`);
    // The first invalid line ends the output.
    const before = broken === undefined ? scored : scored.slice(0, broken[0] - 2);
    expect(lines).toBe(`id,y_pred,y_true,absolute_error\n${before.join("")}`);
    expect(complaint).toBe(broken && `rows.csv, line ${broken[0]}: ${broken[1]}. Mend the line, or take it out.`);
  });

  test.each([...FOREIGN_FILES, ...EMPTY_FILES])("it refuses $name", async ({ bytes, problem, remedy }) => {
    const complaint = `rows.csv: the file ${problem}. ${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}.`;
    expect(await score(bytes)).toEqual({ lines: "", complaint });
  });
});
