import { expect, test } from "vitest";
import { hours, reportAlarm, reportContent } from "../../testing/report-content.js";
import { packReport, unpackReport } from "./report-data.js";

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

test("names are written once, not for each window", () => {
  const text = JSON.stringify(packReport(reportContent(hours(40))).windows);
  expect(text.match(/"coverage"/g)).toHaveLength(1);
});
