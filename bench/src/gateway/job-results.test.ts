import { expect, test } from "vitest";
import { checkedResults } from "./job-results.js";

async function* pieces(text: string) {
  for (let at = 0; at < text.length; at += 7) yield text.slice(at, at + 7);
}
const HEADING = "row,id,y_pred,y_true,absolute_error,reason\n";

test("results that repeat as their rows do are right", async () => {
  expect(await checkedResults(pieces(`${HEADING}0,a,1.5,,,\n1,b,2,,,\n2,c,1.5001,,,\n3,d,2,,,\n`), 2)).toEqual({ rows: 4, wrong: 0 });
});

test.each([
  ["out of order", "1,a,1.5,,,\n"],
  ["without a prediction", "0,a,,,,refused\n"],
])("a result %s is wrong", async (_, line) => {
  expect(await checkedResults(pieces(HEADING + line), 2)).toEqual({ rows: 1, wrong: 1 });
});

test("a result that differs from that of the same row is wrong", async () => {
  expect(await checkedResults(pieces(`${HEADING}0,a,1.5,,,\n1,b,2,,,\n2,c,1.6,,,\n`), 2)).toEqual({ rows: 3, wrong: 1 });
});
