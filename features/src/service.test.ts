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
import { captureLog, Inbox } from "@streamgauge/testing";
import { Registry } from "prom-client";
import { describe, expect, test, vi } from "vitest";
import { DatasetError } from "./dataset-error.js";
import { csvFile, temporaryFolder } from "@streamgauge/testing/vitest";
import { startFeatures, type Features, type FeaturesOptions } from "./service.js";

const { features: ROWS, labels: LABELS } = queuesOf(CHAMPION);

/** Row i is `i,10 i`, from 1. */
const TEN_ROWS = `a,y\n${Array.from({ length: 10 }, (_, i) => `${i + 1},${(i + 1) * 10}\n`).join("")}`;

/** For what comes at once, on a machine that is busy. */
const SOON = { timeout: 10_000 };

/** A row or a label as it was received: the number at the end of its id, and its value. */
type Received = readonly [number: number, value: unknown];

/** A broker on which sources are started, and where what they send is looked at. */
class Stage {
  readonly broker: MemoryBroker;
  readonly log = captureLog();
  readonly options: Omit<FeaturesOptions, "bus" | "registry"> = {
    log: this.log.log,
    datasetPath: csvFile(TEN_ROWS),
    targetColumn: "y",
    idColumn: "",
    rowsPerSecond: 0,
    rowLimit: 10,
    labelDelayMs: 0,
    frameRows: 1,
    frameDelayMs: 100,
    frameFormat: "json",
    logsDir: undefined,
    startOver: false,
  };
  readonly registry = new Registry();

  /** @param queueLimit - messages that a queue takes. */
  constructor(queueLimit = 20_000) {
    const { exchanges, queues } = topologyOf([CHAMPION]);
    const limit = { messages: queueLimit, bytes: 16 << 20 };
    this.broker = new MemoryBroker({ exchanges, queues: queues.map((queue) => ({ ...queue, limit })) });
  }

  bus(name: string): MemoryBus {
    return new MemoryBus(this.broker, name, this.log.log);
  }

