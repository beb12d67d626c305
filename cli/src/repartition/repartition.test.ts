import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import {
  CHAMPION,
  CodeLayout,
  createLogger,
  FeatureWindow,
  Ids,
  labelContract,
  LABELS,
  labelsOf,
  LanePartition,
  LogsDirError,
  MemoryBroker,
  MemoryBus,
  noteRepartition,
  partitionsOfIds,
  predictionContract,
  predictionsOf,
  topologyOf,
  type Bus,
} from "@streamgauge/core";
import { lanePaths, partFilesOf, withLog } from "@streamgauge/core/metric-log";
import {
  DEFAULT_ALARM,
  hashIds,
  LogInUseError,
  Monitor,
  SETTINGS,
  start,
  startSplitter,
  StateStore,
  WriterLock,
} from "@streamgauge/metrics";
import { startServiceOn, until } from "@streamgauge/testing";
import { freshFolder } from "@streamgauge/testing/vitest";
import { beforeEach, expect, test } from "vitest";
import { withLaneState } from "../lane-state.js";
import { readWindows } from "../windows/read-windows.js";
import { verifyLane } from "../verify/verify-lane.js";
import { verifyPartitions } from "../verify/verify-partitions.js";
import { MessagesWaitError } from "./divided-queues.js";
import { NoLaneError, repartition, RepartitionError } from "./repartition.js";

const folder = freshFolder();
const LAYOUT = new CodeLayout("0cba33ef67f1", [
  { of: "number", bins: 6 },
  { of: "text", bins: 5 },
  { of: "y_pred", bins: 4 },
]);
const log = createLogger("test", "silent");
const DAY = 86_400_000;
const BEGIN = Date.now() - 3_600_000;

/** One partition that has seen everything that a lane may see. */
beforeEach(async () => {
  const first = await running({ LABEL_RETENTION_MS: "2000" });
  await first.send(labelContract.write({ ids: Ids.of(["late"]), y_true: Float64Array.of(1) }, "json", BEGIN));
  await until(
    "a label is unmatched",
    () => first.metrics.running.state?.balance.y_true.unmatched ?? 0,
    (count) => count === 1,
  );
  await first.close();
  const { metrics, send, close } = await running({});
  const ids = Array.from({ length: 300 }, (_, i) => `row-${i}`);
  const labels = { ids: Ids.of(ids), y_true: Float64Array.from(ids, (_, i) => i % 7) };
  const eventTimes = Float64Array.from(ids, (_, i) => BEGIN + i * 1_000);
  const halfWidths = new Float64Array(300).fill(2);
  const codes = { layout: LAYOUT, bytes: Uint8Array.from(ids.flatMap((_, i) => [i % 6, (i * 7) % 5, i % 4])) };
  const predictions = { ids: Ids.of(ids), y_pred: new Float64Array(300).fill(3), eventTimes, halfWidths, codes, model: "m@1", unit: "" };
  await send(labelContract.write(labels, "json", BEGIN));
  await send(predictionContract.write(predictions, "json", BEGIN));
  // A copy, another value, two halves that wait, a correction, and one that waits.
  await send(labelContract.write({ ids: Ids.of(["row-1", "row-2", "waits"]), y_true: Float64Array.of(1, 99, 5) }, "json", BEGIN));
  await send(
    predictionContract.write(
      { ids: Ids.of(["waits, too"]), y_pred: Float64Array.of(8), eventTimes: Float64Array.of(BEGIN), model: "m@2", unit: "" },
      "json",
      BEGIN,
    ),
  );
  const correction = { who: "ann", at: BEGIN + DAY };
  await send(labelContract.write({ ids: Ids.of(["row-3", "to come"]), y_true: Float64Array.of(30, 31), correction }, "json", BEGIN + DAY));
  await send({ ...labelContract.write({ ids: Ids.of(["x"]), y_true: Float64Array.of(1) }, "json", BEGIN), body: Buffer.from("nonsense") });
  await until(
    "all is committed",
    () => {
      const state = metrics.running.state;
      return [state?.log.lines, state?.pending.counts.y_true, state?.pending.counts.y_pred, state?.corrections.balance.received].join();
    },
    (counts) => counts === "300,1,1,2",
    20_000,
  );
  await close();
});

