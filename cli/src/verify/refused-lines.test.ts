import { expect, test } from "vitest";
import { refusedLines } from "./verify-command.js";

const NONE = { received: 0, logged: 0, unmatched: 0, deadLettered: 0, duplicates: 0, conflicts: 0 };
const REFUSED = "refused by the model. streamgauge replay list --stage model lists what it refused.";

test.each([
  ["nothing is said if all labels have a prediction", 0, 0, []],
  ["a label that waits is explained", 1, 0, ["", `1 label has no prediction: its row is under way, was never sent, or was ${REFUSED}`]],
  [
    "labels that waited too long are counted with those that wait",
    2,
    3,
    ["", `5 labels have no prediction: their rows are under way, were never sent, or were ${REFUSED}`],
  ],
])("%s", (_, waiting, unmatched, lines) => {
  const balance = { y_true: { ...NONE, received: 9, unmatched }, y_pred: { ...NONE, received: 4 } };
  expect(refusedLines({ balance, pending: { y_true: waiting, y_pred: 0 } })).toEqual(lines);
});
