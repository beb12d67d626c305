import { METRICS_EXCHANGE, statisticsJson, writeNotice, forEachMetric, type ErrorChange } from "@streamgauge/core";
import { once } from "node:events";
import { connect } from "node:net";
import { freePorts, until } from "@streamgauge/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { publishWindows } from "../testing/published-windows.js";
import { testGateway } from "../testing/test-gateway.js";

vi.setConfig({ testTimeout: 60_000 });

const MONDAY = Date.UTC(2026, 0, 5);
const HOUR = 3_600_000;

interface ServerEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** A client of /events that keeps all that it gets. */
async function watch(url: string, query = "size=1h", headers: Record<string, string> = {}) {
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  const response = await fetch(`${url}/events?${query}`, { headers, signal: ending.signal });
  const events: ServerEvent[] = [];
  let text = "";
  const ended = (async () => {
    for await (const part of response.body ?? []) {
      text += Buffer.from(part).toString();
      const whole = text.split("\n\n");
      text = whole.pop() ?? "";
      for (const each of whole) {
        const { id, event, data } = Object.fromEntries(each.split("\n").map((line) => line.split(/: (.*)/s, 2)));
        if (event !== undefined) events.push({ id, event, data: JSON.parse(data) });
      }
    }
  })();
  ended.catch(() => undefined);
  const latest = (event: string) => events.findLast((each) => each.event === event)?.data;
  return { response, events, latest, ended, stop: () => ending.abort() };
}

const windowsOf = async (url: string, query = "size=1h"): Promise<{ start: string; revision: number }[]> =>
  Object(await (await fetch(`${url}/windows?${query}`)).json()).windows;

