import { DONE, Ids } from "@streamgauge/core";
import { expect, test } from "vitest";
import { HalfFrame } from "./half-frame.js";

function frame(...ids: string[]): HalfFrame {
  return new HalfFrame({
    side: "y_pred",
    ids: Ids.of(ids),
    values: Float64Array.from(ids, (_, row) => row),
    model: "linear 1",
    unit: "mg/dl",
    receivedAt: 1,
    origin: 2,
    refused: 3,
    answer: () => undefined,
    outcome: DONE,
  });
}

test("starts whole, with every row open", () => {
  const whole = frame("a", "b", "c");
  expect([whole.length, whole.open, whole.isWhole, whole.openRows()]).toEqual([3, 3, true, [0, 1, 2]]);
});

test("a settled row is no longer open, and counts once", () => {
  const part = frame("a", "b", "c");
  part.settle(1);
  part.settle(1);
  expect([part.open, part.isWhole, part.openRows(), part.isOpen(1), part.isOpen(2)]).toEqual([2, false, [0, 2], false, true]);
  part.settle(0);
  part.settle(2);
  expect([part.open, part.openRows()]).toEqual([0, []]);
});

test("all rows can be settled at once", () => {
  const none = frame("a", "b");
  none.settleAll();
  expect([none.open, none.isOpen(0), none.openRows()]).toEqual([0, false, []]);
});

test("ids are hashed once", () => {
  const hashed = frame("a");
  expect(hashed.hashes).toBe(hashed.hashes);
});
