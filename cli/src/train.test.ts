import { NotNumbersError } from "@streamgauge/training";
import { expect, test } from "vitest";
import { explain } from "./train.js";

const FAULT = { path: "rows.csv", line: 2, column: "district", problem: 'not a number, got "north"', remedy: "Leave it out" };

test("columns that are no numbers are named with the option that leaves them out", () => {
  const said = 'rows.csv, line 2, column "district": not a number, got "north". Leave it out.';
  const error = new NotNumbersError(FAULT, ["price", "district", "sold at"]);
  expect(explain(error, { target: "price" })).toBe(`${said} --exclude 'district,sold at' leaves out every column with such cells.`);
  expect(explain(new NotNumbersError(FAULT, ["district"]), {})).toBe(`${said} --exclude district leaves out every column with such cells.`);
  expect(explain(error, { target: "price", features: ["district", "sold at"] })).toBe(`${said} Not to be in --features: district,sold at.`);
  expect(explain(new NotNumbersError(FAULT, ["price"]), { target: "price" })).toBe(said);
});
