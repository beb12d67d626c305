import { expect, test } from "vitest";
import { tenthBars, tenthTexts } from "./tenth-texts.js";

const TENTH = { tenth: 2, predicted: 4, labelled: 2, mae: 2e200, rmse: null, bias: 2e200, mean_true: 10, mean_pred: 2e200 };
const UNLABELLED = { ...TENTH, labelled: 0, mae: null, bias: null, mean_true: null, mean_pred: null };

test("a figure of a tenth that is beyond the largest number is an overflow; one without labels is a dash", () => {
  expect(tenthTexts(TENTH)).toEqual(["3", "4", "50.0 %", "2e200", "overflow"]);
  expect(tenthTexts({ ...TENTH, mae: null })).toEqual(["3", "4", "50.0 %", "overflow", "overflow"]);
  expect(tenthTexts(UNLABELLED)).toEqual(["3", "4", "0.0 %", "–", "–"]);
});

test("there is a bar for each of the ten", () => {
  const bars = tenthBars([{ ...TENTH, mae: null }]);
  expect(bars).toHaveLength(10);
  expect([bars[2], bars[9]]).toEqual([
    { from: 2, to: 3, value: 0, title: "tenth 3: MAE overflow, 2 of 4 labelled" },
    { from: 9, to: 10, value: 0, title: "tenth 10: MAE –, 0 of 0 labelled" },
  ]);
});
