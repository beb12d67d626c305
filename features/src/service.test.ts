import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CHAMPION,
  featuresContract,
  labelContract,
  MemoryBroker,
  MemoryBus,
  MessageTooLargeError,
  queuesOf,
  topologyOf,
  type Delivery,
} from "@streamgauge/core";
import { captureLog, Inbox, startServiceOn } from "@streamgauge/testing";
import { Registry } from "prom-client";
import { describe, expect, test, vi } from "vitest";
import { DatasetError } from "./dataset-error.js";
import { csvFile, temporaryFolder } from "@streamgauge/testing/vitest";
import type { Features } from "./service.js";
import { SETTINGS, start } from "./start.js";

const { features: ROWS, labels: LABELS } = queuesOf(CHAMPION);

/** Row i is `i,10 i`, from 1. */
const TEN_ROWS = `a,y\n${Array.from({ length: 10 }, (_, i) => `${i + 1},${(i + 1) * 10}\n`).join("")}`;

/** For what comes at once, on a machine that is busy. */
const SOON = { timeout: 10_000 };

/** A row or a label as it was received: the number at the end of its id, and its value. */
type Received = readonly [number: number, value: unknown];

/** Settings; their values become texts. */
type TestSettings = Readonly<Partial<Record<keyof typeof SETTINGS | "LOGS_DIR", string | number>>>;

/** A broker on which sources are started, and where what they send is looked at. */
class Stage {
  readonly broker: MemoryBroker;
  readonly log = captureLog();
  readonly settings = { DATASET_PATH: csvFile(TEN_ROWS), TARGET_COLUMN: "y", ROWS_PER_SECOND: 0, ROW_LIMIT: 10 };
  registry = new Registry();

  /** @param queueLimit - messages that a queue takes. */
  constructor(queueLimit = 20_000) {
    const { exchanges, queues } = topologyOf([CHAMPION]);
    const limit = { messages: queueLimit, bytes: 16 << 20 };
    this.broker = new MemoryBroker({ exchanges, queues: queues.map((queue) => ({ ...queue, limit })) });
  }

  bus(name: string): MemoryBus {
    return new MemoryBus(this.broker, name, this.log.log);
  }

  async start(settings: TestSettings = {}): Promise<Features & { readonly bus: MemoryBus }> {
    const bus = this.bus("features");
    // Without a broker there is no checkpoint.
    const all = { ...this.settings, ...settings, AMQP_URL: settings.LOGS_DIR === undefined ? "" : "amqp://localhost" };
    const texts = Object.fromEntries(Object.entries(all).map(([name, value]) => [name, String(value)]));
    const { running, registry } = await startServiceOn(bus, { SETTINGS, start }, texts, { log: this.log.log });
    if (running === undefined) throw new Error("It has sources in the place of a dataset.");
    this.registry = registry;
    return Object.assign(Object.create(running), { bus });
  }

  /** Starts a source that comes to its end. */
  async run(settings: TestSettings = {}): Promise<void> {
    await (
      await this.start(settings)
    ).finished;
  }

  async read(queue: string): Promise<Inbox> {
    const inbox = new Inbox();
    await this.bus("reader").consume(queue, inbox.handler, { prefetch: 100_000 });
    return inbox;
  }

  depth(queue: string): number {
    return this.broker.queue(queue).depth;
  }
}

function numberOf(id: string): number {
  return Number(id.split("-")[1]);
}

function rowsOf(deliveries: readonly Delivery[], column = "a"): Received[] {
  return deliveries.flatMap((delivery) => {
    const { ids, columns } = featuresContract.read(delivery).frame;
    return ids.toArray().map((id, i): Received => [numberOf(id), columns.get(column)?.[i]]);
  });
}

function labelsOf(deliveries: readonly Delivery[]): Received[] {
  return deliveries.flatMap((delivery) => {
    const { ids, y_true } = labelContract.read(delivery).frame;
    return ids.toArray().map((id, i): Received => [numberOf(id), y_true[i]]);
  });
}

const counted = (count: number, value: (i: number) => number): Received[] => Array.from({ length: count }, (_, i) => [i + 1, value(i + 1)]);

