import { DEAD_EXCHANGE, DEAD_HEADER, DEAD_QUEUE, METRICS_EXCHANGE, writeComparison, type Bus, type Refusal } from "@streamgauge/core";
import { freePorts } from "@streamgauge/testing";
import { useBrowser, violationsOf, type Page } from "@streamgauge/testing/browser";
import { expect, test } from "vitest";
import { comparisonOf } from "./testing/comparison.js";
import { testGateway } from "./testing/test-gateway.js";

const { open } = useBrowser();

const serious = (page: Page) => violationsOf(page, ["serious", "critical"]);
const widths = async (page: Page) => {
  for (const width of [360, 1200, 1920]) {
    await page.setViewportSize({ width, height: 800 });
    expect(await page.locator("html").evaluate((element) => element.scrollWidth)).toBe(width);
  }
};

/** Makes a dead letter, as the service does. */
function refuse(bus: Bus, stage: string, refusals: readonly Refusal[]): Promise<void> {
  const headers = {
    [DEAD_HEADER.stage]: stage,
    [DEAD_HEADER.time]: "2026-11-28T09:00:00.000Z",
    [DEAD_HEADER.refusals]: JSON.stringify(refusals),
  };
  return bus.publish({ exchange: DEAD_EXCHANGE, routingKey: "" }, { body: Buffer.from("x"), contentType: "", type: "features", headers });
}

test("one line says that all is well, or what is wrong and what to do", async () => {
  const [nobody = 0] = await freePorts(1);
  const well = await testGateway();
  const page = await open(well.url);
  await page.goto(well.url);
  const health = (of: Page) => of.locator("#health");
  await health(page).getByText("All is well").waitFor();
  await expect.poll(() => page.locator("#health-facts").innerText()).toMatch(/^up: PGlite · nothing waits · [\d.]+ [GT]B free$/);
  await page.locator("#health-facts").click();
  await page.getByText("rows for the model (model.champion)").waitFor();
  expect(await serious(page)).toEqual([]);

  const ill = await testGateway({ STATUS_URLS: `model=http://127.0.0.1:${nobody}` });
  const other = await open(ill.url);
  await other.goto(ill.url);
  await health(other).getByText("Not all is well").waitFor();
  expect(await other.locator("#problems").innerText()).toContain("model does not answer. Start it, or check its address in STATUS_URLS.");
  expect(await serious(other)).toEqual([]);
});

test("dead letters are shown by reason, whatever is in them, and what to do", async () => {
  const { url, bus } = await testGateway();
  const model = bus("model");
  const page = await open(url);
  await page.goto(url);
  await page.getByText("All is well").waitFor();
  expect(await page.locator("#dead-letters").isVisible()).toBe(false);
  await Promise.all(
    Array.from({ length: 5_000 }, (_, i) => {
      const word = "abcdefghijklmnopqrstuvwxyzäöüß"[i % 30];
      return refuse(model, "model", [{ row: i % 7, id: `r${i}`, field: "bmi", reason: `it is ${word}${word}, got "${i}"` }]);
    }),
  );
  await refuse(bus("metrics"), "metrics", [
    { reason: `<img src=x onerror=alert(1)>\u202e${'<script>alert("1")</script>'.repeat(80)}`.slice(0, 2_000) },
  ]);
  const letters = page.locator("#dead-letters");
  await expect.poll(() => letters.innerText(), { timeout: 60_000 }).toContain("5,001 messages wait in the queue dead-letters");
  await page.locator("#problems").getByText("5,001 messages could not be used").waitFor();
  await page.locator("#problems").getByRole("link", { name: "Dead letters" }).click();
  expect(new URL(page.url()).hash).toBe("#dead-letters");
  expect(await letters.locator(".reasons").first().locator("li").count()).toBe(6);
  await letters.getByText("25 more kinds of reasons").click();
  const reasons = await letters.locator(".reason").allInnerTexts();
  expect(reasons).toHaveLength(31);
  expect(reasons[0]).toContain("<img src=x onerror=alert(1)>");
  expect(reasons).toContain("field bmi: it is aa, got …");
  const counts = (await letters.locator("li .note:nth-child(2)").allInnerTexts()).map((text) =>
    Number(/^([\d,]+) /.exec(text)?.[1]?.replace(",", "")),
  );
  expect(counts.reduce((sum, each) => sum + each, 0)).toBe(5_001);
  expect(await letters.innerText()).toContain("They are in the memory of this process and end with it");
  expect(await letters.locator("img, script").count()).toBe(0);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await serious(page)).toEqual([]);
  }
  await widths(page);
});

test("dead letters that are taken out of the queue are no longer shown", async () => {
  const { url, bus, link } = await testGateway();
  await refuse(bus("model"), "model", [{ reason: "the body is empty" }]);
  const page = await open(url);
  await page.goto(url);
  await page.locator("#dead-letters").getByText("the body is empty").waitFor();
  await link.drain(DEAD_QUEUE, 1, async () => ({ kind: "done" }));
  await page.locator("#dead-letters").waitFor({ state: "hidden" });
  await page.getByText("All is well").waitFor();
});

test("the champion is shown beside a challenger, as plot compares them", async () => {
  const { url, link } = await testGateway();
  const page = await open(url);
  await page.goto(url);
  await page.getByText("All is well").waitFor();
  const panel = page.locator("section", { hasText: "Champion beside challenger" }).last();
  expect(await panel.isVisible()).toBe(false);
  link.broadcast(METRICS_EXCHANGE, writeComparison(comparisonOf()));
  await panel.getByText("Champion is better than challenger.").waitFor();
  const text = await panel.innerText();
  for (const part of ["larger by 5 (4 to 6 mg; 95 % sure", "95 %: −6 to −4", "59.9 %", "As of 2026-11-28 09:30 UTC."])
    expect(text).toContain(part);
  await expect.poll(() => panel.locator("circle").count()).toBe(2);
  expect(await serious(page)).toEqual([]);
  await widths(page);
  link.broadcast(
    METRICS_EXCHANGE,
    writeComparison(comparisonOf({ challenger: "b", verdict_text: "Neither champion nor b is shown to be better" })),
  );
  await panel.getByText("Neither champion nor b is shown to be better.").waitFor();
  expect(await panel.locator(".compared").count()).toBe(2);
});
