import { errorChangeOf } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { ErrorStatistics } from "../statistics/error-statistics.js";
import { forEachMetric } from "../statistics/metrics/metric-table.js";
import { LaneNotices, writeSums } from "./lane-notices.js";
import { readNotice, writeNotice, type MetricNotice } from "./metric-notice.js";

function notice(partition: string | undefined, yTrue: number[], yPred: number[], more: Partial<MetricNotice> = {}): MetricNotice {
  const errors = new ErrorStatistics();
  errors.add(Float64Array.from(yTrue), Float64Array.from(yPred));
  const sums = writeSums(errors.save());
  const part = partition === undefined ? {} : { partition, sums };
  // The figures of a partition are not those of the lane.
  const statistics = { count: yTrue.length, ...forEachMetric(() => 0) };
  return { lane: "champion", ...part, model: "m@1", unit: "", statistics, rows: [], ...more };
}

test("the figures of a lane are those of all rows of its partitions", () => {
  const lane = new LaneNotices();
  const first = notice("champion.1of2", [10, 20], [13, 19], { alarm: { state: "ok" }, hour: { predicted: 4, labelled: 2, mae: 2 } });
  const second = notice("champion.2of2", [30], [35], { alarm: { state: "worse", row: 7 }, hour: { predicted: 1, labelled: 1, mae: 5 } });
  expect(lane.take(first).statistics).toMatchObject({ count: 2, mae: 2 });
  const merged = lane.take(second);
  // Of the errors 3, −1, 5: numpy.
  expect(merged.statistics).toMatchObject({ count: 3, mae: 3, rmse: Math.sqrt(35 / 3), max_error: 5 });
  expect(merged.alarm).toEqual({ state: "worse", row: 7 });
  expect(merged.hour).toEqual({ predicted: 5, labelled: 3, mae: 3 });
});

test("of partitions in the same state the one speaks that noticed the change first; alerts are those of the one that looks at rules", () => {
  const change = errorChangeOf();
  const alerts = [
    { rule: "no-rows", kind: "no_rows", severity: "warning", summary: "No row came.", since: "2026-11-29T06:00:00.000Z" },
  ] as const;
  const lane = new LaneNotices();
  const later = { ...change, time: "2026-11-29T05:53:00.000Z" };
  lane.take(notice("champion.1of3", [1], [2], { alarm: { state: "worse", row: 9, change: later }, alerts }));
  lane.take(notice("champion.2of3", [1], [2], { alarm: { state: "worse", row: 7, change } }));
  const merged = lane.take(notice("champion.3of3", [1], [2], { alarm: { state: "better", row: 5 } }));
  expect(merged.alarm).toEqual({ state: "worse", row: 7, change });
  expect(merged.alerts).toEqual(alerts);
});

test("the sums of a partition stay while its notices come without", () => {
  const lane = new LaneNotices();
  lane.take(notice("champion.1of2", [10, 20], [13, 19]));
  const { sums: _sums, ...without } = notice("champion.1of2", [], []);
  expect(lane.take(without).statistics).toMatchObject({ count: 2, mae: 2 });
});

test("a lane with one partition keeps its notices as they are", () => {
  const whole = notice(undefined, [1], [2]);
  expect(new LaneNotices().take(whole)).toBe(whole);
});

test("the sums survive the way, and bad ones are passed over", () => {
  const message = writeNotice(notice("champion.1of2", [1e308, -1e308], [-1e308, 1e308]));
  const came = readNotice({
    ...message,
    messageId: "",
    appId: "",
    timestamp: 0,
    redeliveries: 0,
    source: { exchange: "", routingKey: "", queue: "" },
  });
  if (came === undefined) throw new Error("No notice.");
  expect(new LaneNotices().take(came).statistics.overflowed).toEqual(expect.arrayContaining(["mae", "rmse"]));
  expect(new LaneNotices().take({ ...came, sums: "{}" }).statistics.count).toBe(0);
});
