import { expect, test } from "vitest";
import { uploadWarnings } from "./upload-warnings.js";

const NO_LABEL = "No row has a label, so the job will have predictions and no errors.";

test.each([
  ["labels, and the model's features", { names: ["a", "b"], labels: 3, isCsv: true }, ["b", "a"], []],
  ["labels, and features that are not known", { names: ["a", "note"], labels: 3, isCsv: true }, [], []],
  [
    "a column that the model does not take",
    { names: ["a", "note"], labels: 3, isCsv: true },
    ["a"],
    ['The model does not take these columns, they are passed over: "note".'],
  ],
  [
    "no labels, and a column that looks like them",
    { names: ["a", "Label"], labels: 0, isCsv: true },
    [],
    [`${NO_LABEL} If the column "Label" holds the labels, name it: POST /jobs?target=Label.`],
  ],
  [
    "no labels, and a feature of such a name",
    { names: ["a", "y"], labels: 0, isCsv: true },
    ["a", "y"],
    [`${NO_LABEL} If a column holds the labels, name it: POST /jobs?target=NAME.`],
  ],
  [
    "no labels in JSON",
    { names: ["a", "y"], labels: 0, isCsv: false },
    [],
    [`${NO_LABEL} A label is the field y_true of a row: {"id": "a1", "features": {…}, "y_true": 151}.`],
  ],
])("an upload with %s", (_, columns, features, warnings) => {
  expect(uploadWarnings(columns, features)).toEqual(warnings);
});
