import { expect, test } from "vitest";
import { WaitingRows } from "./waiting-rows.js";

const ROW = { id: "a", createdAt: 1_000, expiresAt: 2_000 };

test("an answer goes to the row that waits for it, once", async () => {
  const rows = new WaitingRows();
  rows.expect(ROW);
  const answered = rows.answerTo("a");
  expect(rows.take({ id: "a", answeredAt: 1_500, y_pred: 3 })).toMatchObject({ createdAt: 1_000, expiresAt: 2_000 });
  expect(await answered).toEqual({ id: "a", answeredAt: 1_500, y_pred: 3 });
  expect([rows.take({ id: "a", answeredAt: 1_600, y_pred: 4 }), rows.answerTo("a"), rows.size]).toEqual([undefined, undefined, 0]);
});

test("an answer at the end of a row's time or after it is none, before the expiry is noticed too", async () => {
  const rows = new WaitingRows();
  rows.expect(ROW);
  const answered = rows.answerTo("a");
  expect(rows.take({ id: "a", answeredAt: 2_000, y_pred: 3 })).toBeUndefined();
  rows.expire(1_999);
  expect(rows.size).toBe(1);
  rows.expire(2_000);
  expect(rows.size).toBe(0);
  expect(await answered).toBeUndefined();
});

test("a row that is expected twice keeps its first times", () => {
  const rows = new WaitingRows();
  rows.expect(ROW);
  rows.expect({ ...ROW, createdAt: 1_500 });
  expect(rows.timesOf("a")).toMatchObject({ createdAt: 1_000 });
});
