import { METRICS_EXCHANGE, forEachMetric, statisticsJson, writeNotice, type Bus } from "@streamgauge/core";
import type { WindowJson } from "@streamgauge/core/windows";
import { freePorts, until } from "@streamgauge/testing";
import { useBrowser, violationsOf, type Page } from "@streamgauge/testing/browser";
import { describe, expect, test } from "vitest";
import { LIVE_COLUMNS, windowRows } from "./page/panels/window-table.js";
import { publishWindows, type TestWindow } from "./testing/published-windows.js";
import { testGateway } from "./testing/test-gateway.js";

const { open } = useBrowser();

const MONDAY = Date.UTC(2026, 0, 5);
const MINUTE = 60_000;
const LATER = Date.UTC(2100, 0, 1);
/** For a browser beside other work. */
const WITHIN = { timeout: 60_000 };

/** Minutes of a stream: errors around 5, and a new model half-way. */
function minutes(count: number): TestWindow[] {
  return Array.from({ length: count }, (_, i) => ({
    size: "1m" as const,
    start: MONDAY + i * MINUTE,
    errors: [4 + (i % 3), -(5 + (i % 2)), 6],
    unlabelled: i > count - 5 ? 3 : 0,
    finalAt: LATER,
    model: i < count / 2 ? "m@1" : "m@2",
    tenth: i % 10,
  }));
}

async function windowsOf(url: string, query = "size=1m"): Promise<WindowJson[]> {
  return Object(await (await fetch(`${url}/windows?${query}`)).json()).windows;
}

async function publish(bus: Bus, url: string, windows: readonly TestWindow[]): Promise<void> {
  await publishWindows(bus, windows);
  const last = windows.at(-1);
  await until("the windows are stored", async () =>
    (await windowsOf(url, `size=${last?.size}`)).some(
      ({ start, revision }) => Date.parse(start) === last?.start && revision === (last.revision ?? 1),
    ),
  );
}

const chart = (page: Page) => page.locator("#error-chart");
const tableOf = (page: Page) => page.locator("#window-rows tr").evaluateAll((rows) => rows.map((row) => row.innerText.split("\t")));

const seriousViolations = (page: Page) => violationsOf(page, ["serious", "critical"]);

