import { expect, test } from "vitest";
import { comparisonOf } from "../testing/comparison.js";
import { comparisonNote, comparisonTiles } from "./comparison-texts.js";

const heard = { ...comparisonOf(), is_heard: true };

test("the figures of a comparison", () => {
  expect(comparisonTiles(heard).map(({ title, value, note }) => [title, value, note])).toEqual([
    ["MAE of champion", "40", ""],
    ["MAE of challenger", "45", ""],
    ["Difference", "−5", "95 %: −6 to −4"],
    ["challenger is closer", "40.0 %", "on 400 rows"],
    ["champion is closer", "59.9 %", "on 599 rows; equal on 1"],
    ["Rows of both", "1,000", ""],
    ["Missed by challenger", "1", "or not there yet"],
  ]);
});

test("are dashes without rows", () => {
  const none = { rows: 0, won: 0, lost: 0, tied: 0, missed: 0, champion_mae: null, challenger_mae: null, difference: null };
  expect(comparisonTiles({ ...heard, ...none }).map(({ value }) => value)).toEqual(["–", "–", "–", "–", "–", "0", "0"]);
});

test.each([
  [{}, "As of 2026-11-28 09:30 UTC."],
  [{ is_complete: false }, "As of 2026-11-28 09:30 UTC. The logs are still being read: the figures are of what was read so far."],
  [{ is_heard: false }, "As of 2026-11-28 09:30 UTC. The service plot, which compares the lanes, is not heard any more: start it again."],
])("of %j it says %s", (more, text) => {
  expect(comparisonNote({ ...heard, ...more })).toBe(text);
});
