import { temporaryFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { asTyped, requireFeatures, requireWritable } from "./requirements.js";

const COLUMNS = { target: "y", time: "when", timeZone: "UTC", id: "name", textColumns: [], monitored: [], referenceRows: 1_000 };

test.each([
  [["a", "name"], 'cannot have its ids in the column "name", which the model takes as a feature: name another column with --id.'],
  [["when"], 'cannot have its event times in the column "when", which the model takes as a feature: name another column with --time.'],
  [["a", "y"], 'cannot have its labels in the column "y", which the model takes as a feature: name another column with --target.'],
  [["a", "c"], 'has no column "c", which the model takes as a feature: beside labels, times and ids it has "a", "b".'],
])("a model that takes %j is refused", (features, problem) => {
  expect(() => requireFeatures(features, "data.csv", COLUMNS, ["a", "b"])).toThrow(`The dataset data.csv ${problem}`);
});

test("a model may take event_time, which the column of times gives", () => {
  expect(() => requireFeatures(["b", "event_time"], "data.csv", COLUMNS, ["a", "b"])).not.toThrow();
});

test("a report is not written into a folder that is missing, nor in place of one", () => {
  const folder = temporaryFolder();
  expect(() => requireWritable(`${folder}/report.html`)).not.toThrow();
  expect(() => requireWritable(`${folder}/no/report.html`)).toThrow(/^The report could not be written to .*\/no\/report\.html: .*ENOENT/);
  expect(() => requireWritable(folder)).toThrow(
    `The report could not be written to ${folder}: it is a folder. Choose another file with --out.`,
  );
});

test("a message names the option that was given, and the setting if none was", () => {
  const said = 'The dataset data.csv has no column "prise": set TARGET_COLUMN to one of "price", "sold_at".';
  expect(asTyped(said, { target: "prise" })).toBe('The dataset data.csv has no column "prise": set --target to one of "price", "sold_at".');
  expect(asTyped(said, { time: "sold_at" })).toBe(said);
  expect(asTyped('set TIME_COLUMN to one of "a", or leave it empty.', { time: "wen" })).toBe('set --time to one of "a".');
});
