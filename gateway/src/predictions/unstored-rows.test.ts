import { Deferred } from "@streamgauge/core";
import { expect, test } from "vitest";
import type { AnsweredPrediction } from "../store/prediction-store.js";
import { UnstoredRows } from "./unstored-rows.js";

const row = (id: string) => ({ id, createdAt: 1, expiresAt: 2, features: '{"a":1}' });
const answer = (id: string) => ({ id, answeredAt: 1, y_pred: 3, model: "m@1" });

/** Rows whose writes wait until `written` is resolved, and the writes so far. */
function open() {
  const writes: (readonly AnsweredPrediction[])[] = [];
  const began = new Deferred<void>();
  const written = new Deferred<void>();
  const rows = new UnstoredRows(async (group) => {
    writes.push(group);
    began.resolve();
    await written.promise;
    return group.map(() => true);
  });
  return { rows, writes, began, written };
}

test("a row and its answer are one write", async () => {
  const { rows, writes, written } = open();
  written.resolve();
  rows.add(row("1"), { a: 1 });
  await rows.answer(answer("1"));
  expect(writes).toEqual([[{ ...row("1"), answer: answer("1") }]]);
  expect(rows.size).toBe(0);
});

test("a row whose answer takes long is stored without it", async () => {
  const { rows, writes, written } = open();
  written.resolve();
  rows.add(row("1"), { a: 1 });
  await rows.get("1")?.inserted.promise;
  expect(writes).toEqual([[row("1")]]);
});

test("an answer that comes while its row is written is not part of that write", async () => {
  const { rows, began, written } = open();
  rows.add(row("1"), { a: 1 });
  await began.promise;
  expect(rows.answer(answer("1"))).toBeUndefined();
  written.resolve();
  await Promise.all(rows.writes());
});

test("a row that was not sent is never written", async () => {
  const { rows, writes, written } = open();
  written.resolve();
  rows.add(row("1"), { a: 1 });
  const [forgotten] = rows.writes();
  expect(rows.drop("1")).toBe(true);
  await forgotten;
  rows.add(row("2"), { a: 1 });
  await rows.get("2")?.inserted.promise;
  expect(writes).toEqual([[row("2")]]);
  expect(rows.drop("2")).toBe(false);
});

test("a row that cannot be stored is forgotten, and those who wait for it hear of it", async () => {
  const rows = new UnstoredRows(() => Promise.reject(new Error("the disk is full")));
  rows.add(row("1"), { a: 1 });
  await expect(rows.answer(answer("1"))).rejects.toThrow("the disk is full");
  expect(rows.has("1")).toBe(false);
});
