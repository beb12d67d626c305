import { CHAMPION, FEATURE_WINDOWS, writeFeatureWindows, type Bus, type DriftReport, type SavedFeatureWindow } from "@streamgauge/core";
import { FEATURE_REFERENCE, featureHours, until } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { testGateway } from "../testing/test-gateway.js";

const MONDAY = Date.UTC(2026, 0, 5);

function send(bus: Bus, windows: readonly SavedFeatureWindow[], partition: string): Promise<void> {
  const watermark = Math.max(...windows.map(({ start }) => start));
  const message = { lane: CHAMPION, partition, epoch: 1, watermark, references: [FEATURE_REFERENCE], windows };
  return bus.publish(FEATURE_WINDOWS, writeFeatureWindows(message));
}

async function drift(url: string, query = ""): Promise<DriftReport | null> {
  const response = await fetch(`${url}/drift${query}`);
  expect(response.status).toBe(200);
  return Object(await response.json()).drift;
}

test("the feature that has drifted, by hour, of all partitions together", { timeout: 60_000 }, async () => {
  const { url, link } = await testGateway();
  expect(await drift(url)).toBeNull();
  const later = (hour: number) => (hour < 2 ? 0 : 4);
  await send(link, featureHours({ first: MONDAY, hours: 4, rowsAnHour: 1_000, seed: 1, drift: later }), "champion-0");
  await send(link, featureHours({ first: MONDAY, hours: 4, rowsAnHour: 1_000, seed: 2, drift: later }), "champion-1");
  await until("all hours are stored", async () => (await drift(url))?.total.rows === 8_000);
  const all = await drift(url);
  expect([all?.model, all?.reference.sha256, all?.reference.rows]).toEqual(["m@1", "0cba33ef67f1", 1_000]);
  expect(all?.hours.map(({ start, rows }) => [start, rows])).toEqual([
    ["2026-01-05T00:00:00.000Z", 2_000],
    ["2026-01-05T01:00:00.000Z", 2_000],
    ["2026-01-05T02:00:00.000Z", 2_000],
    ["2026-01-05T03:00:00.000Z", 2_000],
  ]);
  const bmi = all?.hours.map(({ features }) => features.find(({ name }) => name === "bmi")?.drifted);
  expect(bmi).toEqual([false, false, true, true]);
  const before = await drift(url, "?to=2026-01-05T02:00:00Z");
  expect([before?.total.rows, before?.total.features.find(({ name }) => name === "bmi")?.drifted]).toEqual([4_000, false]);
  expect(before?.total.features.map(({ counts }) => counts.reduce((sum, each) => sum + each, 0))).toEqual([4_000, 4_000, 4_000]);
});

test("a model version of which there is nothing, and a range that ends before it begins", { timeout: 60_000 }, async () => {
  const { url } = await testGateway();
  const unknown = await fetch(`${url}/drift?model=m%402`);
  expect([unknown.status, Object(await unknown.json()).detail]).toEqual([
    404,
    'No hour of a model version "m@2" is kept with bins of its features. There are none yet.',
  ]);
  expect((await fetch(`${url}/drift?from=2026-01-06&to=2026-01-05`)).status).toBe(400);
});
