import {
  CHAMPION,
  FEATURE_WINDOWS,
  layoutOf,
  METRICS_EXCHANGE,
  readSegmentRowsRequest,
  WINDOW_REQUESTS_EXCHANGE,
  writeFeatureWindows,
  writeSegmentRows,
  type Bus,
  type SegmentRowsAnswer,
  type SegmentRowsRequest,
} from "@streamgauge/core";
import { FEATURE_REFERENCE, featureHours, until } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { testGateway } from "../testing/test-gateway.js";

const MONDAY = Date.UTC(2026, 0, 5);

async function withHours(link: Bus, url: string): Promise<void> {
  const windows = featureHours({ first: MONDAY, hours: 1, rowsAnHour: 100, seed: 1 });
  const message = { lane: CHAMPION, partition: CHAMPION, epoch: 1, watermark: MONDAY, references: [FEATURE_REFERENCE], windows };
  await link.publish(FEATURE_WINDOWS, writeFeatureWindows(message));
  await until("they are stored", async () => Object(await (await fetch(`${url}/segments`)).json()).found !== null);
}

/** Answers as a partition of metrics. @returns what was asked. */
async function answering(bus: Bus, partition: string, rows: SegmentRowsAnswer["rows"], count: number): Promise<SegmentRowsRequest[]> {
  const asked: SegmentRowsRequest[] = [];
  await bus.subscribe(WINDOW_REQUESTS_EXCHANGE, partition, (delivery) => {
    const request = readSegmentRowsRequest(delivery);
    if (request === undefined) return;
    asked.push(request);
    const answer = { request: request.request, lane: CHAMPION, partition, count, lookedAt: 50, isWhole: true, rows };
    bus.broadcast(METRICS_EXCHANGE, writeSegmentRows(answer));
  });
  return asked;
}

async function get(url: string, query: Readonly<Record<string, string>>) {
  const response = await fetch(`${url}/segments/rows?${String(new URLSearchParams(query))}`);
  return { status: response.status, ...Object(await response.json()) };
}

test("rows of all partitions are one list; questions without an answer are refused with what to do", { timeout: 120_000 }, async () => {
  const { url, link, bus } = await testGateway();
  expect(await get(url, { segment: "bmi 5 to 6" })).toEqual({ status: 200, found: null });
  await withHours(link, url);
  expect(await get(url, { segment: "bmi 5 to 7" })).toMatchObject({
    status: 404,
    detail: expect.stringMatching(/^No segment of "m@1" is named "bmi 5 to 7"\. Those of "bmi" are .*"bmi 5 to 6", /),
  });
  expect((await get(url, {})).status).toBe(400);
  expect((await get(url, { segment: "bmi 5 to 6", limit: "101" })).status).toBe(400);
  expect((await get(url, { segment: "bmi 5 to 6", order: "best" })).status).toBe(400);
  expect((await get(url, { segment: "bmi 5 to 6", lane: "chalenger" })).status).toBe(404);
  // No metrics is there to answer.
  expect(await get(url, { segment: "bmi 5 to 6", order: "latest" })).toMatchObject({
    status: 503,
    detail:
      'The rows are not here: they are in the log of lane "champion", and no metrics of this lane answered. Start it, or ask again in a minute; ' +
      "where its log is, streamgauge segments --rows lists them without it.",
  });
  const row = { eventTime: MONDAY + 1_000, first: 1, yTrue: 1, codes: [7, 3, 2] };
  const asked = await answering(bus("metrics one"), "champion.1of2", [{ ...row, id: "a", line: 4, yPred: 3 }], 7);
  await answering(bus("metrics two"), "champion.2of2", [{ ...row, id: "b", line: 9, yPred: -8, first: 2 }], 5);
  const answer = await get(url, { segment: "bmi 5 to 6", from: "2026-01-05", to: "2026-01-06" });
  const places = [
    { feature: "bmi", text: "bmi 5 to 6" },
    { feature: "city", text: 'city "Rome"' },
    { feature: "y_pred", text: "prediction 0 to 10" },
  ];
  const listed = { event_time: "2026-01-05T00:00:01.000Z", y_true: 1, bins: places, prediction: null };
  expect(answer).toEqual({
    status: 200,
    found: {
      segment: "bmi 5 to 6",
      where: [{ feature: "bmi", kind: "range", from: 5, to: 6, texts: [] }],
      model: "m@1",
      order: "worst",
      count: 12,
      looked_at: 100,
      is_whole: true,
      unanswered: [],
      rows: [
        { id: "b", ...listed, first_y_true: 2, y_pred: -8, absolute_error: 9, row: 10, log: "metric_log.2of2.csv" },
        { id: "a", ...listed, first_y_true: 1, y_pred: 3, absolute_error: 2, row: 5, log: "metric_log.1of2.csv" },
      ],
    },
  });
  expect(asked).toEqual([
    {
      request: expect.any(String),
      lane: CHAMPION,
      model: "m@1",
      layout: layoutOf(FEATURE_REFERENCE).text,
      where: [{ column: 0, codes: [7] }],
      from: MONDAY,
      to: MONDAY + 86_400_000,
      order: "worst",
      limit: 10,
    },
  ]);
});
