import { writeFileSync } from "node:fs";
import {
  MemoryBroker,
  MemoryBus,
  METRICS_EXCHANGE,
  readComparison,
  registryOf,
  topologyOf,
  type ComparisonNotice,
} from "@streamgauge/core";
import { captureLog, Inbox } from "@streamgauge/testing";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { expect, onTestFinished, test } from "vitest";
import { Comparison } from "./comparison.js";
import { comparisonNotice } from "./comparison-notice.js";
import { startComparisonPlot } from "./comparison-plot.js";
import { comparedLogs, LaneComparison } from "./lane-comparison.js";

const HEADER = "id,y_true,y_pred,absolute_error\n";
const lines = (rows: number, error: (row: number) => number) =>
  Array.from({ length: rows }, (_, row) => `r${row},${row},${row + error(row)},${error(row)}\n`).join("");

function logs(champion: string, challenger: string): string {
  const folder = temporaryFolder();
  const [[one = ""], [other = ""]] = comparedLogs(folder, "challenger", 1);
  writeFileSync(one, HEADER + champion);
  writeFileSync(other, HEADER + challenger);
  return folder;
}

test("what is broadcast are the figures of streamgauge compare", async () => {
  const logsDir = logs(
    lines(3_000, (row) => 2 + (row % 3)),
    lines(2_990, (row) => 1 + (row % 4)),
  );
  const broker = new MemoryBroker(topologyOf(["champion", "challenger"]));
  const { log } = captureLog();
  const [plot, gateway] = [new MemoryBus(broker, "plot", log), new MemoryBus(broker, "gateway", log)];
  const inbox = new Inbox();
  await gateway.subscribe(METRICS_EXCHANGE, "test", (delivery) => void inbox.handler(delivery));
  const running = await startComparisonPlot({ bus: plot, log, registry: registryOf("challenger"), logsDir, lane: "challenger" });
  onTestFinished(async () => running.close());
  const notice = readComparison(await inbox.one());
  const compared = new LaneComparison(...comparedLogs(logsDir, "challenger", 1));
  while (!(await compared.update()).caughtUp);
  const summary = compared.summary();
  expect(notice).toMatchObject({
    champion: "champion",
    challenger: "challenger",
    is_complete: true,
    rows: summary.rows,
    missed: summary.missed,
    champion_mae: summary.championMae,
    challenger_mae: summary.challengerMae,
    difference: summary.difference,
    verdict: summary.verdict,
    won: summary.won,
    lost: summary.lost,
    tied: summary.tied,
  });
  // Of 3,000 rows in the champion's log the other has the first 2,990.
  expect([notice?.rows, notice?.missed, notice?.verdict]).toEqual([2_990, 10, "challenger"]);
  expect(notice?.verdict_text).toBe("Challenger is better than champion");
  expect(notice?.history.at(-1)).toEqual({ rows: 2_990, ...summary.difference });
  expect(notice?.history.length).toBeGreaterThan(15);
  expect(notice?.history.length).toBeLessThanOrEqual(25);
});

test("without rows, and with errors beyond the largest double, figures are null", () => {
  const told = (add: (comparison: Comparison) => void): ComparisonNotice => {
    const comparison = new Comparison();
    add(comparison);
    const lanes = { champion: "champion", challenger: "b", unit: "", missed: 0, time: new Date(5) };
    return comparisonNotice({ ...comparison.summary(), ...lanes }, true);
  };
  const nothing = { champion_mae: null, challenger_mae: null, difference: null, verdict: "open", history: [] };
  expect(told(() => undefined)).toMatchObject({ ...nothing, rows: 0, time: 5 });
  const huge = told((comparison) => {
    for (let row = 0; row < 200; row += 1) comparison.add({ yTrue: 1, champion: Infinity, challenger: 1 });
  });
  expect(huge).toMatchObject({ ...nothing, challenger_mae: 1, rows: 200 });
});

test("a message of another type or shape is no comparison", () => {
  const body = (value: unknown) => Buffer.from(JSON.stringify(value));
  const delivery = { contentType: undefined, messageId: undefined, appId: undefined, timestamp: undefined, headers: {}, redeliveries: 0 };
  const source = { exchange: "metrics", routingKey: "", queue: "" };
  expect(readComparison({ ...delivery, source, type: "comparison", body: body({ rows: 1 }) })).toBe(undefined);
  expect(readComparison({ ...delivery, source, type: "comparison", body: Buffer.from("{") })).toBe(undefined);
  expect(readComparison({ ...delivery, source, type: "metric_rows", body: body({}) })).toBe(undefined);
});