describe("a run", () => {
  test.each([
    { FRAME_ROWS: 1, FRAME_FORMAT: "json" },
    { FRAME_ROWS: 4, FRAME_FORMAT: "json" },
    { FRAME_ROWS: 4, FRAME_FORMAT: "arrow" },
  ] as const)("sends each row and each label once: %j", async (options) => {
    const stage = new Stage();
    const [rows, labels] = [await stage.read(ROWS), await stage.read(LABELS)];
    const source = await stage.start({ ...options, ROW_LIMIT: 23 });
    await source.finished;
    const messages = Math.ceil(23 / options.FRAME_ROWS);
    expect(rowsOf(await rows.first(messages))).toEqual(counted(23, (i) => ((i - 1) % 10) + 1));
    expect(labelsOf(await labels.first(messages))).toEqual(counted(23, (i) => (((i - 1) % 10) + 1) * 10));
    expect(source.progress).toMatchObject({ rows: 23, sent: 23, malformed: 0 });
    expect(rows.deliveries[0]?.contentType).toBe(
      options.FRAME_FORMAT === "json" ? "application/json" : "application/vnd.apache.arrow.stream",
    );
    expect([stage.depth(ROWS), stage.depth(LABELS)]).toEqual([0, 0]);
    const metrics = await stage.registry.metrics();
    expect(metrics).toContain("streamgauge_features_rows_total 23\n");
    expect(metrics).toContain("streamgauge_features_labels_total 23\n");
  });

  test("gives rows and labels of a frame the same ids, which no other run has", async () => {
    const stage = new Stage();
    const [rows, labels] = [await stage.read(ROWS), await stage.read(LABELS)];
    await stage.run();
    await stage.run();
    const ids = (await rows.first(20)).flatMap((delivery) => featuresContract.read(delivery).frame.ids.toArray());
    expect((await labels.first(20)).flatMap((delivery) => labelContract.read(delivery).frame.ids.toArray())).toEqual(ids);
    expect(new Set(ids).size).toBe(20);
  });

  test.each(["json", "arrow"] as const)("says when each row happened, as %s", async (frameFormat) => {
    const stage = new Stage();
    const [rows, labels] = [await stage.read(ROWS), await stage.read(LABELS)];
    const datasetPath = csvFile("when,a,y\n2025-10-09 10:53:20,1,10\n2025-10-09 10:53:21,2,20\n2025-10-09 10:53:19,3,30\n");
    await stage.run({
      DATASET_PATH: datasetPath,
      TIME_COLUMN: "when",
      TIME_ZONE: "Europe/Berlin",
      FRAME_ROWS: 3,
      ROW_LIMIT: 3,
      FRAME_FORMAT: frameFormat,
    });
    const { frame } = featuresContract.read(await rows.one());
    expect([frame.eventTimes, [...frame.columns.keys()]]).toEqual([
      Float64Array.of(1_760_000_000_000, 1_760_000_001_000, 1_759_999_999_000),
      ["a"],
    ]);
    expect(labelsOf([await labels.one()])).toEqual(counted(3, (i) => i * 10));
  });

  test.each([1, 2, 5])("sends rows without a label, in frames of %i, and goes on behind them", async (frameRows) => {
    const stage = new Stage();
    const [rows, labels] = [await stage.read(ROWS), await stage.read(LABELS)];
    const datasetPath = csvFile("a,y\n1,10\n2,\n3,\n4,40\n5,\n");
    const logsDir = temporaryFolder();
    const source = await stage.start({
      DATASET_PATH: datasetPath,
      ALLOW_UNLABELLED: 1,
      FRAME_ROWS: frameRows,
      ROW_LIMIT: 5,
      LOGS_DIR: logsDir,
    });
    await source.finished;
    expect(rowsOf(await rows.first(Math.ceil(5 / frameRows)))).toEqual(counted(5, (i) => i));
    expect(labelsOf(await labels.first(frameRows === 5 ? 1 : 2))).toEqual([
      [1, 10],
      [4, 40],
    ]);
    expect(source.progress).toMatchObject({ rows: 5, sent: 5, unlabelled: 3 });
    const checkpoint: unknown = JSON.parse(readFileSync(join(logsDir, ".state", "features.json"), "utf8"));
    expect(checkpoint).toMatchObject({ rows: 5, position: 5, finished: true });
  });

  test("goes at the pace of its event times, so many times faster", async () => {
    const stage = new Stage();
    const rows = await stage.read(ROWS);
    // Two hours at 36,000 times that pace are 200 ms.
    const datasetPath = csvFile("when,a,y\n2025-10-09 10:00,1,1\n2025-10-09 11:00,2,1\n2025-10-09 09:00,3,1\n2025-10-09 12:00,4,1\n");
    const began = performance.now();
    await stage.run({
      DATASET_PATH: datasetPath,
      TIME_COLUMN: "when",
      TIME_SPEED: 36_000,
      ROWS_PER_SECOND: 0.001,
      FRAME_DELAY_MS: 0,
      ROW_LIMIT: 4,
    });
    expect(performance.now() - began).toBeGreaterThan(190);
    expect(rowsOf(await rows.first(4))).toEqual(counted(4, (i) => i));
  });

  test("sends rows together that are due within FRAME_DELAY_MS", async () => {
    const stage = new Stage();
    const rows = await stage.read(ROWS);
    const datasetPath = csvFile(`when,a,y\n${[0, 1, 2, 3, 4, 5].map((s) => `${s},${s + 1},1\n`).join("")}`);
    const pace = { TIME_COLUMN: "when", TIME_SPEED: 20, FRAME_DELAY_MS: 100, FRAME_ROWS: 256 };
    await stage.run({ DATASET_PATH: datasetPath, ...pace, ROW_LIMIT: 6 });
    expect((await rows.first(2)).map((delivery) => rowsOf([delivery]).length)).toEqual([3, 3]);
  });

  test("says when each row left", async () => {
    const stage = new Stage();
    const rows = await stage.read(ROWS);
    const before = Date.now();
    await stage.run({ ROW_LIMIT: 1 });
    const { headers } = await rows.one();
    expect(headers["origin"]).toBeGreaterThanOrEqual(before);
    expect(headers["origin"]).toBeLessThanOrEqual(Date.now());
  });

  test("keeps its pace", async () => {
    const began = performance.now();
    await new Stage().run({ ROWS_PER_SECOND: 100 });
    // The tenth row is due after 100 ms; a timer may be early by less than 1 ms.
    expect(performance.now() - began).toBeGreaterThan(99);
  });

  test("at a slow pace sends a frame with the rows that are due within the delay", async () => {
    const stage = new Stage();
    const rows = await stage.read(ROWS);
    await stage.run({ ROWS_PER_SECOND: 50, FRAME_ROWS: 1_000, FRAME_DELAY_MS: 100 });
    await rows.first(2);
    expect(rows.deliveries.map((delivery) => featuresContract.read(delivery).frame.ids.length)).toEqual([5, 5]);
  });

  test("names lines that it cannot send, not too many, and counts them all", async () => {
    const stage = new Stage();
    const path = csvFile(`a,y\n1,10\n${"bad\n".repeat(30)}2,20\n`);
    const rows = await stage.read(ROWS);
    const source = await stage.start({ DATASET_PATH: path, ROW_LIMIT: 4 });
    await source.finished;
    expect(rowsOf(await rows.first(4)).map(([, a]) => a)).toEqual([1, 2, 1, 2]);
    expect(source.progress.malformed).toBe(30);
    const said = stage.log.lines.filter((line) => line.includes("is not sent"));
    expect(said).toHaveLength(20);
    expect(said[0]).toContain(`Line 3 of ${path} is not sent: it has 1 cell, the header has 2.`);
    expect(stage.log.lines.filter((line) => line.includes("Further lines that are not sent are counted only."))).toHaveLength(1);
  });

  test.each([1, 4])("whose ids are the dataset's says once that a further pass has the same, in frames of %i", async (frameRows) => {
    const stage = new Stage();
    const said = () => stage.log.lines.filter((line) => line.includes("is sent from its beginning again, with the same ids (ID_COLUMN=a)"));
    await stage.run({ ID_COLUMN: "a", ROW_LIMIT: 10, FRAME_ROWS: frameRows });
    expect(said()).toHaveLength(0);
    await stage.run({ ID_COLUMN: "a", ROW_LIMIT: 40, FRAME_ROWS: frameRows });
    expect(said()).toHaveLength(1);
    await stage.run({ ROW_LIMIT: 40, FRAME_ROWS: frameRows });
    expect(said()).toHaveLength(1);
  });

  test("sends text and missing cells as they are", async () => {
    const stage = new Stage();
    const rows = await stage.read(ROWS);
    const datasetPath = csvFile("a,b,y\n1,red,1\n,blue,2\n3,,3\n");
    await stage.run({ DATASET_PATH: datasetPath, ROW_LIMIT: 3, FRAME_ROWS: 3 });
    expect(rowsOf([await rows.one()])).toEqual([
      [1, 1],
      [2, null],
      [3, 3],
    ]);
    expect(rowsOf([await rows.one()], "b")).toEqual([
      [1, "red"],
      [2, "blue"],
      [3, null],
    ]);
  });

  test("sends columns of numbers and texts as Arrow too: a number is its text", async () => {
    const stage = new Stage();
    const rows = await stage.read(ROWS);
    const datasetPath = csvFile("a,b,y\n1,red,1\n2,red,2\n,blue,3\n4,blue,4\nfive,red,5\n6,red,6\n");
    await stage.run({ DATASET_PATH: datasetPath, ROW_LIMIT: 6, FRAME_ROWS: 2, FRAME_FORMAT: "arrow" });
    const deliveries = await rows.first(3);
    expect(deliveries.map(({ contentType, headers }) => [contentType, headers["cells"]])).toEqual(
      Array.from({ length: 3 }, () => ["application/vnd.apache.arrow.stream", "as-written"]),
    );
    expect(rowsOf(deliveries).map(([, a]) => a)).toEqual([1, 2, null, 4, "five", "6"]);
    expect(rowsOf(deliveries, "b").map(([, b]) => b)).toEqual(["red", "red", "blue", "blue", "red", "red"]);
  });
});