async function running(settings: Readonly<Record<string, string>>) {
  const broker = new MemoryBroker(topologyOf([CHAMPION]));
  const bus = new MemoryBus(broker, "test", log);
  const all = { LOGS_DIR: folder.path, ...settings };
  const metrics = await startServiceOn(new MemoryBus(broker, "metrics", log), { SETTINGS, start }, all);
  const send = (message: Parameters<Bus["publish"]>[1]) =>
    bus.publish(message.type === "y_true" ? LABELS : predictionsOf(CHAMPION), message);
  return { metrics, send, close: () => metrics.close() };
}

const options = (to: number) => ({
  logsDir: folder.path,
  to,
  alarm: DEFAULT_ALARM,
  intervalCoverage: 0.9,
  retentionMs: 7 * DAY,
  connect: undefined,
  say: () => undefined,
});

/** The lines of all logs, sorted. */
function linesOf(partitions: number): string[] {
  return LanePartition.all(CHAMPION, partitions)
    .flatMap((partition) => folder.read(partition.fileName("metric_log", "csv")).split("\n").slice(1, -1))
    .toSorted();
}

async function windows() {
  const read = await readWindows(folder.path, { lane: CHAMPION, size: "1m", from: -Infinity, to: Infinity });
  return read.map(({ start: begin, predicted, labelled, mae, corrected, interval_coverage: covered }) => [
    begin,
    predicted,
    labelled,
    mae,
    corrected,
    covered,
  ]);
}

/** The windows of features of all partitions together. */
async function features() {
  return withLaneState(folder.path, CHAMPION, (parts) => {
    const hours = new Map<number, FeatureWindow>();
    for (const { store } of parts) {
      const windows = Monitor.read(store)?.features;
      for (const window of windows?.keys().flatMap((key) => windows.saved(key) ?? []) ?? []) {
        const hour = hours.get(window.start) ?? new FeatureWindow(window.start, window.model, LAYOUT);
        hours.set(window.start, hour.merge({ ...window, revision: 0 }));
      }
    }
    return [...hours.values()].map((hour) => hour.save()).toSorted((one, other) => one.start - other.start);
  });
}

test("one partition becomes four, then two, then one again: the same lines, windows, halves and counts", { timeout: 120_000 }, async () => {
  const [lines, shown, before] = [linesOf(1), await windows(), await verifyPartitions(folder.path, CHAMPION)];
  const bins = await features();
  expect(bins.reduce((sum, { labelled }) => sum + labelled, 0)).toBe(300);
  expect(before.state.balance.y_true).toEqual({ received: 305, logged: 300, unmatched: 1, deadLettered: 1, duplicates: 1, conflicts: 1 });
  for (const to of [4, 2, 1]) {
    await repartition(options(to));
    const { state, problems, partitions } = await verifyPartitions(folder.path, CHAMPION);
    expect([problems, partitions]).toEqual([[], to]);
    expect(await features()).toEqual(bins);
    expect(state.balance).toEqual(before.state.balance);
    expect([state.pending, state.correctionBalance, state.waitingCorrections]).toEqual([
      before.state.pending,
      before.state.correctionBalance,
      before.state.waitingCorrections,
    ]);
    expect(linesOf(to)).toEqual(lines);
    expect(await windows()).toEqual(shown);
  }
  expect(folder.names(/^metric_log/)).toEqual(["metric_log.csv"]);
  expect(folder.names(/^partitions-of-/)).toHaveLength(3);
});

test("each half waits in its own partition, and finds its partner there", { timeout: 60_000 }, async () => {
  await repartition(options(4));
  const [at = 0] = partitionsOfIds(Ids.of(["waits"]), 4);
  const broker = new MemoryBroker(topologyOf([CHAMPION], 4));
  const bus = new MemoryBus(broker, "test", log);
  const settings = { LOGS_DIR: folder.path, PARTITIONS: "4" };
  const own = { SETTINGS, start: ((scope, config, link) => start(scope, config, { ...link, partition: at })) satisfies typeof start };
  const metrics = await startServiceOn(new MemoryBus(broker, "metrics", log), own, settings);
  const splitter = await startSplitter({ bus, log, lane: CHAMPION, partitions: 4 });
  const prediction = { ids: Ids.of(["waits"]), y_pred: Float64Array.of(4), model: "m@1", unit: "" };
  await bus.publish(predictionsOf(CHAMPION), predictionContract.write(prediction, "json", Date.now()));
  await until(
    "the pair is logged",
    () => folder.read(new LanePartition(CHAMPION, at, 4).fileName("metric_log", "csv")),
    (text) => text.includes("waits,5,4,1\n"),
  );
  await splitter.close();
  await metrics.close();
});

