import {
  CHAMPION,
  FEATURE_WINDOWS,
  METRICS_EXCHANGE,
  readSegmentRowsRequest,
  WINDOW_REQUESTS_EXCHANGE,
  writeFeatureWindows,
  writeSegmentRows,
} from "@streamgauge/core";
import { FEATURE_REFERENCE, featureHours, until } from "@streamgauge/testing";
import { useBrowser, violationsOf } from "@streamgauge/testing/browser";
import { expect, test } from "vitest";
import { publishWindows } from "./testing/published-windows.js";
import { testGateway } from "./testing/test-gateway.js";

const { open } = useBrowser();

const MONDAY = Date.UTC(2026, 0, 5);
const HOUR = 3_600_000;

test("the page shows what drifted and where the error is", { timeout: 120_000 }, async () => {
  const { url, link, bus } = await testGateway();
  const hours = Array.from({ length: 24 }, (_, i) => MONDAY + i * HOUR);
  await publishWindows(
    link,
    hours.map((start) => ({ size: "1h" as const, start, errors: [1, -2] })),
  );
  const page = await open(url);
  await page.goto(`${url}/?size=1h`);
  // Before there are windows of features.
  await page.getByText("Nothing is known of the features yet").waitFor();
  expect(await page.getByText("Where the error is").isVisible()).toBe(false);

  const windows = featureHours({
    first: MONDAY,
    hours: 24,
    rowsAnHour: 1000,
    seed: 4,
    factor: ([bmi]) => (bmi === 7 ? 4 : 1),
    drift: (hour) => (hour === 23 ? 5 : 0),
  });
  const message = { lane: CHAMPION, partition: CHAMPION, epoch: 1, watermark: MONDAY, references: [FEATURE_REFERENCE], windows };
  await link.publish(FEATURE_WINDOWS, writeFeatureWindows(message));
  await until("they are stored", async () => Object(await (await fetch(`${url}/drift/map`)).json()).found?.times.length === 24);
  await page.reload();
  await page.getByText("One segment stands out: bmi 5 to 6.").waitFor();
  expect(await page.locator("#segment-rows tr").first().innerText()).toMatch(/^bmi 5 to 6\t1,\d\d\d\t[34]\.\d+\t(?:0\.9|1\.0)\d*\t/);

  // The rows of a segment, as metrics answers.
  const metrics = bus("metrics");
  await metrics.subscribe(WINDOW_REQUESTS_EXCHANGE, "metrics", (delivery) => {
    const asked = readSegmentRowsRequest(delivery);
    if (asked === undefined) return;
    const row = { eventTime: MONDAY + 1_000, first: 1, yTrue: 1, codes: [7, 3, 2] };
    const worst = { ...row, id: "far off", line: 4, yPred: 30, first: 2 };
    const rows =
      asked.order === "worst" ? [worst, { ...row, id: "near", line: 9, yPred: 2 }] : [{ ...row, id: "last", line: 1234, yPred: 2 }];
    metrics.broadcast(
      METRICS_EXCHANGE,
      writeSegmentRows({
        request: asked.request,
        lane: CHAMPION,
        partition: CHAMPION,
        count: 1_200,
        lookedAt: 24_000,
        isWhole: true,
        rows,
      }),
    );
  });
  const opening = page.getByRole("button", { name: "bmi 5 to 6" });
  await opening.click();
  await page.getByText("The 2 rows of 1,200 of bmi 5 to 6 with the largest errors.").waitFor();
  expect(await page.locator("#rows-of-segment tr").allInnerTexts()).toEqual([
    'far off\t29\t30\t1 (corrected, was 2)\t2026-01-05 00:00:01\t5\tcity "Rome"; prediction 0 to 10',
    'near\t1\t2\t1\t2026-01-05 00:00:01\t10\tcity "Rome"; prediction 0 to 10',
  ]);
  expect(await opening.getAttribute("aria-expanded")).toBe("true");
  await page.getByRole("button", { name: "Latest" }).click();
  await page.getByText("The 1 row of 1,200 of bmi 5 to 6 that happened last.").waitFor();
  expect(await page.locator("#rows-of-segment tr").allInnerTexts()).toEqual([
    'last\t1\t2\t1\t2026-01-05 00:00:01\t1,235\tcity "Rome"; prediction 0 to 10',
  ]);
  // Closed and opened with the keyboard too.
  await opening.focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => page.locator("#opened-segment").count()).toBe(0);
  await page.keyboard.press("Space");
  await page.getByText("The 1 row of 1,200 of bmi 5 to 6 that happened last.").waitFor();

  const map = page.locator("#drift-chart");
  // Three features, 24 hours, and the frame of what is chosen.
  expect(await map.locator("rect").count()).toBe(3 * 24 + 1);
  await map.focus();
  await page.keyboard.press("End");
  await page.locator("#drift-cell").getByText("bmi, 2026-01-05 23:00 to 2026-01-06 00:00 UTC").waitFor();
  await page.getByText("The two histograms as a table").click();
  // Of this hour nothing is below 5.
  await expect.poll(() => page.locator("#drift-rows tr").first().innerText(), { timeout: 30_000 }).toBe("0 to 1\t0.0 %\t5.0 %");
  await map.locator('[data-cell="2 3"]').click();
  await page.locator("#drift-cell").getByText("y_pred, 2026-01-05 03:00 to 2026-01-05 04:00 UTC").waitFor();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await violationsOf(page, ["serious", "critical"])).toEqual([]);
  }
  await page.setViewportSize({ width: 390, height: 800 });
  await expect.poll(() => page.locator("html").evaluate((html) => html.scrollWidth)).toBe(390);
});