  start(options: Partial<FeaturesOptions> = {}): Features & { readonly bus: MemoryBus } {
    const bus = this.bus("features");
    this.registry.clear();
    const features = startFeatures({ ...this.options, bus, registry: this.registry, ...options });
    return Object.assign(Object.create(features), { bus });
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
    { frameRows: 1, frameFormat: "json" },
    { frameRows: 4, frameFormat: "json" },
    { frameRows: 4, frameFormat: "arrow" },
  ] as const)("sends each row and each label once: %j", async (options) => {
    const stage = new Stage();
    const [rows, labels] = [await stage.read(ROWS), await stage.read(LABELS)];
    const source = stage.start({ ...options, rowLimit: 23 });
    await source.finished;
    const messages = Math.ceil(23 / options.frameRows);
    expect(rowsOf(await rows.first(messages))).toEqual(counted(23, (i) => ((i - 1) % 10) + 1));
    expect(labelsOf(await labels.first(messages))).toEqual(counted(23, (i) => (((i - 1) % 10) + 1) * 10));
    expect(source.progress).toMatchObject({ rows: 23, sent: 23, malformed: 0 });
    expect(rows.deliveries[0]?.contentType).toBe(
      options.frameFormat === "json" ? "application/json" : "application/vnd.apache.arrow.stream",
    );
    expect([stage.depth(ROWS), stage.depth(LABELS)]).toEqual([0, 0]);
    const metrics = await stage.registry.metrics();
    expect(metrics).toContain("streamgauge_features_rows_total 23\n");
    expect(metrics).toContain("streamgauge_features_labels_total 23\n");
  });

  test("gives rows and labels of a frame the same ids, which no other run has", async () => {
    const stage = new Stage();
    const [rows, labels] = [await stage.read(ROWS), await stage.read(LABELS)];
    await stage.start().finished;
    await stage.start().finished;
    const ids = (await rows.first(20)).flatMap((delivery) => featuresContract.read(delivery).frame.ids.toArray());
    expect((await labels.first(20)).flatMap((delivery) => labelContract.read(delivery).frame.ids.toArray())).toEqual(ids);
    expect(new Set(ids).size).toBe(20);
  });

  test.each(["json", "arrow"] as const)("says when each row happened, as %s", async (frameFormat) => {
    const stage = new Stage();
    const [rows, labels] = [await stage.read(ROWS), await stage.read(LABELS)];
    const datasetPath = csvFile("when,a,y\n2025-10-09 10:53:20,1,10\n2025-10-09 10:53:21,2,20\n2025-10-09 10:53:19,3,30\n");
    await stage.start({ datasetPath, timeColumn: "when", timeZone: "Europe/Berlin", frameRows: 3, rowLimit: 3, frameFormat }).finished;
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
    const source = stage.start({ datasetPath, allowUnlabelled: true, frameRows, rowLimit: 5, logsDir });
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
    await stage.start({ datasetPath, timeColumn: "when", timeSpeed: 36_000, rowsPerSecond: 0.001, frameDelayMs: 0, rowLimit: 4 }).finished;
    expect(performance.now() - began).toBeGreaterThan(190);
    expect(rowsOf(await rows.first(4))).toEqual(counted(4, (i) => i));
  });

  test("sends rows together that are due within FRAME_DELAY_MS", async () => {
    const stage = new Stage();
    const rows = await stage.read(ROWS);
    const datasetPath = csvFile(`when,a,y\n${[0, 1, 2, 3, 4, 5].map((s) => `${s},${s + 1},1\n`).join("")}`);
    const pace = { timeColumn: "when", timeSpeed: 20, frameDelayMs: 100, frameRows: 256 };
    await stage.start({ datasetPath, ...pace, rowLimit: 6 }).finished;
    expect((await rows.first(2)).map((delivery) => rowsOf([delivery]).length)).toEqual([3, 3]);
  });

  test("says when each row left", async () => {
    const stage = new Stage();
    const rows = await stage.read(ROWS);
    const before = Date.now();
    await stage.start({ rowLimit: 1 }).finished;
    const { headers } = await rows.one();
    expect(headers["origin"]).toBeGreaterThanOrEqual(before);
    expect(headers["origin"]).toBeLessThanOrEqual(Date.now());
  });

  test("keeps its pace", async () => {
    const began = performance.now();
    await new Stage().start({ rowsPerSecond: 100 }).finished;
    // The tenth row is due after 100 ms; a timer may be early by less than 1 ms.
    expect(performance.now() - began).toBeGreaterThan(99);
  });

  test("at a slow pace sends a frame with the rows that are due within the delay", async () => {
    const stage = new Stage();
    const rows = await stage.read(ROWS);
    await stage.start({ rowsPerSecond: 50, frameRows: 1_000, frameDelayMs: 100 }).finished;
    await rows.first(2);
    expect(rows.deliveries.map((delivery) => featuresContract.read(delivery).frame.ids.length)).toEqual([5, 5]);
  });

  test("names lines that it cannot send, not too many, and counts them all", async () => {
    const stage = new Stage();
    const path = csvFile(`a,y\n1,10\n${"bad\n".repeat(30)}2,20\n`);
    const rows = await stage.read(ROWS);
    const source = stage.start({ datasetPath: path, rowLimit: 4 });
    await source.finished;
    expect(rowsOf(await rows.first(4)).map(([, a]) => a)).toEqual([1, 2, 1, 2]);
    expect(source.progress.malformed).toBe(30);
    const told = stage.log.lines.filter((line) => line.includes("is not sent"));
    expect(told).toHaveLength(20);
    expect(told[0]).toContain(`Line 3 of ${path} is not sent: it has 1 cell, the header has 2.`);
    expect(stage.log.lines.filter((line) => line.includes("Further lines that are not sent are counted only."))).toHaveLength(1);
  });

  test.each([1, 4])("whose ids are the dataset's says once that a further pass has the same, in frames of %i", async (frameRows) => {
    const stage = new Stage();
    const said = () => stage.log.lines.filter((line) => line.includes("is sent from its beginning again, with the same ids (ID_COLUMN=a)"));
    await stage.start({ idColumn: "a", rowLimit: 10, frameRows }).finished;
    expect(said()).toHaveLength(0);
    await stage.start({ idColumn: "a", rowLimit: 40, frameRows }).finished;
    expect(said()).toHaveLength(1);
    await stage.start({ rowLimit: 40, frameRows }).finished;
    expect(said()).toHaveLength(1);
  });

  test("sends text and missing cells as they are", async () => {
    const stage = new Stage();
    const rows = await stage.read(ROWS);
    const datasetPath = csvFile("a,b,y\n1,red,1\n,blue,2\n3,,3\n");
    await stage.start({ datasetPath, rowLimit: 3, frameRows: 3 }).finished;
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
    await stage.start({ datasetPath, rowLimit: 6, frameRows: 2, frameFormat: "arrow" }).finished;
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
    ["is missing", () => ({ datasetPath: "/no/such.csv" }), "cannot be read"],
    ["lacks the target", () => ({ targetColumn: "z" }), 'has no column "z"'],
    ["lacks the ids", () => ({ idColumn: "z" }), 'has no column "z"'],
    ["is empty", () => ({ datasetPath: csvFile("") }), "is empty"],
  ])("fails because its dataset %s", async (_, options, message) => {
    const stage = new Stage();
    const source = stage.start(options());
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
    const source = stage.start({ datasetPath, logsDir, rowLimit: 20_000, frameRows: 20_000 });
    await expect(source.finished).rejects.toThrow(MessageTooLargeError);
    await expect(source.finished).rejects.toThrow("send fewer rows a frame (FRAME_ROWS)");
  });
});

