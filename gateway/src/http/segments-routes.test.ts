import { CHAMPION, FEATURE_WINDOWS, writeFeatureWindows, type Bus, type SavedFeatureWindow, type SegmentsJson } from "@streamgauge/core";
import { FEATURE_REFERENCE, featureHours, until } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { testGateway } from "../testing/test-gateway.js";

const MONDAY = Date.UTC(2026, 0, 5);
const TUESDAY = MONDAY + 86_400_000;
/** bmi from 5 to 6. */
const hot = (codes: Uint8Array) => (codes[0] === 7 ? 4 : 1);

function send(bus: Bus, windows: readonly SavedFeatureWindow[], partition = CHAMPION, epoch = 1): Promise<void> {
  const watermark = Math.max(...windows.map(({ start }) => start));
  return bus.publish(
    FEATURE_WINDOWS,
    writeFeatureWindows({ lane: CHAMPION, partition, epoch, watermark, references: [FEATURE_REFERENCE], windows }),
  );
}

async function found(url: string, query = ""): Promise<SegmentsJson | null> {
  const response = await fetch(`${url}/segments${query}`);
  expect(response.status).toBe(200);
  return Object(await response.json()).found;
}

test("the segment with the excess error is found in the hours of all partitions", { timeout: 60_000 }, async () => {
  const { url, link } = await testGateway();
  expect(await found(url)).toBeNull();
  await send(link, featureHours({ first: MONDAY, hours: 6, rowsAnHour: 500, seed: 1, factor: hot }), "champion-0");
  await send(link, featureHours({ first: MONDAY, hours: 6, rowsAnHour: 500, seed: 2, factor: hot }), "champion-1");
  await until("all hours are stored", async () => (await found(url))?.rows === 6000);
  const all = await found(url);
  expect([all?.model, all?.hours, all?.standing_out, all?.segments[0]?.text]).toEqual(["m@1", 6, 1, "bmi 5 to 6"]);
  const some = await found(url, "?from=2026-01-05T02:00:00Z&to=2026-01-05T04:00:00Z");
  expect([some?.start, some?.end, some?.rows]).toEqual(["2026-01-05T02:00:00.000Z", "2026-01-05T04:00:00.000Z", 2000]);
});

test("a later revision of an hour takes its place, and an earlier one does not", { timeout: 60_000 }, async () => {
  const { url, link } = await testGateway();
  const [hour] = featureHours({ first: MONDAY, hours: 1, rowsAnHour: 500, seed: 1 });
  const [more] = featureHours({ first: MONDAY, hours: 1, rowsAnHour: 600, seed: 1 });
  if (hour === undefined || more === undefined) throw new Error("no hours");
  await send(link, [hour]);
  await send(link, [{ ...more, revision: 2 }]);
  await send(link, [hour]);
  const [next] = featureHours({ first: MONDAY + 3_600_000, hours: 1, rowsAnHour: 100, seed: 2 });
  await send(link, next === undefined ? [] : [next]);
  await until("the last one is stored", async () => (await found(url))?.hours === 2);
  expect((await found(url))?.rows).toBe(700);
});

test("a version is compared with its own earlier hours", { timeout: 60_000 }, async () => {
  const { url, link } = await testGateway();
  await send(link, featureHours({ first: MONDAY, hours: 12, rowsAnHour: 500, seed: 1 }));
  await send(link, featureHours({ first: TUESDAY, hours: 6, rowsAnHour: 1000, seed: 2, factor: hot }));
  await send(link, featureHours({ first: TUESDAY, hours: 1, rowsAnHour: 100, seed: 3, model: "m@0" }));
  await until("all are stored", async () => (await found(url, "?model=m%400"))?.rows === 100);
  const beside = await found(url, "?from=2026-01-06&earlier_from=2026-01-05");
  expect(beside?.earlier).toMatchObject({ start: "2026-01-05T00:00:00.000Z", end: "2026-01-05T12:00:00.000Z", rows: 6000 });
  expect([beside?.model, beside?.rows, beside?.standing_out, beside?.segments[0]?.text]).toEqual(["m@1", 6000, 1, "bmi 5 to 6"]);
  const response = await fetch(`${url}/segments?from=2026-01-06&model=m%401&earlier_from=2025-01-01&earlier_to=2025-02-01`);
  expect([response.status, Object(await response.json()).detail]).toEqual([
    404,
    'The hours to compare with have no labelled row of "m@1": before those that are compared, its labelled rows are in the hours from 2026-01-05T00:00:00.000Z to 2026-01-05T12:00:00.000Z. ' +
      "Choose from these, or give no hours to compare with: then each segment is compared with all other rows.",
  ]);
  const first = await fetch(`${url}/segments?from=2026-01-05&model=m%401&earlier_from=2026-01-04`);
  expect([first.status, Object(await first.json()).detail]).toEqual([
    404,
    'Before the hours that are compared there is no labelled row of "m@1": let them begin later, ' +
      "or give no hours to compare with: then each segment is compared with all other rows.",
  ]);
});