describe("GET /events", () => {
  test("gives what /windows gives, then what changes, and goes on where a viewer was", async () => {
    const { url, link } = await testGateway();
    await publishWindows(link, [
      { size: "1h", start: MONDAY, errors: [3, -1] },
      { size: "1h", start: MONDAY + HOUR, errors: [5], unlabelled: 1 },
    ]);
    await until("they are stored", async () => (await windowsOf(url)).length === 2);
    const first = await watch(url);
    expect(first.response.headers.get("content-type")).toBe("text/event-stream");
    await until("windows come", () => first.latest("windows"));
    expect(first.latest("windows")).toEqual({
      complete: true,
      from: MONDAY - 118 * HOUR,
      to: null,
      windows: await windowsOf(url),
    });
    const { summary } = Object(await (await fetch(`${url}/windows/summary?size=1h`)).json());
    expect(await until("their sum comes", () => first.latest("summary"))).toEqual({ summary });
    // A late label restates a window.
    await publishWindows(link, [{ size: "1h", start: MONDAY + HOUR, revision: 2, errors: [5, 9] }]);
    await until("the change comes", () => first.events.filter(({ event }) => event === "windows").length === 2);
    const changed = first.events.findLast(({ event }) => event === "windows");
    expect(changed?.data).toMatchObject({
      complete: false,
      windows: [{ start: "2026-01-05T01:00:00.000Z", revision: 2, mae: 7, coverage: 1 }],
    });
    expect(changed?.data["windows"]).toEqual((await windowsOf(url)).slice(1));
    first.stop();
    const again = await watch(url, "size=1h", { "last-event-id": changed?.id ?? "" });
    await publishWindows(link, [{ size: "1h", start: MONDAY + 2 * HOUR, errors: [1] }]);
    await until("a new window comes", () => again.latest("windows"));
    expect(again.latest("windows")).toMatchObject({ complete: false, windows: [{ start: "2026-01-05T02:00:00.000Z" }] });
    const stranger = await watch(url, "size=1h", { "last-event-id": "of-another-gateway.7" });
    await until("all windows come", () => stranger.latest("windows"));
    expect(stranger.events[0]).toMatchObject({ event: "windows", data: { complete: true } });
    expect(stranger.latest("windows")).toMatchObject({ windows: [{}, {}, {}] });
  });

  test("gives the latest windows only, and those of a time", async () => {
    const { url, link } = await testGateway();
    await publishWindows(
      link,
      Array.from({ length: 5 }, (_, i) => ({ size: "1h" as const, start: MONDAY + i * HOUR, errors: [i] })),
    );
    await until("they are stored", async () => (await windowsOf(url)).length === 5);
    const starts = async (query: string) => {
      const viewer = await watch(url, query);
      await until("windows come", () => viewer.latest("windows"));
      const { windows }: { windows?: { start: string }[] } = viewer.latest("windows") ?? {};
      return windows?.map(({ start }) => start.slice(11, 13));
    };
    expect(await starts("size=1h&last=2")).toEqual(["03", "04"]);
    expect(await starts(`size=1h&last=2&to=${MONDAY + 3 * HOUR}`)).toEqual(["01", "02"]);
    expect(await starts(`size=1h&last=4&from=${MONDAY + 3 * HOUR}`)).toEqual(["03", "04"]);
    expect(await starts(`size=1h&from=${MONDAY + HOUR}&to=${MONDAY + 2 * HOUR}`)).toEqual(["01"]);
    expect(await starts("size=1d")).toEqual([]);
  });

  test("one row with a time far in the future does not take over the latest windows and the last hour", async () => {
    const { url, link } = await testGateway();
    const future = Date.UTC(2100, 0, 1);
    const viewer = await watch(url, "size=1h&last=2");
    const sizes = ["1m", "1h"] as const;
    // Only such rows are shown as any.
    await publishWindows(
      link,
      sizes.map((size) => ({ size, start: future, errors: [99] })),
    );
    await until("the future is the last hour", () => Object(viewer.latest("headline")).last_hour?.mae === 99);
    await publishWindows(
      link,
      sizes.map((size) => ({ size, start: MONDAY, errors: [1] })),
    );
    await until("the stream is the last hour", () => Object(viewer.latest("headline")).last_hour?.mae === 1);
    await until("the window of the stream comes", () => Object(viewer.latest("windows")).windows?.[0]?.mae === 1);
    expect(viewer.latest("windows")).toMatchObject({ complete: true, from: MONDAY - HOUR, to: null, windows: [{ labelled: 1 }] });
    await until("the sum is of the stream", () => Object(viewer.latest("summary")).summary?.mae === 1);
  });

  test("says how the lane and everything around it is", async () => {
    const { url, link } = await testGateway();
    await publishWindows(link, [
      { size: "1m", start: MONDAY, errors: [3, -1], model: "m@2" },
      { size: "1m", start: MONDAY + 2 * HOUR, errors: [2], unlabelled: 3, model: "m@3" },
    ]);
    const viewer = await watch(url, "size=1m");
    await until("there is a headline", () => Object(viewer.latest("headline")).last_hour);
    expect(viewer.latest("headline")).toMatchObject({
      last_hour: { windows: 1, predicted: 4, labelled: 1, mae: 2, coverage: 0.25, reference_mae: null },
      model: "m@3",
      alarm: null,
    });
    await until("its health comes", () => viewer.latest("health"));
    expect(viewer.latest("health")).toMatchObject({
      rabbitmq: { connected: true },
      database: { kind: "PGlite", ready: true },
      services: [],
      disk_full_in_s: null,
    });
    const statistics = statisticsJson(
      1,
      forEachMetric(() => 1),
    );
    const rows = Array.from({ length: 12 }, (_, i) => ({ id: `r${i}`, y_true: 1, y_pred: 2, absolute_error: 1 }));
    link.broadcast(
      METRICS_EXCHANGE,
      writeNotice({
        lane: "champion",
        model: "m@4",
        unit: "mg",
        statistics,
        alarm: { state: "worse", row: 7 },
        disk_full_in_s: 18_000,
        rows,
      }),
    );
    await until("the rows come", () => Object(viewer.latest("rows")).rows?.length > 0);
    expect(viewer.latest("rows")).toEqual({ rows: rows.slice(-10) });
    await until("the disk comes", () => Object(viewer.latest("health")).disk_full_in_s === 18_000);
    await until("the alarm comes", () => Object(viewer.latest("headline")).alarm);
    expect(viewer.latest("headline")).toMatchObject({ model: "m@4", unit: "mg", alarm: { state: "worse", row: 7 } });
  });

  test("says which alarms stand and which alerts fire, in every lane", async () => {
    const { url, link } = await testGateway();
    const viewer = await watch(url, "size=1m");
    const statistics = statisticsJson(
      1,
      forEachMetric(() => 1),
    );
    const change: ErrorChange = {
      kind: "worse",
      model: "m@1",
      since_row: 101,
      since_time: null,
      row: 150,
      time: null,
      mean_before: 1,
      mean_since: 3,
      mean_since_low: null,
      mean_since_high: null,
      raised_again: 2,
    };
    const alert = {
      rule: "no-labels",
      kind: "no_labels",
      severity: "warning",
      summary: "No label came.",
      since: "2026-11-29T06:00:00.000Z",
    };
    const notice = { model: "m@1", unit: "mg", statistics, rows: [] };
    link.broadcast(METRICS_EXCHANGE, writeNotice({ ...notice, lane: "challenger", alarm: { state: "worse", row: 170, change } }));
    link.broadcast(METRICS_EXCHANGE, writeNotice({ ...notice, lane: "champion", alerts: [{ ...alert, severity: "warning" }] }));
    await until("both come", () => {
      const { alarms = [], alerts = [] } = Object(viewer.latest("health"));
      return alarms.length > 0 && alerts.length > 0;
    });
    const since = "about row 101 of the log: MAE 1 mg before, 3 mg since. Noticed at row 150. Raised again 2 times.";
    expect(viewer.latest("health")).toMatchObject({
      alarms: [{ lane: "challenger", state: "worse", since }],
      alerts: [{ lane: "champion", ...alert }],
    });
    // metrics that starts does not know the unit yet.
    link.broadcast(METRICS_EXCHANGE, writeNotice({ ...notice, unit: "", lane: "challenger", alarm: { state: "worse", change } }));
    link.broadcast(METRICS_EXCHANGE, writeNotice({ ...notice, lane: "champion", alerts: [] }));
    await until("the alert is over", () => Object(viewer.latest("health")).alerts?.length === 0);
    expect(viewer.latest("health")).toMatchObject({ alarms: [{ lane: "challenger", state: "worse", since }] });
  });

  test("ends the gateway if metrics has another number of partitions: predictions would be missing", async () => {
    const { link, logs } = await testGateway();
    const statistics = statisticsJson(
      1,
      forEachMetric(() => 1),
    );
    const notice = { lane: "champion", partition: "champion.2of4", model: "m@1", unit: "", statistics, rows: [] };
    link.broadcast(METRICS_EXCHANGE, writeNotice(notice));
    await until("it is said", () =>
      logs.lines.join("\n").includes("Lane champion is laid out for 4 partitions of metrics, and PARTITIONS is 1: set PARTITIONS=4"),
    );
  });

  test("computes once for all who watch", async () => {
    const { url, link } = await testGateway();
    await publishWindows(link, [{ size: "1h", start: MONDAY, errors: [1] }]);
    const viewers = await Promise.all(Array.from({ length: 200 }, () => watch(url)));
    await until("each has windows", () => viewers.every(({ latest }) => latest("windows") !== undefined));
    await until("each has the sum", () => viewers.every(({ latest }) => latest("summary") !== undefined));
    // The same events under the same ids: written once.
    const ids = viewers.map(({ events }) => events.findLast(({ event }) => event === "summary")?.id);
    expect(new Set(ids).size).toBe(1);
  });

  test("ends when the gateway ends", async () => {
    const [port = 0] = await freePorts(1);
    const { gateway } = await testGateway({ GATEWAY_PORT: String(port) });
    const viewer = await watch(gateway.url);
    const began = performance.now();
    await gateway.close();
    await viewer.ended;
    // A connection that is kept alive would hold it up for 72 s.
    expect(performance.now() - began).toBeLessThan(30_000);
  });

  test("ends when the gateway ends, also if a client does not read on", async () => {
    const { gateway, link } = await testGateway();
    await publishWindows(
      link,
      Array.from({ length: 1_000 }, (_, i) => ({ size: "1h" as const, start: MONDAY + i * HOUR, errors: [i] })),
    );
    await until("they are stored", async () => (await windowsOf(gateway.url)).length === 1_000);
    const { hostname, port } = new URL(gateway.url);
    const client = connect(Number(port), hostname, () => client.write("GET /events?size=1h&last=1000 HTTP/1.1\r\nhost: x\r\n\r\n"));
    onTestFinished(() => void client.destroy());
    await once(client, "readable");
    client.on("error", () => undefined);
    const began = performance.now();
    await gateway.close();
    expect(performance.now() - began).toBeLessThan(30_000);
  });

  test("ends when the gateway ends, also if a browser has opened a connection ahead of its requests", async () => {
    const { gateway } = await testGateway();
    const { hostname, port } = new URL(gateway.url);
    const client = connect(Number(port), hostname);
    onTestFinished(() => void client.destroy());
    await once(client, "connect");
    // The gateway has taken the connection before it answers on a later one.
    await windowsOf(gateway.url);
    const began = performance.now();
    await gateway.close();
    expect(performance.now() - began).toBeLessThan(30_000);
  });

  test.each([
    ["last=0", /last is 0: it must be/],
    ["last=1&size=2h", /size/],
    ["from=yesterday", /from is "yesterday"/],
  ])("refuses %s", async (query, detail) => {
    const { url } = await testGateway();
    const response = await fetch(`${url}/events?${query}`);
    expect([response.status, String(Object(await response.json()).detail)]).toEqual([400, expect.stringMatching(detail)]);
  });
});
