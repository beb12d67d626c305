import { rmSync, truncateSync } from "node:fs";
import {
  alertContract,
  ALERTS,
  ALERTS_QUEUE,
  CHAMPION,
  DEAD_HEADER,
  DEAD_QUEUE,
  DONE,
  FEATURE_WINDOWS_QUEUE,
  forEachMetric,
  halfWidthRequest,
  Ids,
  labelContract,
  layoutOf,
  LABELS,
  LogsDirError,
  MemoryBroker,
  MemoryBus,
  METRICS_EXCHANGE,
  monitoredReference,
  predictionContract,
  predictionsOf,
  queuesOf,
  QueueTakenError,
  readFeatureWindows,
  REFERENCE_REQUEST_TYPE,
  referenceOf,
  writeReferenceNotice,
  readHalfWidths,
  readNotice,
  readSegmentRows,
  topologyOf,
  WINDOW_REQUESTS_EXCHANGE,
  writeSegmentRowsRequest,
  type HalfWidthNotice,
  type MetricNotice,
  type SegmentRowsAnswer,
  type SegmentRowsRequest,
  type StartService,
} from "@streamgauge/core";
import { windowRequest } from "@streamgauge/core/windows";
import { captureLog, Inbox, sampleAlert, startServiceOn, until } from "@streamgauge/testing";
import type { Registry } from "prom-client";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { addSilence } from "./alerting/silences.js";
import { SYSTEM_DISK, type Disk } from "./log/append-file.js";
import type { Metrics } from "./service.js";
import { SETTINGS } from "./settings.js";
import { start as startMetrics } from "./start.js";
import { LogInUseError } from "./state/writer-lock.js";
import { freshFolder } from "@streamgauge/testing/vitest";

const folder = freshFolder();
const HEADER = "id,y_true,y_pred,absolute_error\n";
const LOG = "metric_log.csv";

let broker: MemoryBroker;
let source: MemoryBus;
let running: Metrics[];

beforeEach(() => {
  broker = new MemoryBroker(topologyOf([CHAMPION]));
  source = new MemoryBus(broker, "source", captureLog("source").log);
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map((metrics) => metrics.close()));
});

interface StartOptions {
  readonly settings?: Readonly<Record<string, string>>;
  readonly lane?: string;
  readonly disk?: Disk;
}

/** Starts metrics with its own link. `lines` are its log for the user. */
async function start({ settings = {}, lane = CHAMPION, disk = SYSTEM_DISK }: StartOptions = {}) {
  const { log, lines } = captureLog("metrics", "info");
  const bus = new MemoryBus(broker, "metrics", log);
  const service = { SETTINGS, start: (...parts: Parameters<StartService<typeof SETTINGS, Metrics>>) => startMetrics(...parts, disk) };
  const { running: metrics, registry } = await startServiceOn(
    bus,
    service,
    { LOGS_DIR: folder.path, LABEL_RETENTION_MS: "60000", ...settings },
    { lane, log },
  );
  running.push(metrics);
  return { metrics, lines, registry };
}

async function sendLabels(values: Readonly<Record<string, number>>): Promise<void> {
  const frame = { ids: Ids.of(Object.keys(values)), y_true: Float64Array.from(Object.values(values)) };
  await source.publish(LABELS, labelContract.write(frame, "json", Date.now()));
}

async function sendPredictions(values: Readonly<Record<string, number>>): Promise<void> {
  const frame = { ids: Ids.of(Object.keys(values)), y_pred: Float64Array.from(Object.values(values)), model: "linear 1", unit: "mg/dl" };
  await source.publish(predictionsOf(CHAMPION), predictionContract.write(frame, "json", Date.now()));
}

/** Resolves when this is the log. */
async function logged(text: string): Promise<void> {
  await vi.waitFor(
    () => {
      expect(folder.read(LOG)).toBe(HEADER + text);
    },
    { timeout: 20_000 },
  );
}

/** Collects the notices of metrics. */
async function receivedNotices(): Promise<MetricNotice[]> {
  const notices: MetricNotice[] = [];
  await source.subscribe(METRICS_EXCHANGE, "test", (delivery) => {
    const notice = readNotice(delivery);
    if (notice !== undefined) notices.push(notice);
  });
  return notices;
}