test("rows that any partition has refused are counted in the first one afterwards", { timeout: 60_000 }, async () => {
  await repartition(options(4));
  const broker = new MemoryBroker(topologyOf([CHAMPION], 4));
  const bus = new MemoryBus(broker, "test", log);
  const third = { SETTINGS, start: ((scope, config, link) => start(scope, config, { ...link, partition: 3 })) satisfies typeof start };
  const metrics = await startServiceOn(new MemoryBus(broker, "metrics", log), third, { LOGS_DIR: folder.path, PARTITIONS: "4" });
  await bus.publish(labelsOf(3, 4), { body: Buffer.from("nonsense"), contentType: "application/json", type: "y_true", headers: {} });
  await until(
    "it is counted",
    () => metrics.running.state?.balance.y_true.deadLettered,
    (count) => count === 1,
  );
  await metrics.close();
  await repartition(options(2));
  const counts = LanePartition.all(CHAMPION, 2).map(async (partition) => {
    const { state, problems } = await verifyLane(folder.path, partition);
    return [problems, state.balance.y_true.deadLettered];
  });
  // One was refused before there were partitions.
  expect(await Promise.all(counts)).toEqual([
    [[], 2],
    [[], 0],
  ]);
});

test("while metrics runs nothing is changed", async () => {
  const lock = new WriterLock(lanePaths(folder.path, new LanePartition(CHAMPION)));
  await expect(repartition(options(4))).rejects.toThrow(
    new LogInUseError(folder.at("metric_log.csv"), "Stop metrics and the sources of rows first, then run this again."),
  );
  lock.close();
  expect(folder.names(/^metric_log/)).toEqual(["metric_log.csv"]);
});

test("while another one runs nothing is changed, whatever number it has", { timeout: 60_000 }, async () => {
  const said: string[] = [];
  let other: Promise<void> | undefined;
  const say = (text: string) => {
    said.push(text);
    // The new files are there, and the number is not changed.
    other ??= expect(repartition(options(2))).rejects.toThrow(LogInUseError);
  };
  await repartition({ ...options(4), say });
  await other;
  expect(said[0]).toMatch(/^Lane champion: 300 lines/);
  expect(await verifyPartitions(folder.path, CHAMPION)).toMatchObject({ problems: [], partitions: 4 });
});

test("what an interrupted one has written is removed if the number is to stay", { timeout: 60_000 }, async () => {
  // Another one was killed there.
  noteRepartition(folder.path, { from: 1, to: 4, archive: "partitions-of-1" });
  folder.write("metric_log.1of4.csv", "id,y_true,y_pred,absolute_error\n");
  await repartition(options(1));
  expect(folder.names(/^metric_log/)).toEqual(["metric_log.csv"]);
  await repartition(options(4));
  expect((await verifyPartitions(folder.path, CHAMPION)).partitions).toBe(4);
});

