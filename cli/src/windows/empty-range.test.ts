import { expect, test } from "vitest";
import { emptyRangeText } from "./empty-range.js";

test("of an empty range it says which windows there are", () => {
  const starts = [Date.UTC(2026, 0, 5), Date.UTC(2026, 0, 5, 7)];
  expect(emptyRangeText({ lane: "champion", what: "windows of 1h", starts, length: 3_600_000 })).toBe(
    "The range has no windows of 1h. Lane champion has windows of 1h from 2026-01-05 00:00 to 2026-01-05 08:00 UTC: choose --from and --to there.",
  );
  expect(emptyRangeText({ lane: "champion", what: "windows of 1h", starts: [], length: 3_600_000 })).toBe(
    "Lane champion has no windows of 1h yet.",
  );
});