describe("a run that cannot be", () => {
  test.each([
    ["is missing", () => ({ DATASET_PATH: "/no/such.csv" }), "cannot be read"],
    ["lacks the target", () => ({ TARGET_COLUMN: "z" }), 'has no column "z"'],
    ["lacks the ids", () => ({ ID_COLUMN: "z" }), 'has no column "z"'],
    ["is empty", () => ({ DATASET_PATH: csvFile("") }), "is empty"],
  ])("fails because its dataset %s", async (_, options, message) => {
    const stage = new Stage();
    const source = await stage.start(options());
    await expect(source.finished).rejects.toThrow(DatasetError);
    await expect(source.finished).rejects.toThrow(message);
    await source.close();
    expect([stage.depth(ROWS), stage.depth(LABELS)]).toEqual([0, 0]);
  });

  test("fails on a message that no broker takes", async () => {
    const stage = new Stage();
    const logsDir = temporaryFolder();
    // A thousand bytes a row: 20,000 rows in one message are above its limit.
    const datasetPath = csvFile(`a,y\n${`${"x".repeat(1_000)},1\n`.repeat(20_000)}`);
    const source = await stage.start({ DATASET_PATH: datasetPath, LOGS_DIR: logsDir, ROW_LIMIT: 20_000, FRAME_ROWS: 20_000 });
    await expect(source.finished).rejects.toThrow(MessageTooLargeError);
    await expect(source.finished).rejects.toThrow("send fewer rows a frame (FRAME_ROWS)");
  });
});