describe("errors whose sums are beyond the largest double", () => {
  const figure = async (registry: Registry, statistic: string) =>
    new RegExp(`streamgauge_metrics_error\\{statistic="${statistic}"\\} (\\S+)`).exec(await registry.metrics())?.[1];

  test("are +Inf and NaN for Prometheus, after a restart too, and notices name them", async () => {
    const { metrics, registry } = await start();
    await sendLabels({ a: 1, b: 2 });
    await sendPredictions({ a: 3, b: 2 });
    await logged("a,1,3,2\nb,2,2,0\n");
    expect([await figure(registry, "mae"), await figure(registry, "r2")]).toEqual(["1", "-7"]);
    const notices = await receivedNotices();
    await sendLabels({ c: 1.7e308, d: -1.7e308, e: 1.7e308 });
    await sendPredictions({ c: 0, d: 0, e: -1.7e308 });
    await logged("a,1,3,2\nb,2,2,0\nc,1.7e+308,0,1.7e+308\nd,-1.7e+308,0,1.7e+308\ne,1.7e+308,-1.7e+308,Infinity\n");
    const now = async (from: Registry) => [
      await figure(from, "mae"),
      await figure(from, "rmse"),
      (await figure(from, "r2"))?.toLowerCase(),
    ];
    await vi.waitFor(async () => expect(await now(registry)).toEqual(["+Inf", "+Inf", "nan"]));
    await vi.waitFor(() => expect(notices.at(-1)?.statistics).toMatchObject({ count: 5, mae: null, rmse: null, r2: null }));
    expect(notices.at(-1)?.statistics.overflowed).toEqual(expect.arrayContaining(["mae", "rmse", "r2"]));
    expect(notices.flatMap(({ rows }) => rows).find(({ id }) => id === "e")?.absolute_error).toBeNull();
    await metrics.close();
    const again = await start();
    expect(await now(again.registry)).toEqual(["+Inf", "+Inf", "nan"]);
    expect(await again.registry.metrics()).toContain('streamgauge_metrics_version_mae{model="linear 1"} +Inf');
  });

  test("differ from statistics of too few rows, which have no samples", async () => {
    const { registry } = await start();
    await sendLabels({ a: 1 });
    await sendPredictions({ a: 3 });
    await logged("a,1,3,2\n");
    expect([await figure(registry, "mae"), await figure(registry, "r2")]).toEqual(["2", undefined]);
  });
});

describe("pairs", () => {
  test("that come over the bus are logged, and their messages are acknowledged", async () => {
    const { metrics, lines } = await start();
    await sendLabels({ a: 1, b: 2 });
    await sendPredictions({ a: 3, b: 2 });
    await logged("a,1,3,2\nb,2,2,0\n");
    await metrics.close();
    const { labels, predictions } = queuesOf(CHAMPION);
    expect([await source.depth(labels), await source.depth(predictions)]).toEqual([0, 0]);
    expect(lines).toEqual([expect.stringMatching(/metric_log\.csv holds 0 rows; 0 labels and 0 predictions are pending\./)]);
  });

  test("are joined across a restart, the labels last", async () => {
    const first = await start();
    await sendPredictions({ a: 3 });
    await vi.waitFor(() => expect(first.metrics.state?.rooms.y_pred.size).toBe(1));
    // A half without a partner is durable before the service ends.
    await first.metrics.close();
    const { lines } = await start();
    expect(lines).toEqual([expect.stringMatching(/holds 0 rows; 0 labels and 1 predictions are pending\./)]);
    await sendLabels({ a: 1 });
    await logged("a,1,3,2\n");
  });

  test("are broadcast with the statistics of the whole log, at once and then ten times a second", async () => {
    const notices = await receivedNotices();
    const { metrics } = await start();
    await sendLabels({ a: 1, b: 2 });
    await sendPredictions({ a: 3, b: 3 });
    await vi.waitFor(() => expect(notices).toHaveLength(1));
    expect(notices[0]).toEqual({
      lane: CHAMPION,
      alarm: { state: "reference" },
      alerts: [],
      hour: { predicted: 2, labelled: 2, mae: 1.5 },
      model: "linear 1",
      unit: "mg/dl",
      statistics: { count: 2, ...forEachMetric(() => expect.any(Number)), mae: 1.5, rmse: Math.sqrt(2.5), p95: 1.95 },
      rows: [
        { id: "a", y_true: 1, y_pred: 3, absolute_error: 2 },
        { id: "b", y_true: 2, y_pred: 3, absolute_error: 1 },
      ],
      lag: { predicted_s: expect.any(Number), logged_s: expect.any(Number) },
    });
    const { predicted_s: predicted = -1, logged_s: committed = -1 } = notices[0]?.lag ?? {};
    expect(predicted).toBeGreaterThanOrEqual(0);
    expect(committed).toBeGreaterThanOrEqual(predicted);
    await sendLabels({ c: 1 });
    await sendPredictions({ c: 1 });
    await logged("a,1,3,2\nb,2,3,1\nc,1,1,0\n");
    // The last rows are broadcast before the service ends.
    await metrics.close();
    await vi.waitFor(() => expect(notices.at(-1)).toMatchObject({ statistics: { count: 3 }, rows: [{ id: "c" }] }));
  });

  test("say after a start, and when a gateway asks, which alarm stands, which alerts fire and since when", async () => {
    const settings = { REFERENCE_ROWS: "100" };
    const { metrics } = await start({ settings });
    const errors = Array.from({ length: 200 }, (_, i): [string, number] => [`row-${i}`, i < 100 ? 1 + (i % 2) : 40]);
    await sendLabels(Object.fromEntries(errors.map(([id]) => [id, 0])));
    await sendPredictions(Object.fromEntries(errors));
    await vi.waitFor(() => expect(metrics.state?.log.lines).toBe(200));
    await vi.waitFor(() => expect(metrics.state?.alerting?.firing).toHaveLength(1), { timeout: 5_000 });
    await metrics.close();
    const notices = await receivedNotices();
    await start({ settings });
    const standing = {
      model: "linear 1",
      statistics: { count: 200 },
      alarm: { state: "worse", change: { kind: "worse", since_row: 101, mean_since: 40 } },
      alerts: [{ rule: "error-worse", severity: "critical" }],
    };
    await vi.waitFor(() => expect(notices).toMatchObject([standing]));
    source.broadcast(WINDOW_REQUESTS_EXCHANGE, windowRequest());
    await vi.waitFor(() => expect(notices).toMatchObject([standing, standing]));
  });

  test("are broadcast without a row when an alert begins to fire", async () => {
    const notices = await receivedNotices();
    const rules = folder.write("rules.yaml", "rules: [{name: quiet, kind: no_rows, above: 1s}]");
    await start({ settings: { ALERTS_PATH: rules } });
    await sendLabels({ a: 1 });
    await vi.waitFor(() => expect(notices.at(-1)?.alerts).toMatchObject([{ rule: "quiet", kind: "no_rows" }]), { timeout: 10_000 });
  });

  test("too few for a statistic are broadcast with null in its place", async () => {
    const notices = await receivedNotices();
    await start();
    await sendLabels({ a: 1 });
    await sendPredictions({ a: 1 });
    await vi.waitFor(() => expect(notices[0]?.statistics).toMatchObject({ count: 1, mae: 0, r2: null }));
  });
});

