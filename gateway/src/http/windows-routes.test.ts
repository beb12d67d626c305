import { CHAMPION, LanePartition, WINDOWS, type Message } from "@streamgauge/core";
import { ErrorWindow, writeWindowMessage, type DeadLettersEvent, type SavedWindow } from "@streamgauge/core/windows";
import { labelOne, until } from "@streamgauge/testing";
import { describe, expect, test } from "vitest";
import { eventsOf } from "../testing/events.js";
import { testGateway } from "../testing/test-gateway.js";

const MONDAY = Date.UTC(2026, 0, 5);

function window(size: "1m" | "1h" | "1d", start: number, revision: number, errors: readonly number[]): SavedWindow {
  const made = new ErrorWindow(size, start);
  for (const error of errors) {
    made.predict(10, start);
    labelOne(made, { yTrue: 10, yPred: 10 + error, lagMs: 2_000, model: "m@1", tenth: 10 });
  }
  made.revision = revision;
  return made.save();
}

async function windowsOf(
  url: string,
  query = "size=1h",
): Promise<{ start: string; revision: number; labelled: number; mae: number | null }[]> {
  const response = await fetch(`${url}/windows?${query}`);
  expect(response.status).toBe(200);
  const { windows } = Object(await response.json());
  return windows;
}

/** A message of windows with other bytes. @param change - makes of each window what another version has. */
function otherMessage(
  windows: readonly SavedWindow[],
  change: (window: object, i: number) => object,
  without: readonly string[] = [],
): Message {
  const message = writeWindowMessage({ lane: CHAMPION, partition: CHAMPION, epoch: 1, watermark: MONDAY, windows, alarms: [] });
  const body = Object(JSON.parse(message.body.toString()));
  for (const name of without) Reflect.deleteProperty(body, name);
  return { ...message, body: Buffer.from(JSON.stringify({ ...body, windows: body.windows.map(change) })) };
}

describe("windows of a metrics of another version", () => {
  test("are taken if it is an earlier one, also without what is new", { timeout: 60_000 }, async () => {
    const { url, link } = await testGateway();
    const toFirst = (window: object) => {
      const { corrected: _corrected, older: _older, worst: _worst, worstMissing: _missing, ...first } = Object(window);
      return { ...first, version: 1 };
    };
    const toSecond = (window: object) => ({ ...window, version: 2, worstMissing: undefined });
    await link.publish(WINDOWS, otherMessage([window("1h", MONDAY, 1, [3])], toFirst, ["alarms"]));
    await link.publish(WINDOWS, otherMessage([window("1h", MONDAY + 3_600_000, 1, [5])], toSecond));
    await until("both are stored", async () => (await windowsOf(url)).map(({ mae }) => mae).join() === "3,5");
    const { summary } = Object(await (await fetch(`${url}/windows/summary?size=1h`)).json());
    expect([summary.labelled, summary.mae, summary.worst, summary.worst_certain]).toEqual([2, 4, [], 0]);
  });

  test("that cannot be read do not hold up the others, and are dead letters", { timeout: 60_000 }, async () => {
    const { url, link } = await testGateway();
    const windows = [0, 1, 2].map((hour) => window("1h", MONDAY + hour * 3_600_000, 1, [hour]));
    const change = (each: object, i: number) => ({
      ...each,
      ...(i === 0 ? { version: 9 } : {}),
      ...(i === 1 ? { labelled: -1 } : {}),
      later: true,
    });
    await link.publish(WINDOWS, otherMessage(windows, change));
    await until("the one that can be read is stored", async () => (await windowsOf(url)).length === 1);
    expect((await windowsOf(url)).map(({ mae }) => mae)).toEqual([2]);
    const { groups } = await eventsOf<DeadLettersEvent>(url, "dead_letters").until(({ waiting }) => waiting === 1);
    expect(groups.map(({ stage, reason }) => [stage, reason])).toEqual([
      [
        "gateway",
        "field windows/0: the window has format 9, of a later version of metrics; this gateway knows up to 4: upgrade it, and it asks for all windows again; " +
          "field windows/1: /labelled must be >= 0",
      ],
    ]);
  });
});

