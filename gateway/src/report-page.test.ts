import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DriftHours, foundIn, SegmentHours } from "@streamgauge/core";
import { FEATURE_REFERENCE, featureHours } from "@streamgauge/testing";
import { useBrowser, violationsOf, type Page } from "@streamgauge/testing/browser";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { describe, expect, test } from "vitest";
import type { ReportContent } from "./page/report/report-data.js";
import { reportTables } from "./page/report/report-tables.js";
import { fittingReport } from "./report/fitting-report.js";
import { hours, MONDAY, reportAlarm, reportContent } from "./testing/report-content.js";

const { open } = useBrowser();

/** Opens a report as a file; an error of it, or anything that it asks for, fails the test. */
async function openReport(content: ReportContent): Promise<Page> {
  const path = join(temporaryFolder(), "report.html");
  writeFileSync(path, fittingReport([content]).html);
  const url = pathToFileURL(path).href;
  const page = await open(url);
  await page.goto(url);
  return page;
}

const full = () => reportContent(hours(40), { alarms: [reportAlarm(), reportAlarm({ row: 1_600, again: true })] });
const canvasOf = (page: Page, id: string) => page.locator(`#${id} canvas`);
const headings = (page: Page) => page.locator("h2:visible").evaluateAll((all) => all.map((each) => each.innerText));
const cellsOf = (page: Page, id: string): Promise<string[][]> =>
  page.locator(`#${id}-rows tr`).evaluateAll((rows) => rows.map((row) => row.innerText.split("\t")));

