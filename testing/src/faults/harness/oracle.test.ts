import { expect, test } from "vitest";
import { freshFolder } from "../../vitest/index.js";
import { compareLogs, highestRows } from "./oracle.js";

const folder = freshFolder();
/** A study of two rows; the model says 1 and 2 of them. */
const TRUTH = { names: ["x"], features: [[1], [2]], yTrue: [3, 5], yPred: [1, 2] };
const HEADER = "id,y_true,y_pred,absolute_error\n";

const log = (name: string, ...lines: readonly string[]) => {
  folder.write(name, `${HEADER}${lines.map((line) => `${line}\n`).join("")}`);
  return folder.at(name);
};

test("what is lost, doubled, unexpected and wrong in two logs", async () => {
  const one = log("one.csv", "run-0000000001,3,1,2", "run-0000000002,5,2,3", "run-0000000001,3,1,2", "run-0000000009,3,1,2", "x,3,1,2");
  const other = log("other.csv", "run-0000000003,3,1.000009,1.999991", "run-0000000004,5,2.1,2.9", "y,5,2,4", "stray,1,1,0");
  const expected = {
    runs: [{ run: "run", rows: 6 }],
    others: new Map([
      ["x", 0],
      ["y", 1],
      ["z", 0],
    ]),
  };
  expect(await compareLogs([one, other], expected, TRUTH)).toEqual({
    rows: 6,
    lost: 3,
    doubled: 1,
    unexpected: 2,
    wrong: 2,
    examples: [
      "doubled: run-0000000001",
      "unexpected: run-0000000009",
      "wrong: run-0000000004,5,2.1,2.9",
      "wrong: y,5,2,4",
      "unexpected: stray",
      "lost: run, row 5",
      "lost: run, row 6",
      "lost: z",
    ],
  });
});

test("the highest number of each run", async () => {
  const path = log(
    "runs.csv",
    "one-0000000007,3,1,2",
    "two-0000000012,3,1,2",
    "one-0000000003,3,1,2",
    "a-b-0000000099,3,1,2",
    "n-12,3,1,2",
  );
  expect(await highestRows([path])).toEqual(
    new Map([
      ["one", 7],
      ["two", 12],
    ]),
  );
});