describe("labels that are held back", () => {
  test("leave after the delay, each once, in order, with the time of their rows; until then the run is not finished", async () => {
    const stage = new Stage();
    const [rows, labels] = [await stage.read(ROWS), await stage.read(LABELS)];
    let finished = false;
    const source = stage.start({ labelDelayMs: 300 });
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
    const first = stage.start({ labelDelayMs: 60_000, logsDir });
    await rows.first(10);
    await first.close();
    expect(labels.deliveries).toHaveLength(0);
    await stage.start({ logsDir }).finished;
    // The rows are sent again, under the same ids, because their labels were not confirmed.
    expect(rowsOf(await rows.first(20))).toEqual([...counted(10, (i) => i), ...counted(10, (i) => i)]);
    expect(labelsOf(await labels.first(10))).toEqual(counted(10, (i) => i * 10));
  });
});

describe("a source that is started again", () => {
  /** Stops after some rows, and returns what is in the queues by then. */
  async function interrupted(stage: Stage, options: Partial<FeaturesOptions>): Promise<Features> {
    const rows = await stage.read(ROWS);
    const source = stage.start({ rowLimit: 5_000, ...options });
    await rows.first(1_000);
    await source.close();
    return source;
  }

  test.each([1, 7])("sends the rest, without gap or doublet, in frames of %i", async (frameRows) => {
    const stage = new Stage();
    const logsDir = temporaryFolder();
    const [rows, labels] = [await stage.read(ROWS), await stage.read(LABELS)];
    const rowLimit = 5_000 * frameRows;
    const first = stage.start({ rowLimit, frameRows, logsDir });
    await labels.first(300);
    await first.close();
    expect(first.progress.rows).toBeLessThan(rowLimit);
    const second = stage.start({ rowLimit, frameRows, logsDir });
    expect(second.progress).toEqual({ ...first.progress, sent: 0 });
    await second.finished;
    expect(first.progress.sent + second.progress.sent).toBe(rowLimit);
    const messages = first.progress.sent / frameRows + Math.ceil(second.progress.sent / frameRows);
    expect(labelsOf(await labels.first(messages))).toEqual(counted(rowLimit, (i) => (((i - 1) % 10) + 1) * 10));
    expect(rowsOf(await rows.first(messages))).toEqual(counted(rowLimit, (i) => ((i - 1) % 10) + 1));
    expect([rows.deliveries.length, labels.deliveries.length]).toEqual([messages, messages]);
    const third = stage.start({ rowLimit: 5, logsDir });
    await third.finished;
    expect(third.progress.run).not.toBe(first.progress.run);
  });

  test("keeps a checkpoint while it runs, for when it is killed", async () => {
    const stage = new Stage();
    const logsDir = temporaryFolder();
    const source = stage.start({ rowLimit: 0, rowsPerSecond: 500, logsDir });
    const checkpoint = (): unknown => JSON.parse(readFileSync(join(logsDir, ".state", "features.json"), "utf8"));
    const { run } = source.progress;
    await vi.waitFor(() => expect(checkpoint()).toMatchObject({ run, rows: expect.toSatisfy((rows: number) => rows > 0) }), SOON);
    expect(checkpoint()).toMatchObject({ finished: false, rows: expect.toSatisfy((rows: number) => rows <= source.progress.rows) });
    await source.close();
  });

  test.each([
    ["START_OVER is set", { startOver: true }],
    ["the limit is another one", { rowLimit: 4_000 }],
    ["the ids are", { idColumn: "a" }],
  ])("begins a new run if %s", async (_, options) => {
    const stage = new Stage();
    const logsDir = temporaryFolder();
    const first = await interrupted(stage, { logsDir });
    const second = stage.start({ rowLimit: 5_000, logsDir, ...options });
    expect(second.progress.run).not.toBe(first.progress.run);
    expect(second.progress.rows).toBe(0);
    await second.close();
  });

  test("begins a new run if the dataset is another one", async () => {
    const stage = new Stage();
    const logsDir = temporaryFolder();
    const first = await interrupted(stage, { logsDir });
    writeFileSync(stage.options.datasetPath, "a,y\n1,1\n");
    const second = stage.start({ rowLimit: 5_000, logsDir });
    expect(second.progress.run).not.toBe(first.progress.run);
    await second.close();
  });

  test("begins a new run if there is no folder for the checkpoint", async () => {
    const stage = new Stage();
    const first = await interrupted(stage, {});
    const second = stage.start({ rowLimit: 5_000 });
    expect(second.progress.run).not.toBe(first.progress.run);
    await second.close();
  });

  test("goes on though the checkpoint cannot be written", async () => {
    const stage = new Stage();
    const logsDir = temporaryFolder();
    rmSync(logsDir, { recursive: true });
    writeFileSync(logsDir, "a file in the place of the folder");
    await stage.start({ logsDir }).finished;
    expect(stage.log.lines.filter((line) => line.includes("cannot be written"))).toHaveLength(1);
  });
});

describe("the bus", () => {
  test("that is closed ends the run without a failure; what was not sent is sent by the next", async () => {
    const stage = new Stage();
    const logsDir = temporaryFolder();
    const labels = await stage.read(LABELS);
    await stage.read(ROWS);
    const first = stage.start({ rowLimit: 5_000, logsDir });
    await labels.first(500);
    await first.bus.close();
    await first.finished;
    await stage.start({ rowLimit: 5_000, logsDir }).finished;
    await vi.waitFor(() => expect(new Set(labelsOf(labels.deliveries).map(([number]) => number)).size).toBe(5_000), SOON);
  });

  test.each([
    ["rows", ROWS, LABELS],
    ["labels", LABELS, ROWS],
  ])("whose queue of %s is full holds the source, in bounded memory, and loses nothing", async (_, full, other) => {
    const stage = new Stage(2_000);
    const rowLimit = 5_000;
    const taken = await stage.read(other);
    const source = stage.start({ rowLimit });
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
    const first = stage.start({ rowLimit: 5_000, logsDir });
    await vi.waitFor(() => expect(first.progress.sent).toBe(3_000), SOON);
    // It waits three seconds for the confirms.
    await first.close();
    const second = stage.start({ rowLimit: 5_000, logsDir });
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