describe("GET /windows", () => {
  test("gives the windows of a lane, each as it was sent last", { timeout: 60_000 }, async () => {
    const { url, link } = await testGateway();
    const message = (epoch: number, ...windows: SavedWindow[]) =>
      writeWindowMessage({ lane: CHAMPION, partition: CHAMPION, epoch, watermark: MONDAY + 3_600_000, windows, alarms: [] });
    await link.publish(WINDOWS, message(1, window("1h", MONDAY, 2, [3, -1]), window("1h", MONDAY + 3_600_000, 1, [5])));
    // Older ones come late, or twice.
    await link.publish(WINDOWS, message(1, window("1h", MONDAY, 1, [3])));
    await link.publish(WINDOWS, message(1, window("1h", MONDAY + 3_600_000, 2, [5, 0])));
    await until("the last message is stored", async () => (await windowsOf(url)).at(-1)?.revision === 2);
    const windows = await windowsOf(url);
    expect(windows.map(({ start, revision, labelled, mae }) => [start, revision, labelled, mae])).toEqual([
      ["2026-01-05T00:00:00.000Z", 2, 2, 2],
      ["2026-01-05T01:00:00.000Z", 2, 2, 2.5],
    ]);
    expect(windows[0]).toMatchObject({
      end: "2026-01-05T01:00:00.000Z",
      state: "final",
      predicted: 2,
      coverage: 1,
      bias: 1,
      lag_p50_s: 1.28,
    });
    expect(await windowsOf(url, "size=1h&from=2026-01-05T01:00:00Z")).toHaveLength(1);
    expect(await windowsOf(url, "size=1h&from=2026-01-05T01:00")).toHaveLength(1);
    expect(await windowsOf(url, `size=1h&to=${MONDAY + 3_600_000}`)).toHaveLength(1);
    expect(await windowsOf(url, "size=1m")).toEqual([]);
    for (const path of ["windows", "windows/summary"]) {
      const unknown = await fetch(`${url}/${path}?lane=chalenger&size=1h`);
      expect([unknown.status, Object(await unknown.json()).detail]).toEqual([
        404,
        'No row of a lane "chalenger" has come: check its name. Lanes are "champion".',
      ]);
    }
    // A new state counts its revisions anew.
    await link.publish(WINDOWS, message(2, window("1h", MONDAY, 1, [7])));
    await until("the new state is stored", async () => (await windowsOf(url))[0]?.mae === 7);
  });

  test("adds the partitions of a lane", { timeout: 60_000 }, async () => {
    const { url, link } = await testGateway();
    for (const [index, errors] of [
      [1, [1, 3]],
      [2, [8]],
    ] as const) {
      const { name: partition } = new LanePartition(CHAMPION, index, 2);
      const windows = [window("1d", MONDAY, 1, errors)];
      await link.publish(WINDOWS, writeWindowMessage({ lane: CHAMPION, partition, epoch: 1, watermark: MONDAY, windows, alarms: [] }));
    }
    await until("both parts are stored", async () => (await windowsOf(url, "size=1d"))[0]?.labelled === 3);
    const { summary } = Object(await (await fetch(`${url}/windows/summary?size=1d`)).json());
    expect(summary).toMatchObject({ windows: 1, start: "2026-01-05T00:00:00.000Z", predicted: 3, labelled: 3, mae: 4, max_error: 8 });
    expect(await windowsOf(url, "size=1d")).toMatchObject([{ predicted: 3, labelled: 3, mae: 4, p50: expect.closeTo(3, 1) }]);
  });

  test("forgets the partitions of before when the lane was divided anew: their rows would count twice", { timeout: 60_000 }, async () => {
    const { url, link } = await testGateway();
    const send = (partition: string, revision: number, errors: number[]) => {
      const windows = [window("1d", MONDAY, revision, errors)];
      return link.publish(WINDOWS, writeWindowMessage({ lane: CHAMPION, partition, epoch: 1, watermark: MONDAY, windows, alarms: [] }));
    };
    await send(CHAMPION, 1, [1, 3, 8]);
    await until("the window of one partition is stored", async () => (await windowsOf(url, "size=1d"))[0]?.labelled === 3);
    await send("champion.1of2", 10, [1, 3]);
    await send("champion.2of2", 100, [8]);
    await until("both parts are stored, and nothing else", async () => (await windowsOf(url, "size=1d"))[0]?.revision === 110);
    expect(await windowsOf(url, "size=1d")).toMatchObject([{ predicted: 3, labelled: 3, mae: 4 }]);
  });

  test("forgets minutes of a day ago", { timeout: 60_000 }, async () => {
    const { url, link } = await testGateway();
    const send = (start: number) =>
      link.publish(
        WINDOWS,
        writeWindowMessage({
          lane: CHAMPION,
          partition: CHAMPION,
          epoch: 1,
          watermark: start,
          windows: [window("1m", start, 1, [1])],
          alarms: [],
        }),
      );
    await send(MONDAY);
    await send(MONDAY + 86_400_000);
    await until("both are stored", async () => (await windowsOf(url, "size=1m")).length === 2);
    await send(MONDAY + 86_460_000);
    await until("the first is gone", async () => (await windowsOf(url, "size=1m"))[0]?.start === "2026-01-06T00:00:00.000Z");
  });

  test("sums up the windows of a range", { timeout: 60_000 }, async () => {
    const { url, link } = await testGateway();
    const windows = Array.from({ length: 25 }, (_, i) => window("1h", MONDAY + i * 3_600_000, 1, [i]));
    await link.publish(
      WINDOWS,
      writeWindowMessage({ lane: CHAMPION, partition: CHAMPION, epoch: 1, watermark: MONDAY, windows, alarms: [] }),
    );
    await until("all are stored", async () => (await windowsOf(url)).length === 25);
    const summaryOf = async (query: string) => Object(await (await fetch(`${url}/windows/summary?${query}`)).json()).summary;
    expect(await summaryOf("size=1h")).toMatchObject({
      windows: 25,
      labelled: 25,
      mae: 12,
      max_error: 24,
      end: "2026-01-06T01:00:00.000Z",
    });
    expect(await summaryOf("from=2026-01-05T01:00:00Z&to=2026-01-05T03:00:00Z")).toMatchObject({
      start: "2026-01-05T01:00:00.000Z",
      end: "2026-01-05T03:00:00.000Z",
      windows: 2,
      mae: 1.5,
      signed: expect.arrayContaining([{ from: 2, to: 2.05, count: 1 }]),
    });
    expect(await summaryOf("to=2020-01-01T00:00:00Z")).toBeNull();
  });

  test.each([
    ["size=2h", /size/],
    ["from=yesterday", /from is "yesterday": it must be a time, for example/],
    ["limit=3", /limit/],
    // Such a text would be a time of the gateway's own zone.
    ["from=Jan%205%202026", /from is "Jan 5 2026": it must be a time, for example/],
    [
      "from=2026-01-06T00:00:00Z&to=2026-01-05T00:00:00Z",
      /^from is "2026-01-06T00:00:00Z" and to is "2026-01-05T00:00:00Z": to must be later than from\. Exchange them, or leave one out\.$/,
    ],
    ["from=1000&to=1000", /to must be later than from/],
  ])("refuses %s", async (query, detail) => {
    const { url } = await testGateway();
    for (const path of ["windows", "windows/summary", "events"]) {
      const response = await fetch(`${url}/${path}?${query}`);
      expect([response.status, String(Object(await response.json()).detail)]).toEqual([400, expect.stringMatching(detail)]);
    }
  });
});