test("a correction and a half that wait for a line which metrics had forgotten do not refuse it", { timeout: 60_000 }, async () => {
  const store = StateStore.open(lanePaths(folder.path, new LanePartition(CHAMPION)).state);
  const state = store.state();
  if (state === undefined) throw new Error("There is no state.");
  const { balance, correctionBalance } = state;
  store.commit(() => {
    const arrived = { ids: Ids.of(["row-5"]), values: Float64Array.of(5), receivedAt: BEGIN, model: "", codes: undefined };
    const times = { eventTimeOf: () => BEGIN, halfWidthOf: () => Number.NaN };
    store.pending.put({ side: "y_true", hashes: hashIds(arrived.ids), ...arrived, ...times }, [0]);
    store.correctionTable.putWaiting(Buffer.from("row-4"), {
      version: 1,
      since: BEGIN,
      corrections: [{ at: BEGIN, value: 40, who: "ann" }],
    });
    return {
      state: {
        ...state,
        balance: { ...balance, y_true: { ...balance.y_true, received: balance.y_true.received + 1 } },
        pending: { ...state.pending, y_true: state.pending.y_true + 1 },
        correctionBalance: { ...correctionBalance, received: correctionBalance.received + 1 },
        waitingCorrections: state.waitingCorrections + 1,
      },
      monitor: undefined,
      tail: store.tail(),
      generations: undefined,
    };
  });
  await store.close();
  await repartition(options(2));
  const { state: after, problems } = await verifyPartitions(folder.path, CHAMPION);
  expect(problems).toEqual([]);
  expect([after.correctionBalance.applied, after.waitingCorrections, after.balance.y_true.duplicates]).toEqual([2, 1, 2]);
});

test("messages that wait in the queue of a partition are not left behind", async () => {
  await repartition(options(4));
  const broker = new MemoryBroker(topologyOf([CHAMPION], 4));
  const connect = async () => new MemoryBus(broker, "test", log);
  const bus = await connect();
  await bus.publish(
    { exchange: "", routingKey: "metrics.champion.2of4.y_true" },
    { body: Buffer.from("1"), contentType: "", type: "", headers: {} },
  );
  const changing = repartition({ ...options(2), connect });
  await expect(changing).rejects.toThrow(MessagesWaitError);
  await expect(changing).rejects.toThrow("1 messages wait in the queue metrics.champion.2of4.y_true: let metrics take them first.");
  await bus.remove("metrics.champion.2of4.y_true");
  broker.declare(topologyOf([CHAMPION], 4));
  await repartition({ ...options(2), connect });
  expect(() => broker.queue("metrics.champion.2of4.y_true")).toThrow("There is no queue metrics.champion.2of4.y_true.");
  expect(broker.queue("metrics.champion.y_true").depth).toBe(0);
});

test("a lane that does not add up is not touched", async () => {
  folder.write("metric_log.csv", folder.read("metric_log.csv").replace("row-1,1,3,2\n", "row-1,1,4,3\n"));
  await expect(repartition(options(4))).rejects.toThrow(RepartitionError);
  expect(existsSync(folder.at("metric_log.csv"))).toBe(true);
  expect(readdirSync(folder.at(".state")).filter((name) => name.includes("of4") && !name.endsWith(".lock"))).toEqual([]);
  expect(StateStore.wasUsed(lanePaths(folder.path, new LanePartition(CHAMPION)).state)).toBe(true);
});

test("a folder that does not exist has no lane, and is not made", async () => {
  const logsDir = folder.at("none");
  await expect(repartition({ ...options(4), logsDir })).rejects.toThrow(NoLaneError);
  await expect(repartition({ ...options(1), logsDir })).rejects.toThrow(
    `${logsDir} has no lane: metrics has not run there. Set LOGS_DIR to the folder of the logs. Nothing was changed.`,
  );
  expect(existsSync(logsDir)).toBe(false);
});

test("what the system refuses is said with the folder", { timeout: 30_000 }, async () => {
  const logsDir = folder.at("metric_log.csv");
  const refused = repartition({ ...options(4), logsDir });
  await expect(refused).rejects.toThrow(LogsDirError);
  await expect(refused).rejects.toThrow(`The folder ${logsDir} cannot be used (ENOTDIR`);
});

test("without a broker it says that queues were not looked at", { timeout: 30_000 }, async () => {
  const said: string[] = [];
  // A log alone has no notes, either.
  rmSync(folder.at(".state"), { recursive: true });
  await repartition({ ...options(1), say: (text) => said.push(text) });
  expect(said).toEqual([
    'AMQP_URL is not set, so queues were not looked at. If the services use RabbitMQ, run "streamgauge repartition --to 1" again with AMQP_URL as they have it.',
    `${folder.path} has one partition.`,
  ]);
});

const logs = (of: number) => LanePartition.all(CHAMPION, of).map((partition) => lanePaths(folder.path, partition).log);

