import { expect, test } from "vitest";
import { noRowsText } from "./segments-table.js";

const MONDAY = Date.UTC(2026, 0, 5);

test("without segments it says whether hours, labels or the reference are missing", () => {
  const asked = { lane: "champion", from: MONDAY, to: MONDAY + 7_200_000 };
  expect(noRowsText([], asked)).toMatch(/They need a model with a reference/);
  expect(noRowsText([MONDAY + 3_600_000], asked)).toMatch(/^No row of these hours has a label yet/);
  expect(noRowsText([MONDAY + 7_200_000], asked)).toBe(
    "The range has no hours with bins of features. Lane champion has hours with bins of features from 2026-01-05 02:00 to 2026-01-05 03:00 UTC: choose --from and --to there.\n",
  );
  expect(noRowsText([MONDAY + 7_200_000], { ...asked, model: "m@1" })).toMatch(
    /^The range has no hours with bins of features of m@1\. Lane champion has hours with bins of features of m@1 from 2026-01-05 02:00 /,
  );
});