describe("labels that are held back", () => {
  test("leave after the delay, each once, in order, with the time of their rows; until then the run is not finished", async () => {
    const stage = new Stage();
    const [rows, labels] = [await stage.read(ROWS), await stage.read(LABELS)];
    let finished = false;
    const source = await stage.start({ LABEL_DELAY_MS: 300 });
    void source.finished.then(() => (finished = true));
    await rows.first(10);
    expect(labels.deliveries).toHaveLength(0);
    expect(await stage.registry.metrics()).toContain("streamgauge_features_held_labels 10\n");
    expect(finished).toBe(false);
    const label = await labels.one();
    const origin = Number(label.headers["origin"]);
    expect(origin).toBe(rows.deliveries[0]?.headers["origin"]);
    // Both clocks are read with whole milliseconds.
    expect(Date.now() - origin).toBeGreaterThanOrEqual(298);
    await source.finished;
    expect(labelsOf(await labels.first(10))).toEqual(counted(10, (i) => i * 10));
    expect(await stage.registry.metrics()).toContain("streamgauge_features_held_labels 0\n");
  });

  test("are not sent when the source stops, and are sent by the next one", async () => {
    const stage = new Stage();
    const logsDir = temporaryFolder();
    const [rows, labels] = [await stage.read(ROWS), await stage.read(LABELS)];
    const first = await stage.start({ LABEL_DELAY_MS: 60_000, LOGS_DIR: logsDir });
    await rows.first(10);
    await first.close();
    expect(labels.deliveries).toHaveLength(0);
    await stage.run({ LOGS_DIR: logsDir });
    // The rows are sent again, under the same ids, because their labels were not confirmed.
    expect(rowsOf(await rows.first(20))).toEqual([...counted(10, (i) => i), ...counted(10, (i) => i)]);
    expect(labelsOf(await labels.first(10))).toEqual(counted(10, (i) => i * 10));
  });
});