describe("bad messages", () => {
  test("do not change the model in the notice", async () => {
    const notices = await receivedNotices();
    const { metrics } = await start();
    await sendLabels({ a: 1 });
    await sendPredictions({ a: 1, late: 1 });
    // From here on only a frame of labels comes with what is logged.
    await vi.waitFor(() => expect(metrics.state?.pending.counts.y_pred).toBe(1), 10_000);
    const body = Buffer.from('{"ids":["b"],"y_pred":[null],"model":"stranger"}');
    await source.publish(predictionsOf(CHAMPION), { body, contentType: "application/json", type: "y_pred", headers: {} });
    await vi.waitFor(async () => expect(await source.depth(DEAD_QUEUE)).toBe(1));
    await sendLabels({ late: 1 });
    await vi.waitFor(() => expect(notices.at(-1)).toMatchObject({ statistics: { count: 2 }, model: "linear 1", unit: "mg/dl" }));
  });

  test("become dead letters whole, and the good rows in them are logged", async () => {
    const { metrics, lines } = await start();
    const body = Buffer.from('{"ids":["a","b"],"y_true":[1,"x"]}');
    await source.publish(LABELS, { body, contentType: "application/json", type: "y_true", headers: {} });
    await sendPredictions({ a: 1 });
    const inbox = new Inbox();
    await source.consume(DEAD_QUEUE, inbox.handler, { prefetch: 1 });
    const letter = await inbox.one();
    expect(letter.body).toEqual(body);
    expect(letter.headers[DEAD_HEADER.reason]).toBe('row 1 (id "b"), field y_true: not a finite number, got "x"');
    expect(lines.at(-1)).toContain('1 row refused, to the dead letters: row 1 (id "b"), field y_true: not a finite number, got "x"');
    expect(folder.read(LOG)).toBe(`${HEADER}a,1,1,0\n`);
    expect(metrics.state?.balance.y_true).toMatchObject({ received: 2, logged: 1, deadLettered: 1 });
  });
});

describe("the metrics for Prometheus", () => {
  test("are the balance, the errors and the frames", async () => {
    const { registry } = await start();
    await sendLabels({ a: 1, b: 1 });
    await sendPredictions({ a: 3 });
    await logged("a,1,3,2\n");
    const text = await registry.metrics();
    for (const line of [
      'streamgauge_metrics_rows{side="y_true",outcome="received"} 1',
      'streamgauge_metrics_rows{side="y_true",outcome="logged"} 1',
      'streamgauge_metrics_rows{side="y_true",outcome="pending"} 0',
      'streamgauge_metrics_rows{side="y_true",outcome="waiting"} 2',
      'streamgauge_metrics_rows{side="y_pred",outcome="dead_lettered"} 0',
      'streamgauge_metrics_error{statistic="mae"} 2',
      'streamgauge_metrics_version_rows{model="linear 1"} 1',
      'streamgauge_metrics_version_mae{model="linear 1"} 2',
      'streamgauge_metrics_version_rmse{model="linear 1"} 2',
      'streamgauge_metrics_frames_total{side="y_pred"} 1',
      "streamgauge_metrics_faults_total 0",
      'streamgauge_metrics_alarms_total{kind="worse"} 0',
      'streamgauge_metrics_alarms_total{kind="better"} 0',
    ]) {
      expect(text.split("\n")).toContain(line);
    }
    expect(text).toMatch(/streamgauge_metrics_commit_seconds_count \d/);
    // One look at the disk says how it is, and nothing of the time to come.
    expect(text).not.toMatch(/^streamgauge_metrics_disk_full_in_seconds/m);
    expect(text).not.toContain('statistic="r2"');
  });
});

