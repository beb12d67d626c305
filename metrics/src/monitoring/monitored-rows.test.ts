import { freshFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { TestLane } from "../testing/test-lane.js";
import { EVENT, type NamedRow } from "./journal.js";
import { MonitoredRows } from "./monitored-rows.js";

const folder = freshFolder();
const NOON = Date.UTC(2026, 0, 31, 12);

test("a row that the journal of an earlier version does not name is known to be missing among the worst", async () => {
  const { join } = await TestLane.open(folder);
  const { windows: table, modelNames: names, pairGrids: grids, features: featureTables } = join.state.store;
  const rows = new MonitoredRows({
    table,
    names,
    grids,
    featureTables,
    retentionMs: 1_000,
    referenceRows: 1_000,
    coverage: 0.9,
    saved: undefined,
  });
  const apply = (yPred: number, row?: NamedRow) =>
    rows.apply({
      kind: EVENT.pair,
      tenth: 0,
      model: 0,
      eventTime: NOON,
      predictedAt: NOON,
      labelledAt: NOON,
      yTrue: 0,
      yPred,
      halfWidth: NaN,
      row,
      code: undefined,
      isPaired: false,
    });
  rows.begin(NOON);
  apply(7, { id: "a", line: 0 });
  apply(3);
  apply(2);
  apply(5, { id: "b", line: 3 });
  rows.windows.endCommit();
  const [minute] = rows.windows.range("1m", -Infinity, Infinity);
  expect([minute?.worst.map(({ id, peak }) => [id, peak]), minute?.worstMissing]).toEqual([
    [
      ["a", 7],
      ["b", 5],
    ],
    3,
  ]);
  await join.close();
});