describe("the live page", () => {
  test("tells a newcomer what to do, and fills by itself", async () => {
    const { url, link } = await testGateway();
    const page = await open(url);
    await page.goto(url);
    await page.getByRole("heading", { name: "No windows here yet" }).waitFor();
    expect(await page.locator("#example").textContent()).toContain(`curl ${new URL(url).host}/rows`);
    expect(await seriousViolations(page)).toEqual([]);
    await publish(link, url, [{ size: "1m", start: MONDAY, errors: [7], finalAt: LATER }]);
    await expect.poll(() => chart(page).getAttribute("aria-label"), { timeout: 60_000 }).toContain("MAE of 1 window: the latest 7,");
    await page.getByText("No windows here yet").waitFor({ state: "hidden" });
    await chart(page).locator("canvas").waitFor();
  });

  test("shows what GET /windows returns, and restates a window when a late label comes", async () => {
    const { url, link } = await testGateway();
    await publish(link, url, minutes(20));
    const page = await open(url);
    await page.goto(url);
    await page.getByText("The windows as a table").click();
    await expect.poll(() => tableOf(page), { timeout: 60_000 }).toEqual(windowRows(await windowsOf(url), LIVE_COLUMNS));
    expect((await windowsOf(url)).at(-1)).toMatchObject({ coverage: 0.5, state: "provisional" });
    await publish(link, url, [{ ...minutes(20)[19], size: "1m", start: MONDAY + 19 * MINUTE, errors: [100, 100], revision: 2 }]);
    await expect.poll(() => chart(page).getAttribute("aria-label"), { timeout: 60_000 }).toContain("the latest 100,");
    await expect.poll(() => tableOf(page), { timeout: 60_000 }).toEqual(windowRows(await windowsOf(url), LIVE_COLUMNS));
    const { summary } = Object(await (await fetch(`${url}/windows/summary?size=1m`)).json());
    await expect
      .poll(() => page.locator("#histogram rect title").evaluateAll((titles) => titles.map(({ textContent }) => textContent)), {
        timeout: 60_000,
      })
      .toHaveLength(summary.absolute.length);
    await page.getByText("first rows of m@2").first().waitFor();
    expect(await page.locator("#tenths rect").count()).toBe(10);
    const known = Object(summary).tenths.filter(({ labelled }: { labelled: number }) => labelled > 0).length;
    for (const id of ["calibration", "residuals"]) await expect.poll(() => page.locator(`#${id} circle`).count()).toBe(known);
    expect(await page.locator("#quantiles circle").count()).toBe(summary.error_quantiles.length);
    const [{ cells }] = Object(summary).pairs;
    expect(await page.locator("#density rect title").count()).toBe(cells.length);
    const href = await page.getByRole("link", { name: "All figures of these windows" }).getAttribute("href");
    expect(Object(await (await fetch(url + href)).json()).windows).toEqual(await windowsOf(url));
  });

  test("lists the worst rows, whatever their ids are; one that the gateway took leads to what is known of it", async () => {
    const { url, link, post } = await testGateway();
    const strange = `<img src=x onerror="alert(1)">${"ä".repeat(97)}`;
    expect((await post("/predictions", JSON.stringify({ id: "asked-0", features: { a: 1 } }))).status).toBe(202);
    await publish(link, url, [
      { size: "1m", start: MONDAY, errors: [-70], id: strange, finalAt: LATER },
      { size: "1m", start: MONDAY + MINUTE, errors: [5], id: "asked-", model: "m@2", finalAt: LATER },
    ]);
    const page = await open(url);
    await page.goto(url);
    const rows = page.locator("#worst-rows tr");
    await expect.poll(() => rows.count(), { timeout: 60_000 }).toBe(2);
    expect(await rows.evaluateAll((all) => all.map((row) => row.innerText.split("\t").slice(0, 4)))).toEqual([
      [`<img src=x onerror="alert(1)">${"ä".repeat(17)}…`, "−70", "−60", "10"],
      ["asked-0", "5", "15", "10"],
    ]);
    expect(await page.locator("table:has(#worst-rows) thead th").last().innerText()).toBe("Row of the log");
    await page.setViewportSize({ width: 390, height: 800 });
    // On a phone error, prediction and label are seen without scrolling, also of a long id.
    const label = await rows.first().locator("td").nth(2).boundingBox();
    expect((label?.x ?? Infinity) + (label?.width ?? 0)).toBeLessThan(390);
    const href = await rows.locator("a").getAttribute("href");
    expect(href).toBe("/predictions/asked-0");
    expect(Object(await (await fetch(url + href)).json()).id).toBe("asked-0");
    expect(await seriousViolations(page)).toEqual([]);
    for (const width of [390, 1200]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.locator("html").evaluate((element) => element.scrollWidth)).toBe(width);
    }
    await page.locator("#model").selectOption("m@2");
    await expect.poll(() => rows.count()).toBe(1);
  });

  test("says what of its URL there is not, and shows each character of a name", async () => {
    const { url, link } = await testGateway();
    await publish(link, url, [
      { size: "1m", start: MONDAY, errors: [5], id: " a  b\u3164\u202egnp.", model: "m\u2066@1", finalAt: LATER },
      { size: "1d", start: MONDAY, errors: [5], model: "m\u2066@1", finalAt: LATER },
    ]);
    const page = await open(url);
    const notes = page.locator("#choice-notes p");
    await page.goto(`${url}/?model=zzz&size=2h`);
    await expect
      .poll(() => notes.allInnerTexts(), { timeout: 60_000 })
      .toEqual([
        "The address has size=2h, which means nothing here: size=1m is shown.",
        "There is no window of model zzz in this range: choose another model, or another range.",
      ]);
    expect(await page.locator("#model option:checked").innerText()).toBe("zzz (no windows)");
    await page.locator("#model").selectOption(String.raw`m\u2066@1`);
    await expect.poll(() => notes.count()).toBe(0);
    expect(new URL(page.url()).searchParams.get("model")).toBe("m\u2066@1");
    expect(await page.locator("#worst-rows th").innerText()).toBe(String.raw` a  b\u3164\u202egnp.0`);
    await page.goto(`${url}/?lane=zzz`);
    await expect.poll(() => notes.allInnerTexts(), WITHIN).toEqual(["There is no window of lane zzz. Lanes with windows: champion."]);
    await page.goto(`${url}/?from=2026-01-06T00:00&to=2026-01-05T00:00`);
    await expect
      .poll(() => notes.allInnerTexts(), WITHIN)
      .toEqual(["The range ends at 2026-01-05 00:00, and begins at 2026-01-06 00:00: choose an earlier From, or a later To."]);
    expect(await page.locator("#panels").isVisible()).toBe(false);
    expect(await page.locator("#connection").innerText()).toBe("waits for a range");
    await page.goto(`${url}/?model=m%E2%81%A6%401&metric=p95`);
    await expect.poll(() => notes.allInnerTexts(), WITHIN).toEqual(["Windows have no p95 of a single model version: MAE is shown."]);
    await expect.poll(() => chart(page).getAttribute("aria-label"), WITHIN).toContain("MAE of 1 window: the latest 5,");
    expect(await page.locator("#metric option:checked").innerText()).toBe("MAE");
    const long = "x".repeat(129);
    await page.goto(`${url}/?lane=${long}`);
    await expect
      .poll(() => notes.allInnerTexts(), WITHIN)
      .toEqual([`There is no window of lane ${long}: a lane has a shorter name. Choose another lane.`]);
    expect(await page.locator("#connection").innerText()).toBe("waits for a lane");
    await page.locator("#lane").selectOption("champion");
    await expect.poll(() => page.locator("#connection").innerText(), WITHIN).toBe("live");
    await page.goto(`${url}/?from=2026-01-06T00:00:00Z&to=2026-01-05`);
    await expect.poll(() => notes.allInnerTexts(), WITHIN).toHaveLength(1);
    await page.locator("#to").fill("2026-01-07T00:00");
    await expect.poll(() => notes.count()).toBe(0);
  });

  test("reads a figure beyond the largest number as an overflow under the chart, and draws no normal distribution of such a spread", async () => {
    const { url, link } = await testGateway();
    await publish(link, url, [{ size: "1m", start: MONDAY, errors: [1e200, 3e200], tenth: 2, finalAt: LATER }]);
    const page = await open(url);
    await page.goto(`${url}/?metric=rmse`);
    const read = page.locator("#error-chart .u-legend .u-series");
    await expect.poll(() => read.last().locator(".u-value").textContent(), WITHIN).toBe("overflow");
    expect(await read.last().locator(".u-label").textContent()).toBe("RMSE");
    await expect.poll(() => page.locator("#quantiles circle").count(), WITHIN).toBe(5);
    expect(await page.locator("#quantiles .ideal").count()).toBe(0);
    expect(await page.locator("#quantiles-rows td:last-child").allTextContents()).toEqual(Array(5).fill("overflow"));
    await page.locator("#metric").selectOption("MAE");
    await expect.poll(() => read.last().locator(".u-value").textContent(), WITHIN).toBe("2e200");
  });

  test("keeps the choice in its URL", async () => {
    const { url, link } = await testGateway();
    await publish(link, url, minutes(4));
    await publish(link, url, [
      { size: "1h", start: MONDAY, errors: [2, -4], finalAt: LATER },
      { size: "1h", start: MONDAY + 60 * MINUTE, errors: [10], model: "m@2", finalAt: LATER },
    ]);
    const page = await open(url);
    await page.goto(url);
    await page.locator("#size").selectOption("hours");
    await page.locator("#metric").selectOption("RMSE");
    await expect.poll(() => chart(page).getAttribute("aria-label")).toContain("RMSE of 2 windows: the latest 10, from 3.1623 to 10.");
    expect(new URL(page.url()).search).toBe("?lane=champion&size=1h&last=72&metric=rmse");
    await page.locator("#model").selectOption("m@2");
    await expect.poll(() => chart(page).getAttribute("aria-label")).toContain("RMSE of 1 window: the latest 10");
    await page.reload();
    await expect.poll(() => chart(page).getAttribute("aria-label")).toContain("RMSE of 1 window: the latest 10");
    await page.locator("#range").selectOption("between two times");
    await page.locator("#from").fill("2026-01-05T00:00");
    await page.locator("#to").fill("2026-01-05T01:00");
    await page.locator("#model").selectOption("all versions");
    await expect.poll(() => chart(page).getAttribute("aria-label")).toContain("RMSE of 1 window: the latest 3.1623");
    await page.goBack();
    await expect.poll(() => page.locator("#model").inputValue()).toBe("m@2");
  });

  test("is read with the keyboard, and by who does not see it or its colours", async () => {
    const { url, link } = await testGateway();
    await publish(link, url, minutes(30));
    const page = await open(url);
    await page.goto(url);
    await chart(page).locator("canvas").waitFor();
    const statistics = statisticsJson(
      1,
      forEachMetric(() => 1),
    );
    const rows = [{ id: "row-1", y_true: 1, y_pred: 2, absolute_error: 1 }];
    link.broadcast(
      METRICS_EXCHANGE,
      writeNotice({ lane: "champion", model: "m@2", unit: "", statistics, alarm: { state: "worse", row: 9 }, rows }),
    );
    await page.getByText("error is worse", { exact: true }).waitFor();
    await chart(page).focus();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => chart(page).locator(".u-legend").innerText()).toContain("2026-01-05 00:28, provisional");
    await page.getByText("The windows as a table").click();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await seriousViolations(page)).toEqual([]);
    }
  });

  test("fits a window of any width", async () => {
    const { url, link } = await testGateway();
    await publish(link, url, minutes(60));
    const page = await open(url);
    await page.goto(url);
    await chart(page).locator("canvas").waitFor();
    await page.locator(".tile").first().waitFor();
    for (const width of [360, 1200, 1920]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.locator("html").evaluate((element) => element.scrollWidth)).toBe(width);
    }
  });

  test("takes less than 150 kB", async () => {
    const { url, link } = await testGateway();
    await publish(link, url, minutes(60));
    const page = await open(url);
    const sizes: Promise<number>[] = [];
    page.on("requestfinished", (request) => sizes.push(request.sizes().then((size) => size.responseBodySize + size.responseHeadersSize)));
    await page.goto(url);
    await expect.poll(() => chart(page).getAttribute("aria-label"), { timeout: 60_000 }).toContain("MAE of 60 windows");
    // What drifted, which the page asks for by itself.
    await page.getByText("Nothing is known of the features yet").waitFor();
    const files = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    // The events of sixty minutes, which do not end and so are not counted above.
    const ending = new AbortController();
    const events = await fetch(`${url}/events?size=1m&last=60`, { signal: ending.signal });
    const reader = events.body?.getReader();
    let text = "";
    while (!/event: summary\n.*\n\n/s.test(text)) text += Buffer.from((await reader?.read())?.value ?? []).toString();
    ending.abort();
    expect(files).toBeGreaterThan(30_000);
    expect(files + text.length).toBeLessThan(150_000);
  });

  test("goes on after a restart of the gateway, without a reload", async () => {
    const [port = 0] = await freePorts(1);
    const { gateway, url, link, bus, logsDir } = await testGateway({ GATEWAY_PORT: String(port) });
    await publish(link, url, minutes(3));
    // The browser itself reports that it cannot reach the gateway.
    const page = await open(url, /net::ERR_/);
    await page.goto(url);
    await expect.poll(() => chart(page).getAttribute("aria-label"), { timeout: 60_000 }).toContain("MAE of 3 windows");
    await page.evaluate("window.isSame = true");
    await gateway.close();
    await link.close();
    await page.getByText("reconnecting").waitFor();
    expect(await chart(page).getAttribute("aria-label")).toContain("MAE of 3 windows");
    const again = await testGateway({ GATEWAY_PORT: String(port), LOGS_DIR: logsDir }, { bus: bus("gateway-again") });
    expect(again.url).toBe(url);
    await publish(again.link, url, [{ size: "1m", start: MONDAY + 3 * MINUTE, errors: [9] }]);
    await expect.poll(() => chart(page).getAttribute("aria-label"), { timeout: 60_000 }).toContain("MAE of 4 windows: the latest 9,");
    expect(await page.locator("#connection").textContent()).toBe("live");
    expect(await page.evaluate("window.isSame")).toBe(true);
  });
});

