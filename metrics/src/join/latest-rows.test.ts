import { Ids } from "@streamgauge/core";
import { expect, test } from "vitest";
import { hashIds } from "../log/id-hash.js";
import { LatestRows } from "./latest-rows.js";

function pairs(first: number, last: number, yPred = 1) {
  const ids = Ids.of(Array.from({ length: last - first + 1 }, (_, i) => `r${first + i}`));
  return { ids, hashes: hashIds(ids), yTrue: new Float64Array(ids.length), yPred: new Float64Array(ids.length).fill(yPred) };
}

test("rows that the log had already are not among them", () => {
  const latest = new LatestRows();
  latest.add(pairs(1, 4), [{ row: 1 }, { row: 3 }]);
  expect(latest.take()).toEqual([
    { id: "r1", y_true: 0, y_pred: 1, absolute_error: 1 },
    { id: "r3", y_true: 0, y_pred: 1, absolute_error: 1 },
  ]);
});

test("the last twenty rows are kept, the latest last, and taken once", () => {
  const latest = new LatestRows();
  for (let first = 1; first <= 991; first += 10) latest.add(pairs(first, first + 9), []);
  const ids = latest.take().map(({ id }) => id);
  expect([ids.length, ids[0], ids.at(-1)]).toEqual([20, "r981", "r1000"]);
  expect(latest.take()).toEqual([]);
});

test("an error beyond the largest double is null", () => {
  const latest = new LatestRows();
  latest.add({ ...pairs(1, 1, 1.7e308), yTrue: Float64Array.of(-1.7e308) }, []);
  expect(latest.take()).toEqual([{ id: "r1", y_true: -1.7e308, y_pred: 1.7e308, absolute_error: null }]);
});