describe("a source that is started again", () => {
  /** Stops after some rows, and returns what is in the queues by then. */
  async function interrupted(stage: Stage, settings: TestSettings): Promise<Features> {
    const rows = await stage.read(ROWS);
    const source = await stage.start({ ROW_LIMIT: 5_000, ...settings });
    await rows.first(1_000);
    await source.close();
    return source;
  }

  test.each([1, 7])("sends the rest, without gap or doublet, in frames of %i", async (frameRows) => {
    const stage = new Stage();
    const logsDir = temporaryFolder();
    const [rows, labels] = [await stage.read(ROWS), await stage.read(LABELS)];
    const rowLimit = 5_000 * frameRows;
    const first = await stage.start({ ROW_LIMIT: rowLimit, FRAME_ROWS: frameRows, LOGS_DIR: logsDir });
    await labels.first(300);
    await first.close();
    expect(first.progress.rows).toBeLessThan(rowLimit);
    const second = await stage.start({ ROW_LIMIT: rowLimit, FRAME_ROWS: frameRows, LOGS_DIR: logsDir });
    expect(second.progress).toEqual({ ...first.progress, sent: 0 });
    await second.finished;
    expect(first.progress.sent + second.progress.sent).toBe(rowLimit);
    const messages = first.progress.sent / frameRows + Math.ceil(second.progress.sent / frameRows);
    expect(labelsOf(await labels.first(messages))).toEqual(counted(rowLimit, (i) => (((i - 1) % 10) + 1) * 10));
    expect(rowsOf(await rows.first(messages))).toEqual(counted(rowLimit, (i) => ((i - 1) % 10) + 1));
    expect([rows.deliveries.length, labels.deliveries.length]).toEqual([messages, messages]);
    const third = await stage.start({ ROW_LIMIT: 5, LOGS_DIR: logsDir });
    await third.finished;
    expect(third.progress.run).not.toBe(first.progress.run);
  });

  test("keeps a checkpoint while it runs, for when it is killed", async () => {
    const stage = new Stage();
    const logsDir = temporaryFolder();
    const source = await stage.start({ ROW_LIMIT: 0, ROWS_PER_SECOND: 500, LOGS_DIR: logsDir });
    const checkpoint = (): unknown => JSON.parse(readFileSync(join(logsDir, ".state", "features.json"), "utf8"));
    const { run } = source.progress;
    await vi.waitFor(() => expect(checkpoint()).toMatchObject({ run, rows: expect.toSatisfy((rows: number) => rows > 0) }), SOON);
    expect(checkpoint()).toMatchObject({ finished: false, rows: expect.toSatisfy((rows: number) => rows <= source.progress.rows) });
    await source.close();
  });

  test.each([
    ["START_OVER is set", { START_OVER: 1 }],
    ["the limit is another one", { ROW_LIMIT: 4_000 }],
    ["the ids are", { ID_COLUMN: "a" }],
  ])("begins a new run if %s", async (_, options) => {
    const stage = new Stage();
    const logsDir = temporaryFolder();
    const first = await interrupted(stage, { LOGS_DIR: logsDir });
    const second = await stage.start({ ROW_LIMIT: 5_000, LOGS_DIR: logsDir, ...options });
    expect(second.progress.run).not.toBe(first.progress.run);
    expect(second.progress.rows).toBe(0);
    await second.close();
  });

  test("begins a new run if the dataset is another one", async () => {
    const stage = new Stage();
    const logsDir = temporaryFolder();
    const first = await interrupted(stage, { LOGS_DIR: logsDir });
    writeFileSync(stage.settings.DATASET_PATH, "a,y\n1,1\n");
    const second = await stage.start({ ROW_LIMIT: 5_000, LOGS_DIR: logsDir });
    expect(second.progress.run).not.toBe(first.progress.run);
    await second.close();
  });

  test("begins a new run if there is no folder for the checkpoint", async () => {
    const stage = new Stage();
    const first = await interrupted(stage, {});
    const second = await stage.start({ ROW_LIMIT: 5_000 });
    expect(second.progress.run).not.toBe(first.progress.run);
    await second.close();
  });

  test("goes on though the checkpoint cannot be written", async () => {
    const stage = new Stage();
    const logsDir = temporaryFolder();
    rmSync(logsDir, { recursive: true });
    writeFileSync(logsDir, "a file in the place of the folder");
    await stage.run({ LOGS_DIR: logsDir });
    expect(stage.log.lines.filter((line) => line.includes("cannot be written"))).toHaveLength(1);
  });
});