/** Logs 9,000 more rows, which begin a part of the log. */
async function logInParts(): Promise<void> {
  const { metrics, send, close } = await running({ LOG_ROTATE: "10kB" });
  const ids = Ids.of(Array.from({ length: 9_000 }, (_, i) => `more-${i}`));
  const values = new Float64Array(9_000).fill(3);
  await send(labelContract.write({ ids, y_true: values }, "arrow", BEGIN));
  await send(predictionContract.write({ ids, y_pred: values, model: "m@1", unit: "" }, "arrow", BEGIN));
  await until(
    "all is committed",
    () => metrics.running.state?.log.lines,
    (lines) => lines === 9_300,
    20_000,
  );
  await close();
}

test(
  "a log in parts is divided, and new partitions have parts of their own; a part that is missing is said",
  { timeout: 120_000 },
  async () => {
    await logInParts();
    const lines = allLines(logs(1));
    expect([lines.length, partFilesOf(logs(1)[0] ?? "").length]).toEqual([9_300, 1]);

    await repartition({ ...options(2), rotation: { kind: "size", bytes: 10_000 } });
    const [first] = logs(2).map((path) => {
      const [part] = partFilesOf(path);
      expect(part?.number).toBe(1);
      return part?.path ?? "";
    });
    expect(allLines(logs(2))).toEqual(lines);
    expect((await verifyPartitions(folder.path, CHAMPION)).unchecked).toEqual([]);

    renameSync(first ?? "", `${first}.away`);
    const { problems, unchecked } = await verifyPartitions(folder.path, CHAMPION);
    expect(problems).toEqual([]);
    expect(unchecked).toEqual([
      expect.stringMatching(/metric_log\.1of2\.000001-\d{8}\.csv is missing: its \d{4} lines were not checked, nor/),
    ]);
    await expect(repartition(options(1))).rejects.toThrow(
      "Lane champion cannot be divided, for parts of its log are missing: nothing was changed.",
    );
    writeFileSync(first ?? "", "id\n");
    expect((await verifyPartitions(folder.path, CHAMPION)).problems).toEqual([
      expect.stringMatching(/000001-\d{8}\.csv has 3 bytes; \d+ were committed: restore it from a backup, or move it away\.$/),
    ]);
    renameSync(`${first}.away`, first ?? "");
    await repartition(options(1));
    expect(folder.names(/^metric_log/)).toEqual(["metric_log.csv"]);
    expect(linesOf(1)).toEqual(lines);
  },
);

/** The lines of logs with all their parts, sorted. */
function allLines(logs: readonly string[]): string[] {
  return logs.flatMap((path) => withLog(path, (file) => file.read(0, 1_000_000).toString().split("\n").slice(1, -1))).toSorted();
}

test("parts that new partitions begin with are compressed when their metrics start", { timeout: 120_000 }, async () => {
  await logInParts();
  const lines = allLines(logs(1));
  await repartition({ ...options(2), rotation: { kind: "size", bytes: 10_000 } });
  const parts = () => logs(2).flatMap((path) => partFilesOf(path).map((part) => part.path));
  expect(parts()).toEqual([expect.stringMatching(/1of2\.000001-\d{8}\.csv$/), expect.stringMatching(/2of2\.000001-\d{8}\.csv$/)]);
  const broker = new MemoryBroker(topologyOf([CHAMPION], 2));
  const started = await Promise.all(
    [1, 2].map((partition) => {
      const service = { SETTINGS, start: ((scope, config, link) => start(scope, config, { ...link, partition })) satisfies typeof start };
      const settings = { LOGS_DIR: folder.path, PARTITIONS: "2", LOG_ROTATE: "10kB" };
      return startServiceOn(new MemoryBus(broker, `metrics-${partition}`, log), service, settings);
    }),
  );
  await until("all parts are compressed", parts, (paths) => paths.length === 2 && paths.every((path) => path.endsWith(".csv.gz")), 20_000);
  for (const metrics of started) await metrics.close();
  expect(allLines(logs(2))).toEqual(lines);
  expect(await verifyPartitions(folder.path, CHAMPION)).toMatchObject({ problems: [], unchecked: [] });
});