describe("a report in a browser", () => {
  test("shows where the error is and what drifted, if the features are known", async () => {
    const windows = featureHours({ first: MONDAY, hours: 24, rowsAnHour: 500, seed: 1, factor: ([bmi]) => (bmi === 7 ? 4 : 1) });
    const [segments, drift] = [new SegmentHours(), new DriftHours(FEATURE_REFERENCE)];
    for (const window of windows) {
      segments.add(window);
      drift.add(window);
    }
    const found = foundIn({ model: "m@1", reference: FEATURE_REFERENCE, hours: segments }) ?? null;
    const page = await openReport(reportContent(hours(24), { drift: drift.found("m@1") ?? null, segments: found }));
    await page.getByText("One segment stands out: bmi 5 to 6.").waitFor();
    expect((await cellsOf(page, "segment"))[0]?.[0]).toBe("bmi 5 to 6");
    await page.locator("#drift-chart").focus();
    await page.keyboard.press("End");
    await page.locator("#drift-cell").getByText("The histogram is of the whole range").waitFor();
    expect(await violationsOf(page, ["serious", "critical"])).toEqual([]);
  });

  test("shows the charts of the live page and every figure in tables", async () => {
    const content = full();
    const page = await openReport(content);
    expect(await page.title()).toBe("Errors of champion, 2026-01-05 00:00 to 2026-01-06 16:00 UTC");
    for (const id of ["mae", "rmse", "bias", "p95", "coverage", "lag"]) await canvasOf(page, `${id}-chart`).waitFor();
    expect(await page.locator("#mae-chart").getAttribute("aria-label")).toBe(
      "MAE of 40 windows: the latest 5.3333, from 5 to 6. The arrow keys read one after another.",
    );
    expect(await headings(page)).toEqual([
      "The range as a whole",
      "MAE over time mean absolute error",
      "RMSE over time root mean squared error",
      "Bias over time mean of prediction − truth",
      "p95 over time 95 of 100 absolute errors are smaller",
      "Coverage share of the predictions with a label",
      "Label lag from the event to its label",
      "Absolute errors |prediction − truth|",
      "Errors with their sign prediction − truth",
      "Predicted against actual labels over predictions; on the dashed line they are equal",
      "MAE by tenth of the prediction",
      "Calibration by tenth mean label over mean prediction",
      "Residuals over the prediction mean of prediction − truth, ± one standard deviation",
      "Quantiles of the errors against those of the normal distribution (Q–Q)",
      "Worst rows the 10 rows of the range with the largest errors; a corrected row keeps the place of the largest error that it had",
      "Model versions",
      "Alarms on the error",
      "Windows: errors",
      "Windows: labels and estimate",
      "What the figures mean",
      "To get these figures again",
    ]);
    for (const { id, rows } of reportTables(content)) expect(await cellsOf(page, id)).toEqual(rows);
    expect(await page.locator("#absolute-histogram rect").count()).toBe(content.summary?.absolute.length);
    expect(await page.locator("#signed-histogram rect").count()).toBe(content.summary?.signed.length);
    expect(await page.locator("#density rect title").count()).toBe(content.summary?.pairs[0]?.cells.length);
    expect((await cellsOf(page, "worst")).map(([id, error]) => [id, error])).toEqual(
      content.summary?.worst.map(({ id, error }) => [id, String(error)]),
    );
    expect(await page.locator("#tenths rect").count()).toBe(10);
    for (const id of ["calibration", "residuals"]) {
      expect(await page.locator(`#${id} circle`).count()).toBe(10);
      expect((await cellsOf(page, id)).map(([tenth]) => tenth)).toEqual(Array.from({ length: 10 }, (_, i) => String(i + 1)));
    }
    // All labels of these windows are 10.
    for (const [, , , label] of await cellsOf(page, "calibration")) expect(label).toBe("10");
    expect(await page.locator("#quantiles circle").count()).toBe(content.summary?.error_quantiles.length);
    expect((await cellsOf(page, "tenths")).map(([, predicted]) => predicted)).toEqual(
      Array.from({ length: 10 }, (_, i) => (i < 6 ? "12" : "15")),
    );
  });

  test("of one version shows the figures that versions have", async () => {
    const page = await openReport(reportContent(hours(40), { model: "m@2" }));
    await canvasOf(page, "rmse-chart").waitFor();
    expect((await headings(page)).slice(1, 4)).toEqual([
      "MAE over time, m@2 mean absolute error",
      "RMSE over time, m@2 root mean squared error",
      "Bias over time, m@2 mean of prediction − truth",
    ]);
    expect(await page.locator("#mae-chart").getAttribute("aria-label")).toContain("MAE of 20 windows");
  });

  test("without windows says so, and what to do", async () => {
    const page = await openReport(reportContent([], { kept: { from: MONDAY, to: MONDAY + 3_600_000 } }));
    await page.getByText("The range has no windows. Lane champion has windows of 1 hour from 2026-01-05 00:00").waitFor();
    expect((await headings(page))[0]).toBe("What the figures mean");
    expect(await violationsOf(page)).toEqual([]);
  });

  test("shows names as text, whatever is in them", async () => {
    const evil = `</script><img src=x onerror="document.title='broken'">'&\u2028`;
    const shown = evil.replace("\u2028", String.raw`\u2028`);
    const page = await openReport(reportContent([{ size: "1h", start: MONDAY, errors: [1], model: evil, id: evil }], { lane: evil }));
    await canvasOf(page, "mae-chart").waitFor();
    expect((await cellsOf(page, "versions"))[0]?.[0]).toBe(shown);
    expect((await cellsOf(page, "worst"))[0]?.[0]).toBe(`${evil.slice(0, 47)}…`);
    expect(await page.locator("h1").textContent()).toBe(`Errors of ${shown}, 2026-01-05 00:00 to 2026-01-05 01:00 UTC`);
    expect(await page.locator("img").count()).toBe(0);
  });

  test("is read by who does not see it or its colours, at any width", async () => {
    const page = await openReport(full());
    await canvasOf(page, "lag-chart").waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await violationsOf(page)).toEqual([]);
    }
    for (const width of [360, 1200, 1920]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.locator("html").evaluate((element) => element.scrollWidth)).toBe(width);
    }
  });

  test("is printed in light colours, its charts in many dots, and no wider than paper", async () => {
    const page = await openReport(full());
    await page.emulateMedia({ colorScheme: "dark" });
    await canvasOf(page, "mae-chart").waitFor();
    await page.evaluate(`addEventListener("beforeprint", () => {
      const colour = getComputedStyle(document.body).getPropertyValue("--panel");
      window.printed = { width: document.querySelector("#mae-chart canvas").width, colour };
    })`);
    const pdf = await page.pdf({ format: "A4" });
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    // Of a chart of 703 pixels, less the rim of its panel.
    expect(await page.evaluate("window.printed")).toEqual({ width: expect.toSatisfy((width: number) => width > 1_900), colour: "#ffffff" });
    // A4 within its margins.
    await page.setViewportSize({ width: 703, height: 1_000 });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await page.locator("html").evaluate((element) => element.scrollWidth)).toBe(703);
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    await page.emulateMedia({ media: "screen", colorScheme: "dark" });
    expect(await page.evaluate("getComputedStyle(document.body).getPropertyValue('--panel')")).toBe("#1b2229");
  });
});