/** A disk that throws `failing` while it is set. */
function failingDisk() {
  const state: { failing: Error | undefined; tries: number } = { failing: undefined, tries: 0 };
  const check = () => {
    if (state.failing === undefined) return;
    state.tries += 1;
    throw state.failing;
  };
  const disk: Disk = {
    write(fd, bytes, start) {
      check();
      return SYSTEM_DISK.write(fd, bytes, start);
    },
    sync(fd) {
      check();
      SYSTEM_DISK.sync(fd);
    },
  };
  return { state, disk };
}

const FULL = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });

describe("a disk that cannot be written", () => {
  test("at a start lets metrics wait for room, if there is a log", async () => {
    const first = await start();
    await sendLabels({ a: 1 });
    await sendPredictions({ a: 1 });
    await logged("a,1,1,0\n");
    await first.metrics.close();
    // What the log has lost is restored, for which there must be room.
    truncateSync(folder.at(LOG), HEADER.length + 3);
    const { state, disk } = failingDisk();
    state.failing = FULL;
    const { metrics, lines } = await start({ disk });
    await vi.waitFor(() => expect(lines.join("\n")).toContain("The log cannot be written: ENOSPC"));
    expect(metrics.state).toBeUndefined();
    state.failing = undefined;
    await vi.waitFor(() => expect(metrics.state?.log.lines).toBe(1), { timeout: 20_000 });
    await logged("a,1,1,0\n");
    expect(lines.join("\n")).toContain("The log can be written again");
  });

  test("stops metrics until it can; then every row that came is logged once", async () => {
    const { state, disk } = failingDisk();
    const { metrics, lines, registry } = await start({ disk });
    await sendLabels({ a: 1, b: 2 });
    await sendPredictions({ a: 1 });
    await logged("a,1,1,0\n");
    state.failing = FULL;
    await sendPredictions({ b: 2 });
    await sendLabels({ c: 3 });
    await sendPredictions({ c: 3 });
    await vi.waitFor(() => expect(state.tries).toBeGreaterThan(1), { timeout: 10_000 });
    expect(metrics.state?.balance.y_true.logged).not.toBe(3);
    expect(folder.read(LOG)).toBe(`${HEADER}a,1,1,0\n`);
    state.failing = undefined;
    await vi.waitFor(() => expect(metrics.state?.log.lines).toBe(3), { timeout: 20_000 });
    expect(new Set(folder.read(LOG).split("\n").slice(1, -1))).toEqual(new Set(["a,1,1,0", "b,2,2,0", "c,3,3,0"]));
    expect(lines.join("\n")).toMatch(
      /ERROR.*The log cannot be written: ENOSPC: no space left on device, write\. No messages are taken until it can; none is lost\.[^]*INFO.*The log can be written again; messages are taken\./,
    );
    expect(await registry.metrics()).toMatch(/streamgauge_metrics_faults_total [1-9]/);
    await metrics.close();
    expect(folder.names(/cut|set-aside|probe/)).toEqual([]);
  });

  test("leaves no state to show meanwhile, and metrics still closes", async () => {
    const { state, disk } = failingDisk();
    const { metrics } = await start({ disk });
    state.failing = new Error("EIO: i/o error, fdatasync");
    await sendLabels({ a: 1 });
    await sendPredictions({ a: 1 });
    await vi.waitFor(() => expect(metrics.state).toBeUndefined());
    await metrics.close();
    await metrics.close();
    expect(folder.read(LOG)).toBe(HEADER);
    await start();
    await logged("a,1,1,0\n");
  });

  test("broadcasts no rows that were not committed", async () => {
    const notices = await receivedNotices();
    const { state, disk } = failingDisk();
    const { metrics } = await start({ disk });
    await sendLabels({ a: 1 });
    await sendPredictions({ a: 1 });
    await vi.waitFor(() => expect(notices).toHaveLength(1));
    state.failing = FULL;
    await sendLabels({ b: 1 });
    await sendPredictions({ b: 1 });
    await vi.waitFor(() => expect(metrics.state).toBeUndefined());
    await metrics.close();
    expect(notices.flatMap(({ rows }) => rows.map(({ id }) => id))).toEqual(["a"]);
  });
});

