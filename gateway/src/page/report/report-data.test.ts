import { expect, test } from "vitest";
import { hours, MONDAY, reportAlarm, reportContent } from "../../testing/report-content.js";
import { packReport, unpackReport } from "./report-data.js";
import { reportTables } from "./report-tables.js";

test("a report is unpacked as it was, its windows with their times and alarms", () => {
  const content = reportContent(hours(40), { alarms: [reportAlarm(), reportAlarm({ row: 1_600, since_time: null, again: true })] });
  expect(content.windows[30]).toMatchObject({ start: "2026-01-06T06:00:00.000Z", end: "2026-01-06T07:00:00.000Z" });
  expect(content.windows[30]?.alarms).toHaveLength(2);
  expect(unpackReport(JSON.parse(JSON.stringify(packReport(content))))).toEqual(content);
});

test("a report without windows and alarms is unpacked as it was", () => {
  const content = reportContent([]);
  expect(unpackReport(JSON.parse(JSON.stringify(packReport(content))))).toEqual(content);
});

test("which figures are beyond the largest number is kept, also if the first window has none", () => {
  const HOUR = 3_600_000;
  const content = reportContent([
    { size: "1h", start: MONDAY, errors: [3, -1] },
    { size: "1h", start: MONDAY + HOUR, errors: [1e200, 3e200] },
    { size: "1h", start: MONDAY + 2 * HOUR, errors: [2] },
  ]);
  expect(content.windows[1]?.overflowed).toContain("rmse");
  const unpacked = unpackReport(JSON.parse(JSON.stringify(packReport(content))));
  expect(unpacked).toEqual(content);
  const errors = reportTables(unpacked).find(({ id }) => id === "errors");
  expect(errors?.columns.slice(3, 5)).toEqual(["MAE", "RMSE"]);
  expect(errors?.rows.map((row) => row.slice(3, 5))).toEqual([
    ["2", "2.2361"],
    ["2e200", "overflow"],
    ["2", "2"],
  ]);
});

test("names are written once, not for each window", () => {
  const text = JSON.stringify(packReport(reportContent(hours(40))).windows);
  expect(text.match(/"coverage"/g)).toHaveLength(1);
});