test("if keys are needed to read, the page asks for one, and shows then what was asked for", async () => {
  const key = "read-0123456789abcdef";
  const { url, logs } = await testGateway({ READ_KEYS: key });
  expect(logs.lines.join("\n")).toContain("; reading needs a key.");
  // The browser reports the refusals itself.
  const page = await open(url, /status of 401/);
  await page.goto(`${url}/?size=1h`);
  await page.getByLabel("Key").fill("wrong-0123456789abcdef");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByText("The key is not known.").waitFor();
  expect(await seriousViolations(page)).toEqual([]);
  await page.getByLabel("Key").fill(key);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { name: "No windows here yet" }).waitFor();
  expect(new URL(page.url()).search).toBe("?size=1h");
  // Who comes back by a link of another site is known here.
  await page.goto(`${url}/login?to=%2Fjobs`);
  await page.getByRole("heading", { name: "New job" }).waitFor();
  await page.goto(`${url}/login?to=https%3A%2F%2Fevil.example`);
  await page.getByRole("heading", { name: "No windows here yet" }).waitFor();
});

test("a page may load nothing from elsewhere, and no code or style within itself", async () => {
  const { url } = await testGateway();
  for (const path of ["/", "/jobs"]) {
    const { headers, status } = await fetch(url + path, { headers: { accept: "text/html" } });
    expect([path, status, headers.get("content-security-policy")]).toEqual([
      path,
      200,
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ]);
  }
  const jobs = await fetch(`${url}/jobs`);
  expect([jobs.headers.get("content-type"), await jobs.json()]).toEqual(["application/json; charset=utf-8", { items: [] }]);
});

test("the files of the pages are compressed, and sent again only when they have changed", async () => {
  const { url } = await testGateway();
  const first = await fetch(`${url}/page/uplot.js`);
  expect([first.headers.get("content-encoding"), first.headers.get("content-type")]).toEqual(["gzip", "text/javascript; charset=utf-8"]);
  const etag = first.headers.get("etag") ?? "";
  expect((await fetch(`${url}/page/uplot.js`, { headers: { "if-none-match": etag } })).status).toBe(304);
  expect((await fetch(`${url}/page/..%2fpackage.json`)).status).toBe(404);
  const icon = await fetch(`${url}/favicon.ico`);
  expect([icon.status, icon.headers.get("content-type")]).toEqual([200, "image/svg+xml"]);
});