describe("files that are deleted while metrics runs", () => {
  test.each([
    ["the log", () => rmSync(folder.at(LOG))],
    ["the state", () => rmSync(folder.at(".state"), { recursive: true })],
    ["the whole folder", () => rmSync(folder.path, { recursive: true })],
  ])("%s: metrics logs it, and goes on with what is there", async (_, take) => {
    const { metrics, lines } = await start();
    await sendLabels({ a: 1 });
    await sendPredictions({ a: 1 });
    await logged("a,1,1,0\n");
    take();
    await sendLabels({ b: 1 });
    await sendPredictions({ b: 1 });
    await vi.waitFor(() => expect(folder.read(LOG)).toContain("b,1,1,0\n"), { timeout: 20_000 });
    expect(lines.join("\n")).toMatch(/was deleted while it was written to\. Starting again from what is on disk/);
    // It still holds the lock.
    await expect(start()).rejects.toThrow(LogInUseError);
    await metrics.close();
    await start();
  });
});

describe("one writer", () => {
  test("a second writer of the same log is refused, and the first goes on", async () => {
    await start();
    await expect(start()).rejects.toThrow(LogInUseError);
    await sendLabels({ a: 1 });
    await sendPredictions({ a: 1 });
    await logged("a,1,1,0\n");
  });

  test("a folder that is a file is refused, with the setting that names it", async () => {
    folder.write("file", "");
    const logsDir = folder.at("file");
    await expect(start({ settings: { LOGS_DIR: logsDir } })).rejects.toThrow(LogsDirError);
    await expect(start({ settings: { LOGS_DIR: logsDir } })).rejects.toThrow(
      /^The folder \S+file cannot be used \(.*\): set LOGS_DIR to a folder that this user may write to\.$/,
    );
  });

  test("each lane has a log of its own", async () => {
    broker = new MemoryBroker(topologyOf([CHAMPION, "challenger"]));
    await start();
    await start({ lane: "challenger" });
    expect(folder.names(/metric_log/)).toEqual(["metric_log.challenger.csv", "metric_log.csv"]);
  });

  test("a queue that another process consumes is refused, and the log is released", async () => {
    const subscription = await source.consume(queuesOf(CHAMPION).predictions, new Inbox().handler, { prefetch: 1 });
    await expect(start()).rejects.toThrow(QueueTakenError);
    await subscription.close();
    const { metrics } = await start();
    expect(metrics.state?.log.lines).toBe(0);
  });
});

describe("the last hour for Prometheus", () => {
  const hour = async (registry: Registry) =>
    (await registry.metrics()).split("\n").filter((line) => line.startsWith("streamgauge_metrics_hour_"));

  test("has no samples before the first row", async () => {
    const { registry } = await start();
    expect(await hour(registry)).toEqual([]);
  });

  test("has rows, coverage, errors and the lag of labels", async () => {
    const { metrics, registry } = await start();
    await sendPredictions({ a: 3, b: 2, c: 1, d: 1 });
    await sendLabels({ a: 1, b: 3, c: 1 });
    await vi.waitFor(() => expect(metrics.state?.pending.counts.y_pred).toBe(1), { timeout: 20_000 });
    const samples = await vi.waitFor(async () => {
      const found = await hour(registry);
      expect(found).toContain('streamgauge_metrics_hour_rows{outcome="predicted"} 4');
      return found;
    });
    expect(samples).toEqual(
      expect.arrayContaining([
        'streamgauge_metrics_hour_rows{outcome="labelled"} 3',
        "streamgauge_metrics_hour_coverage_ratio 0.75",
        'streamgauge_metrics_hour_error{statistic="mae"} 1',
        'streamgauge_metrics_hour_error{statistic="max_error"} 2',
        expect.stringMatching(/^streamgauge_metrics_hour_label_lag_seconds\{quantile="0.95"\} 0\.\d+$/),
      ]),
    );
  });
});

