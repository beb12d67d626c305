import { codedHistory } from "@streamgauge/testing";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { logSegments, runSegments } from "./fixtures/segments-lane.js";

test("the rows of a segment are those of the history with its bins, the largest errors first", { timeout: 120_000 }, async () => {
  const logsDir = temporaryFolder();
  await logSegments(logsDir);
  const { codes, yPred, times } = codedHistory(Date.UTC(2026, 0, 5));
  const width = codes.layout.width;
  // bmi is the first column, and its bin 7 is from 5 to 6; labels are 0.
  const own = Array.from(yPred.keys()).filter((row) => codes.bytes[row * width] === 7);
  const worst = own.toSorted((one, other) => (yPred[other] ?? 0) - (yPred[one] ?? 0)).slice(0, 10);
  const { stdout: json, code } = await runSegments(logsDir, "--rows", "bmi 5 to 6", "--json");
  const { found } = JSON.parse(json);
  expect(code).toBe(0);
  expect(found).toMatchObject({
    segment: "bmi 5 to 6",
    model: "m@1",
    order: "worst",
    count: own.length,
    looked_at: 6000,
    is_whole: true,
    unanswered: [],
  });
  expect(found.rows).toEqual(
    worst.map((row) => ({
      id: `r${row}`,
      event_time: new Date(times[row] ?? 0).toISOString(),
      y_true: 0,
      first_y_true: 0,
      y_pred: yPred[row],
      absolute_error: yPred[row],
      row: row + 1,
      log: "metric_log.csv",
      bins: [
        { feature: "bmi", text: "bmi 5 to 6" },
        { feature: "city", text: `city "${["Rome", "Oslo", "Lima"][(codes.bytes[row * width + 1] ?? 0) - 3]}"` },
        { feature: "y_pred", text: "prediction 0 to 10" },
      ],
      prediction: null,
    })),
  );
  const latest = JSON.parse(
    (await runSegments(logsDir, "--rows", "bmi 5 to 6", "--latest", "--limit", "3", "--to", "2026-01-05T12:00:00Z", "--json")).stdout,
  ).found;
  const before = own.filter((row) => row < 3000);
  expect(latest.count).toBe(before.length);
  expect(latest.rows.map(({ id }: { id: string }) => id)).toEqual(
    before
      .toReversed()
      .slice(0, 3)
      .map((row) => `r${row}`),
  );
  const { stdout } = await runSegments(logsDir, "--rows", "bmi 5 to 6", "--limit", "2");
  expect(stdout).toMatch(
    /^id +event time \(UTC\) +y_true +y_pred +\|error\| +row\nr\d+ +2026-01-05 \d\d:\d\d:\d\d +0 +1\d\.\d+ +1\d\.\d+ +\d+\nr\d+ /,
  );
  expect(stdout).toContain(`\n\nThe 2 of ${own.length} rows of bmi 5 to 6 with the largest errors; m@1.\n`);
  expect(await runSegments(logsDir, "--rows", "bmi 5 to 7")).toEqual({
    stdout: "",
    stderr: expect.stringMatching(/^No segment of "m@1" is named "bmi 5 to 7"\. Those of "bmi" are .*"bmi 5 to 6", .*\n$/),
    code: 1,
  });
  const later = await runSegments(logsDir, "--rows", "bmi 5 to 6", "--from", "2026-01-07");
  expect(later.stdout).toMatch(/^The range has no hours with bins of features\./);
});