describe("the bus", () => {
  test("that is closed ends the run without a failure; what was not sent is sent by the next", async () => {
    const stage = new Stage();
    const logsDir = temporaryFolder();
    const labels = await stage.read(LABELS);
    await stage.read(ROWS);
    const first = await stage.start({ ROW_LIMIT: 5_000, LOGS_DIR: logsDir });
    await labels.first(500);
    await first.bus.close();
    await first.finished;
    await stage.run({ ROW_LIMIT: 5_000, LOGS_DIR: logsDir });
    await vi.waitFor(() => expect(new Set(labelsOf(labels.deliveries).map(([number]) => number)).size).toBe(5_000), SOON);
  });

  test.each([
    ["rows", ROWS, LABELS],
    ["labels", LABELS, ROWS],
  ])("whose queue of %s is full holds the source, in bounded memory, and loses nothing", async (_, full, other) => {
    const stage = new Stage(2_000);
    const rowLimit = 5_000;
    const taken = await stage.read(other);
    const source = await stage.start({ ROW_LIMIT: rowLimit });
    await vi.waitFor(() => expect(stage.depth(full)).toBe(2_000), SOON);
    await vi.waitFor(() => expect(source.progress.sent).toBe(3_000), SOON);
    await new Promise(setImmediate);
    expect(source.progress.sent).toBe(3_000);
    expect(await stage.registry.metrics()).toContain(`streamgauge_features_unconfirmed_rows ${full === ROWS ? 1_000 : 0}\n`);
    const held = await stage.read(full);
    await source.finished;
    await held.first(rowLimit);
    await taken.first(rowLimit);
    const numbers = (inbox: Inbox) => inbox.deliveries.map((delivery) => numberOf(JSON.parse(delivery.body.toString()).id));
    const all = counted(rowLimit, () => 0).map(([number]) => number);
    // Messages that waited for room may overtake each other, so order is not guaranteed.
    expect(numbers(held).toSorted((one, two) => one - two)).toEqual(all);
    expect(numbers(taken).toSorted((one, two) => one - two)).toEqual(all);
  });

  test("whose queue is full does not keep the source from stopping, nor count as confirmed what is not", async () => {
    const stage = new Stage(2_000);
    const logsDir = temporaryFolder();
    const labels = await stage.read(LABELS);
    const first = await stage.start({ ROW_LIMIT: 5_000, LOGS_DIR: logsDir });
    await vi.waitFor(() => expect(first.progress.sent).toBe(3_000), SOON);
    // It waits three seconds for the confirms.
    await first.close();
    const second = await stage.start({ ROW_LIMIT: 5_000, LOGS_DIR: logsDir });
    expect(second.progress.rows).toBe(2_000);
    await first.bus.close();
    const rows = await stage.read(ROWS);
    await second.finished;
    await rows.first(5_000);
    await labels.first(6_000);
    expect(rowsOf(rows.deliveries).toSorted(([one], [other]) => one - other)).toEqual(counted(5_000, (i) => ((i - 1) % 10) + 1));
    expect(new Set(labelsOf(labels.deliveries).map(([number]) => number)).size).toBe(5_000);
  });
});
