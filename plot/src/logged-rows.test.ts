import { expect, test } from "vitest";
import { LoggedRows, type RowBatch, type RowSource } from "./logged-rows.js";

const NO_ROWS = new Float64Array();

function tailOf(...batches: (Partial<RowBatch> | undefined)[]): RowSource {
  return {
    next: () => {
      const batch = batches.shift();
      return Promise.resolve(
        batch && {
          startedOver: false,
          reachedEnd: false,
          yTrue: NO_ROWS,
          yPred: NO_ROWS,
          absoluteErrors: NO_ROWS,
          malformed: [],
          ...batch,
        },
      );
    },
  };
}

test("every batch is counted until the log's end", async () => {
  const tail = tailOf(
    { absoluteErrors: Float64Array.of(1, 2), malformed: [48] },
    { absoluteErrors: Float64Array.of(6), malformed: [96, 99], reachedEnd: true },
  );
  const logged = new LoggedRows(tail);
  expect(await logged.update()).toEqual({ changed: true, caughtUp: true });
  expect(logged.count).toBe(3);
  expect(logged.distribution().mean).toBe(3);
  expect(logged.malformed).toBe(3);
});

test("nothing new is no change", async () => {
  expect(await new LoggedRows(tailOf()).update()).toEqual({ changed: false, caughtUp: true });
});

test("a log that started over makes everything before it forgotten", async () => {
  const tail = tailOf(
    { absoluteErrors: Float64Array.of(9), malformed: [48] },
    { startedOver: true, absoluteErrors: Float64Array.of(4), reachedEnd: true },
  );
  const logged = new LoggedRows(tail);
  await logged.update();
  expect(logged.distribution()).toMatchObject({ count: 1, max: 4 });
  expect(logged.malformed).toBe(0);
});

test("a long log is read in several updates", async () => {
  const batches = Array.from({ length: 300 }, () => ({ absoluteErrors: Float64Array.of(1) }));
  const logged = new LoggedRows(tailOf(...batches));
  expect(await logged.update()).toEqual({ changed: true, caughtUp: false });
  expect(logged.count).toBe(256);
  expect(await logged.update()).toEqual({ changed: true, caughtUp: true });
  expect(logged.count).toBe(300);
});

test("errors whose sum, or which themselves, are beyond the largest double have no finite mean, and are counted", async () => {
  const logged = new LoggedRows(
    tailOf({ absoluteErrors: Float64Array.of(1, 1.7e308) }, { absoluteErrors: Float64Array.of(1.7e308), reachedEnd: true }),
  );
  await logged.update();
  expect(logged.distribution()).toMatchObject({ count: 3, mean: Infinity, median: 1.7e308, max: 1.7e308 });
  const beyond = new LoggedRows(tailOf({ absoluteErrors: Float64Array.of(1, 2, Infinity), reachedEnd: true }));
  await beyond.update();
  expect(beyond.distribution()).toMatchObject({ count: 3, mean: Infinity, median: 2, max: Infinity });
  expect(beyond.distribution().bins.reduce((sum, { count }) => sum + count, 0)).toBe(3);
});

test("all pictures count the rows of one reading, and forget them together when the log starts over", async () => {
  const rows = (yTrue: number, yPred: number) => ({
    yTrue: Float64Array.of(yTrue),
    yPred: Float64Array.of(yPred),
    absoluteErrors: Float64Array.of(Math.abs(yPred - yTrue)),
  });
  const logged = new LoggedRows(tailOf(rows(151, 206), { ...rows(75, 68), reachedEnd: true }, { startedOver: true, ...rows(1, 2) }));
  await logged.update();
  expect([logged.count, logged.pairs.points().count, logged.residuals.points().count]).toEqual([2, 2, 2]);
  await logged.update();
  expect([logged.count, logged.pairs.points().count, logged.residuals.points().count]).toEqual([1, 1, 1]);
});