describe("the half width of the intervals", () => {
  /** What is broadcast of half widths from now on. */
  async function broadcastWidths() {
    const received: HalfWidthNotice[] = [];
    await source.subscribe(METRICS_EXCHANGE, "widths", (delivery) => {
      const notice = readHalfWidths(delivery);
      if (notice !== undefined) received.push(notice);
    });
    return received;
  }

  /** Pairs whose errors are 1 to 100. */
  const pairs = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => [`r${from + i}`, from + i] as const);
  const send = async (from: number, to: number) => {
    await sendPredictions(Object.fromEntries(pairs(from, to)));
    await sendLabels(Object.fromEntries(pairs(from, to).map(([id]) => [id, 0])));
  };
  // The first 99 weigh g = 2^(-1/250) each: those up to 80 have 79.778 of the weight, and 0.8 of it are 79.781.
  const expected = { lane: CHAMPION, coverage: 0.8, half_widths: [{ model: "linear 1", half_width: 81.1 }] };

  test("is broadcast from the hundredth label on, asked for, in the notices and for Prometheus; it is there after a restart", async () => {
    const [widths, notices] = [await broadcastWidths(), await receivedNotices()];
    const settings = { INTERVAL_COVERAGE: "0.8" };
    const { metrics, registry } = await start({ settings });
    await send(1, 99);
    await vi.waitFor(() => expect(metrics.state?.log.lines).toBe(99));
    await vi.waitFor(() => expect(notices.at(-1)?.statistics.count).toBe(99));
    expect([widths, notices.at(-1)?.interval]).toEqual([[], undefined]);
    await send(100, 100);
    await vi.waitFor(() => expect(widths).toEqual([expected]));
    await vi.waitFor(() => expect(notices.at(-1)?.interval).toEqual({ coverage: 0.8, half_width: 81.1 }));
    expect(await registry.metrics()).toContain('streamgauge_metrics_half_width{model="linear 1"} 81.1');
    source.broadcast(WINDOW_REQUESTS_EXCHANGE, halfWidthRequest());
    await vi.waitFor(() => expect(widths).toEqual([expected, expected]));
    await metrics.close();
    await start({ settings });
    await vi.waitFor(() => expect(widths).toEqual([expected, expected, expected]));
  });

  test("scores the rows that it was announced with: coverage, width and score of the last hour", async () => {
    const { metrics, registry } = await start();
    const frame = {
      ids: Ids.of(["a", "b", "c", "d"]),
      y_pred: Float64Array.of(0, 0, 0, 0),
      halfWidths: Float64Array.of(2, 2, Number.NaN, 3),
    };
    await source.publish(predictionsOf(CHAMPION), predictionContract.write({ ...frame, model: "m@1", unit: "" }, "arrow", Date.now()));
    // The prediction of d is stored with its width until its label comes.
    await sendLabels({ a: 1, b: -5, c: 100 });
    await vi.waitFor(() => expect(metrics.state?.pending.counts.y_pred).toBe(1), { timeout: 20_000 });
    await sendLabels({ d: 3 });
    await vi.waitFor(() => expect(metrics.state?.log.lines).toBe(4));
    await vi.waitFor(async () =>
      expect((await registry.metrics()).split("\n").filter((line) => line.startsWith("streamgauge_metrics_hour_interval{"))).toEqual([
        'streamgauge_metrics_hour_interval{statistic="rows"} 3',
        'streamgauge_metrics_hour_interval{statistic="target"} 0.9',
        `streamgauge_metrics_hour_interval{statistic="coverage"} ${2 / 3}`,
        `streamgauge_metrics_hour_interval{statistic="width"} ${14 / 3}`,
        expect.stringMatching(/^streamgauge_metrics_hour_interval\{statistic="score"\} 24\.6666666666\d+$/),
      ]),
    );
  });

  test.each(["0.4", "1", "0.9995", "90 %"])("is refused as %s, with what to write", async (value) => {
    await expect(start({ settings: { INTERVAL_COVERAGE: value } })).rejects.toThrow(/INTERVAL_COVERAGE must be a number from 0.5 to 0.999/);
  });
});

