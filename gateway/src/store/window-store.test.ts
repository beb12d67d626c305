import { CHAMPION, LanePartition } from "@streamgauge/core";
import { captureLog } from "@streamgauge/testing";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { expect, onTestFinished, test } from "vitest";
import { savedWindow } from "../testing/published-windows.js";
import { Database } from "./database.js";
import { WindowStore } from "./window-store.js";

const MONDAY = Date.UTC(2026, 0, 5);
const HOUR = 3_600_000;
const HOURS = { lane: CHAMPION, size: "1h", from: -Infinity, to: Infinity } as const;

function openStore(): WindowStore {
  const database = new Database({ url: "", folder: temporaryFolder(), log: captureLog().log });
  onTestFinished(() => database.close());
  return new WindowStore(database);
}

test("a limit counts windows, each with all of its partitions", { timeout: 60_000 }, async () => {
  const store = openStore();
  const windows = (error: number) => [0, 1, 2, 3].map((hour) => savedWindow({ size: "1h", start: MONDAY + hour * HOUR, errors: [error] }));
  for (const [at, error] of [1, 2, 6].entries()) {
    const { name: partition } = new LanePartition(CHAMPION, at + 1, 3);
    const message = { lane: CHAMPION, partition, epoch: 1, watermark: MONDAY, windows: windows(error), alarms: [] };
    await store.put(message, new AbortController().signal);
  }
  const listed = await store.list(HOURS, 2, MONDAY);
  expect(listed.map(({ start, labelled, mae }) => [start, labelled, mae])).toEqual([
    ["2026-01-05T02:00:00.000Z", 3, 3],
    ["2026-01-05T03:00:00.000Z", 3, 3],
  ]);
  expect(await store.summary(HOURS, 2)).toMatchObject({ labelled: 6, mae: 3 });
});
