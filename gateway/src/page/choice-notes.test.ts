import { expect, test } from "vitest";
import { hours, reportContent } from "../testing/report-content.js";
import { choiceNotes, choiceProblem, urlNotes } from "./choice-notes.js";
import { readChoice } from "./choice.js";
import type { LiveState } from "./live-state.js";

test.each([
  [
    "2026-11-28T12:00",
    "2026-11-28T09:00",
    "The range ends at 2026-11-28 09:00, and begins at 2026-11-28 12:00: choose an earlier From, or a later To.",
  ],
  [
    "2026-11-28T09:00",
    "2026-11-28T09:00",
    "The range ends at 2026-11-28 09:00, and begins at 2026-11-28 09:00: choose an earlier From, or a later To.",
  ],
  ["2026-11-28T09:00", "2026-11-28T09:01", undefined],
  ["2026-11-28T09:00", "", undefined],
  ["", "", undefined],
])("from %s to %s: %s", (from, to, problem) => {
  expect(choiceProblem({ lane: "champion", from, to })).toBe(problem);
});

test("a lane whose name is longer than any is not asked for", () => {
  const long = "x".repeat(129);
  expect(choiceProblem(readChoice(`?lane=${long}`))).toBe(
    `There is no window of lane ${long}: a lane has a shorter name. Choose another lane.`,
  );
  expect(choiceProblem(readChoice(`?lane=${"x".repeat(128)}`))).toBeUndefined();
});

const HEADLINE: LiveState["headline"] = {
  last_hour: null,
  rows_per_second: null,
  model: null,
  unit: "",
  alarm: null,
  lanes: ["champion", "next"],
};
const { windows } = reportContent(hours(2));
const model = windows[0]?.models[0]?.model ?? "";

test.each([
  [
    "a lane without windows is named, with those that there are",
    "zzz",
    "",
    [],
    ["There is no window of lane zzz. Lanes with windows: champion, next."],
  ],
  ["a lane that has windows elsewhere is not", "next", "", [], []],
  [
    "a model without windows is named",
    "champion",
    "zzz",
    windows,
    ["There is no window of model zzz in this range: choose another model, or another range."],
  ],
  ["a model that has some is not", "champion", model, windows, []],
  ["nothing is said before windows have come", "zzz", "zzz", undefined, []],
] as const)("%s", (_, lane, chosen, shown, notes) => {
  expect(choiceNotes({ lane, model: chosen }, { windows: shown, headline: HEADLINE })).toEqual(notes);
});

test.each([
  ["?lane=champion&size=1h&last=168&metric=bias&model=m%401", []],
  ["", []],
  [
    "?size=2h&last=0",
    [
      "The address has size=2h, which means nothing here: size=1m is shown.",
      "The address has last=0, which means nothing here: last=60 is shown.",
    ],
  ],
  [
    "?from=yesterday",
    [
      "The address has from=yesterday, which means nothing here: it is left out. A time is in UTC, such as from=2026-11-28T09:00, or a date.",
    ],
  ],
  [
    "?from=2026-11-28&to=28.11.2026",
    ["The address has to=28.11.2026, which means nothing here: it is left out. A time is in UTC, such as to=2026-11-28T09:00, or a date."],
  ],
  ["?from=2026-11-28T09:00:00Z&to=2026-11-28T09:00:30", []],
  ["?metric=p95&model=m%401", ["Windows have no p95 of a single model version: MAE is shown."]],
  ["?metric=p95&model=zzz", ["Windows have no p95 of a single model version: MAE is shown."]],
  ["?metric=p95", []],
  ["?metric=nice&model=m%401", ["The address has metric=nice, which means nothing here: metric=mae is shown."]],
  ["?modle=x", ["The address has modle=x, which this page does not know."]],
  ["?from=2026-11-28T09:00&last=5", ["The address has last=5, which means nothing here: it is left out."]],
])("of the URL %s is said %j", (search, notes) => {
  expect(urlNotes(search)).toEqual(notes);
});

test("every choice that is written is understood", () => {
  expect(readChoice("?model=a%20b").model).toBe("a b");
  expect(urlNotes("?model=a%20b")).toEqual([]);
});