describe("windows of features", () => {
  const monitored = monitoredReference(referenceOf(2, new Map([["x", Float64Array.of(1, 2)]]), Float64Array.of(1, 2)), []);
  const layout = layoutOf(monitored);
  const codes = { layout, bytes: Uint8Array.of(2, 2, 4, 3) };

  async function send(ids: readonly [string, string]) {
    const frame = {
      ids: Ids.of(ids),
      y_pred: Float64Array.of(1, 2),
      model: "m@1",
      unit: "",
      codes,
      eventTimes: Float64Array.of(1, 3_600_000),
    };
    await source.publish(predictionsOf(CHAMPION), predictionContract.write(frame, "json", Date.now()));
    await sendLabels(Object.fromEntries(ids.map((id) => [id, 0])));
  }

  /** What comes of them, of each hour the latest. */
  async function received() {
    const [hours, references] = [new Map<number, number>(), new Set<string>()];
    await source.consume(
      FEATURE_WINDOWS_QUEUE,
      async (delivery) => {
        const message = readFeatureWindows(delivery);
        for (const { start: from, labelled } of message.windows) hours.set(from, labelled);
        for (const { hash } of message.references) references.add(hash);
        return DONE;
      },
      { prefetch: 10 },
    );
    return { hours, references };
  }

  test("go to the gateway, all again after a restart; the reference is asked for until a model announces it", async () => {
    const { metrics } = await start();
    const inbox = await received();
    const asked: string[] = [];
    await source.subscribe(WINDOW_REQUESTS_EXCHANGE, "model", ({ type }) => {
      if (type !== REFERENCE_REQUEST_TYPE) return;
      asked.push(type);
      source.broadcast(METRICS_EXCHANGE, writeReferenceNotice({ lane: CHAMPION, reference: monitored }));
    });
    await send(["a", "b"]);
    await vi.waitFor(
      () =>
        expect([...inbox.hours]).toEqual([
          [0, 1],
          [3_600_000, 1],
        ]),
      { timeout: 20_000 },
    );
    await vi.waitFor(() => expect([...inbox.references]).toEqual([monitored.hash]), { timeout: 20_000 });
    expect(asked).toEqual([REFERENCE_REQUEST_TYPE]);
    // The reference is stored with the next commit.
    await send(["c", "d"]);
    await vi.waitFor(() => expect(metrics.state?.log.lines).toBe(4));
    await metrics.close();
    await vi.waitFor(() =>
      expect([...inbox.hours]).toEqual([
        [0, 2],
        [3_600_000, 2],
      ]),
    );
    inbox.hours.clear();
    inbox.references.clear();
    await start();
    await vi.waitFor(
      () =>
        expect([[...inbox.hours], [...inbox.references]]).toEqual([
          [
            [0, 2],
            [3_600_000, 2],
          ],
          [monitored.hash],
        ]),
      { timeout: 20_000 },
    );
    // It knows the reference: only each start asks, for what models have proposed meanwhile.
    expect(asked).toEqual([REFERENCE_REQUEST_TYPE, REFERENCE_REQUEST_TYPE]);
  }, 60_000);

  test("rows of a segment are answered to who asks for them, by the labels in force", async () => {
    await start();
    await send(["a", "b"]);
    await send(["c", "d"]);
    const answers: SegmentRowsAnswer[] = [];
    await source.subscribe(METRICS_EXCHANGE, "asker", (delivery) => {
      const answer = readSegmentRows(delivery);
      if (answer !== undefined) answers.push(answer);
    });
    const ask = (request: string, more: Partial<SegmentRowsRequest> = {}) => {
      const where = [{ column: 0, codes: [2] }];
      const asked = {
        request,
        lane: CHAMPION,
        model: "m@1",
        layout: layout.text,
        where,
        from: null,
        to: null,
        order: "worst",
        limit: 10,
      } as const;
      source.broadcast(WINDOW_REQUESTS_EXCHANGE, writeSegmentRowsRequest({ ...asked, ...more }));
    };
    // Windows and records of lines are stored once a second.
    await until("both rows are there", async () => {
      ask("first");
      return answers.at(-1)?.count === 2;
    });
    const row = { eventTime: 1, first: 0, yTrue: 0, yPred: 1, codes: [2, 2] };
    expect(answers.at(-1)).toEqual({
      request: "first",
      lane: CHAMPION,
      partition: CHAMPION,
      count: 2,
      lookedAt: 4,
      isWhole: true,
      rows: [
        { id: "c", line: 2, ...row },
        { id: "a", line: 0, ...row },
      ],
    });
    await source.publish(
      LABELS,
      labelContract.write({ ids: Ids.of(["a"]), y_true: Float64Array.of(9), correction: { who: "ann", at: 1 } }, "json", Date.now()),
    );
    await until("the correction is in force", async () => {
      ask("corrected", { limit: 1 });
      return answers.at(-1)?.rows[0]?.yTrue === 9;
    });
    expect(answers.at(-1)).toMatchObject({ request: "corrected", count: 2, rows: [{ id: "a", first: 0, yTrue: 9 }] });
    ask("of another lane", { lane: "challenger" });
    ask("of another model", { model: "m@2" });
    ask("of other hours", { from: 3_600_000 });
    ask("of the other bin", {
      where: [
        { column: 0, codes: [4] },
        { column: 1, codes: [3] },
      ],
      from: 3_600_000,
      order: "latest",
    });
    await until("the last one is answered", async () => answers.at(-1)?.request === "of the other bin");
    expect(answers.slice(-3).map(({ request, count, rows }) => [request, count, rows.map(({ id }) => id)])).toEqual([
      ["of another model", 0, []],
      ["of other hours", 0, []],
      ["of the other bin", 2, ["d", "b"]],
    ]);
  });
});