test("questions that mean nothing are refused with what to do", { timeout: 60_000 }, async () => {
  const { url, link } = await testGateway();
  await send(link, featureHours({ first: MONDAY, hours: 1, rowsAnHour: 100, seed: 1 }));
  await until("it is stored", async () => (await found(url)) !== null);
  const refused = async (query: string) => {
    const response = await fetch(`${url}/segments?${query}`);
    return [response.status, Object(await response.json()).detail];
  };
  expect(await refused("lane=chalenger")).toEqual([404, 'No row of a lane "chalenger" has come: check its name. Lanes are "champion".']);
  expect(await refused("earlier_from=2026-01-05")).toEqual([
    400,
    "Earlier hours are those before from, which is not given: set from to where the range begins.",
  ]);
  expect(await refused("from=2026-01-06&earlier_from=2026-01-07")).toEqual([400, 'earlier_from is "2026-01-07": it must be before from.']);
  expect(await refused("from=2026-01-06&earlier_to=2026-01-07")).toEqual([
    400,
    'from is "2026-01-06" and earlier_to is "2026-01-07": the earlier hours must end at from or before it.',
  ]);
});

test("drift over time, and of a single hour with its bins", { timeout: 60_000 }, async () => {
  const { url, link } = await testGateway();
  const drift = async (query = "") => Object(await (await fetch(`${url}/drift/map${query}`)).json()).found;
  expect(await drift()).toBeNull();
  await send(link, featureHours({ first: MONDAY, hours: 4, rowsAnHour: 2000, seed: 4, drift: (hour) => (hour === 3 ? 5 : 0) }));
  await until("all are stored", async () => (await drift())?.rows === 8000);
  const { times } = await drift();
  expect(times.map(({ drifted }: { drifted: boolean[] }) => drifted[0])).toEqual([false, false, false, true]);
  const hour = await drift("?from=2026-01-05T03:00:00Z&to=2026-01-05T04:00:00Z");
  expect([hour.rows, hour.times.length, hour.features[0].name, hour.features[0].drifted]).toEqual([2000, 1, "bmi", true]);
  // The first five bins are empty: every row has moved by five.
  expect(hour.features[0].counts.slice(0, 7)).toEqual([0, 0, 0, 0, 0, 0, 0]);
});

test.each(["segments", "drift", "drift/map"])("/%s of a model version of which there is nothing names those there are", async (path) => {
  const { url, link } = await testGateway();
  const asked = async (query: string) => {
    const response = await fetch(`${url}/${path}?${query}`);
    return [response.status, Object(await response.json()).detail];
  };
  const nothing = (version: string) => `No hour of a model version ${version} is kept with bins of its features.`;
  expect(await asked("model=m%409")).toEqual([404, `${nothing('"m@9"')} There are none yet.`]);
  await send(link, featureHours({ first: MONDAY, hours: 1, rowsAnHour: 100, seed: 1 }));
  await until("it is stored", async () => (await found(url)) !== null);
  expect(await asked("model=m%409")).toEqual([404, `${nothing('"m@9"')} They are "m@1".`]);
  expect(await asked("model=%00")).toEqual([404, `${nothing(String.raw`"\u0000"`)} They are "m@1".`]);
  // It has hours, but not in this range.
  expect((await asked("model=m%401&from=2026-01-06"))[0]).toBe(200);
});
