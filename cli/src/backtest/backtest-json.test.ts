import { Ids } from "@streamgauge/core";
import { expect, test } from "vitest";
import { backtestJson } from "./backtest-json.js";

const nothing = new Float64Array();
const history = { ids: Ids.of([]), times: nothing, yTrue: nothing, yPred: nothing, model: "m@1", unit: "", heldOut: undefined };

test("alarms have the names and the times of the other JSON of the program", () => {
  const alarm = {
    number: 1,
    model: "m@1",
    kind: "worse" as const,
    row: 60,
    time: Date.UTC(2026, 0, 5),
    sinceRow: 50,
    sinceTime: Number.NaN,
    rowsSince: 11,
    meanBefore: 1,
    meanSince: Infinity,
    meanSinceLow: Number.NaN,
    meanSinceHigh: Number.NaN,
    baseline: 1.05,
    every: 100_000,
    raisedAt: Date.UTC(2026, 0, 6),
    again: false,
  };
  const none = {
    summary: undefined,
    firstRows: 0,
    drift: null,
    segments: null,
    fired: [],
    report: { html: "", says: "" },
    endedAt: 0,
    halfWidths: nothing,
  };
  expect(backtestJson({ model: "m@1", alarms: [alarm], ...none }, { history, refused: 0, reasons: [] }, undefined).alarms).toEqual([
    {
      number: 1,
      model: "m@1",
      kind: "worse",
      row: 60,
      time: "2026-01-05T00:00:00.000Z",
      since_row: 50,
      since_time: null,
      rows_since: 11,
      mean_before: 1,
      mean_since: null,
      mean_since_low: null,
      mean_since_high: null,
      baseline: 1.05,
      raised_at: "2026-01-06T00:00:00.000Z",
      again: false,
    },
  ]);
});
