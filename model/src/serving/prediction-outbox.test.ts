import { MessageTooLargeError } from "@streamgauge/core";
import { expect, test } from "vitest";
import { predictedRows } from "./fixtures/rows.js";
import type { PredictedRows } from "./predict-rows.js";
import type { PredictionMessage } from "./prediction-message.js";
import { PredictionOutbox } from "./prediction-outbox.js";

const predicted = (prefix: string, rows = 1): PredictedRows =>
  predictedRows(
    prefix,
    Array.from({ length: rows }, () => 0),
  );

/** An outbox, and the ids of each message that it sends. */
function outbox(publish: (message: PredictionMessage) => Promise<void> = async () => undefined) {
  const sent: string[][] = [];
  const box = new PredictionOutbox((message) => {
    sent.push(message.predictions.ids.toArray());
    return publish(message);
  });
  return { box, sent };
}

test("what comes in one turn goes together, however many promises it waited for", async () => {
  const { box, sent } = outbox();
  const later = async (prefix: string, hops: number) => {
    for (let hop = 0; hop < hops; hop += 1) await Promise.resolve();
    await box.send(predicted(prefix));
  };
  await Promise.all([later("a", 0), later("b", 5), later("c", 1)]);
  expect(sent).toEqual([["a0", "c0", "b0"]]);
  await box.send(predicted("d"));
  expect(sent).toEqual([["a0", "c0", "b0"], ["d0"]]);
});

test("each is confirmed with its own message, and fails with it", async () => {
  const { box } = outbox(async ({ predictions }) => {
    if (predictions.ids.length === 64) throw new Error("no room");
  });
  const results = await Promise.allSettled([box.send(predicted("a")), box.send(predicted("b", 64)), box.send(predicted("c"))]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(results[1]).toMatchObject({ reason: new Error("no room") });
});

test("what is too large together goes apart, and only what is too large by itself fails", async () => {
  const { box, sent } = outbox(async ({ predictions }) => {
    const ids = predictions.ids.toArray();
    if (ids.length > 2 || ids.includes("b0")) throw new MessageTooLargeError(200, 100);
  });
  const results = await Promise.allSettled([box.send(predicted("a")), box.send(predicted("b")), box.send(predicted("c", 2))]);
  expect(sent).toEqual([["a0", "b0", "c0", "c1"], ["a0"], ["b0"], ["c0", "c1"]]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});