describe("rules", () => {
  const RULES = "rules: [{name: no-rows, kind: no_rows, above: 1s, keep_firing_for: 0s}]";

  /** The settings of metrics with these rules. */
  function withRules() {
    folder.write("rules.yaml", RULES);
    return { ALERTS_PATH: folder.at("rules.yaml") };
  }

  async function pair(id: string): Promise<void> {
    await sendLabels({ [id]: 1 });
    await sendPredictions({ [id]: 2 });
  }

  /** Reads the queue of alerts from now on. */
  async function alertsInbox() {
    const inbox = new Inbox();
    await source.consume(ALERTS_QUEUE, inbox.handler, { prefetch: 10 });
    return inbox;
  }

  test("send an alert through the broker when they fire, and when they are resolved; a restart sends none again", async () => {
    const options = { settings: { ...withRules(), PAGE_URL: "http://localhost:8080/" } };
    const { metrics, registry } = await start(options);
    const inbox = await alertsInbox();
    await pair("a");
    const [firing] = (await inbox.first(1)).map((delivery) => alertContract.read(delivery));
    expect(firing).toMatchObject({ rule: "no-rows", state: "firing", lane: "champion", page_url: "http://localhost:8080/" });
    const samples = await registry.metrics();
    expect(samples).toContain('streamgauge_metrics_alert_firing{rule="no-rows",severity="warning"} 1');
    // Before that commit it would be sent again.
    await vi.waitFor(() => expect(metrics.state?.alerting?.outbox.entries).toEqual([]), { timeout: 20_000 });
    await metrics.close();
    await start(options);
    await pair("b");
    const [, resolved] = (await inbox.first(2)).map((delivery) => alertContract.read(delivery));
    expect(resolved).toMatchObject({ state: "resolved", episode: firing?.episode, fingerprint: firing?.fingerprint });
  });

  test("hold up no row while the queue of alerts is full; the alert arrives when there is room", async () => {
    const { exchanges, queues } = topologyOf([CHAMPION]);
    const full = queues.map((queue) => (queue.name === ALERTS_QUEUE ? { ...queue, limit: { messages: 1, bytes: 1_000_000 } } : queue));
    broker = new MemoryBroker({ exchanges, queues: full });
    source = new MemoryBus(broker, "source", captureLog("source").log);
    await source.publish(ALERTS, alertContract.write(sampleAlert("earlier")));
    const { metrics } = await start({ settings: withRules() });
    await pair("a");
    await vi.waitFor(() => expect(metrics.state?.alerting?.outbox.entries.length).toBe(1), { timeout: 20_000 });
    await pair("b");
    await logged("a,1,2,1\nb,1,2,1\n");
    const inbox = await alertsInbox();
    const rules = (await inbox.first(2)).map((delivery) => alertContract.read(delivery).rule);
    expect(rules).toEqual(["earlier", "no-rows"]);
    await vi.waitFor(() => expect(metrics.state?.alerting?.outbox.entries.length).toBe(0), { timeout: 20_000 });
  });

  test("are silenced by a file that comes while metrics runs", async () => {
    const { metrics } = await start({ settings: withRules() });
    const inbox = await alertsInbox();
    addSilence(folder.path, { rule: "no-rows", lane: null, until: Date.now() + 3_600_000 }, Date.now());
    await pair("a");
    await vi.waitFor(() => expect(metrics.state?.alerting?.firing.length).toBe(1), { timeout: 20_000 });
    expect(inbox.deliveries).toEqual([]);
    addSilence(folder.path, { rule: "no-rows", lane: null, until: 0 }, Date.now());
    expect(alertContract.read(await inbox.one()).rule).toBe("no-rows");
  });
});

describe("corrections", () => {
  const correct = (values: Readonly<Record<string, number>>, at: number) => {
    const frame = { ids: Ids.of(Object.keys(values)), y_true: Float64Array.from(Object.values(values)), correction: { who: "ann" } };
    return source.publish(LABELS, labelContract.write(frame, "json", at));
  };
  const samples = async (registry: Registry, name: string) =>
    Object.fromEntries(
      Array.from((await registry.metrics()).matchAll(new RegExp(`^${name}\\{\\w+="(\\w+)"\\} (\\S+)$`, "gm")), ([, label = "", value]) => [
        label,
        Number(value),
      ]),
    );

  test("are in the notice that follows, and in the gauges", async () => {
    const notices = await receivedNotices();
    const { registry } = await start();
    await Promise.all([sendLabels({ a: 1, b: 60 }), sendPredictions({ a: 3, b: 10 })]);
    await logged("a,1,3,2\nb,60,10,50\n");
    await vi.waitFor(() => expect(notices.at(-1)?.statistics.mae).toBe(26));
    expect(notices.at(-1)?.corrected).toBeUndefined();
    expect(await samples(registry, "streamgauge_metrics_corrected_error")).toEqual({});
    await correct({ b: 6, c: 7 }, 1_000);
    await vi.waitFor(() => expect(notices.at(-1)?.corrected).toBeDefined());
    expect(notices.at(-1)).toMatchObject({
      statistics: { count: 2, mae: 26 },
      corrected: { corrections: 1, statistics: { count: 2, mae: 3, bias: 3, max_error: 4 } },
      rows: [],
    });
    expect(await samples(registry, "streamgauge_metrics_error")).toMatchObject({ mae: 26 });
    expect(await samples(registry, "streamgauge_metrics_corrected_error")).toMatchObject({ mae: 3, bias: 3, max_error: 4, p50: 3 });
    expect(await samples(registry, "streamgauge_metrics_corrections")).toEqual({
      received: 2,
      applied: 1,
      waiting: 1,
      duplicates: 0,
      conflicts: 0,
      unmatched: 0,
      dead_lettered: 0,
      not_restated: 0,
    });
  });

  test("of rows without a window are warned of", async () => {
    const first = await start();
    await Promise.all([sendLabels({ a: 1 }), sendPredictions({ a: 3 })]);
    await logged("a,1,3,2\n");
    await first.metrics.close();
    rmSync(folder.at(".state"), { recursive: true });
    const { lines } = await start();
    await correct({ a: 2 }, 1_000);
    await vi.waitFor(() =>
      expect(lines).toContainEqual(expect.stringContaining("1 corrections are of rows that were logged before there were windows")),
    );
  });
});
