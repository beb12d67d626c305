import { BusClosedError, CHAMPION, Deferred, FEATURES, featuresContract, Ids, MemoryBroker, MemoryBus, queuesOf } from "@streamgauge/core";
import { captureLog, Inbox, startPrivatePostgres, until, type PrivatePostgres } from "@streamgauge/testing";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { Publisher } from "../ingress/publisher.js";
import { Predictions } from "../predictions/predictions.js";
import { TooManyPendingError } from "../predictions/room.js";
import { Database, type DatabaseOptions } from "../store/database.js";
import { TOPOLOGY } from "../testing/test-gateway.js";

let postgres: PrivatePostgres;
beforeAll(async () => {
  postgres = await startPrivatePostgres();
});
afterAll(() => postgres.stop());

/** A database that does not answer until it is opened, and counts what is written until it is done. */
class ClosedDatabase extends Database {
  readonly opened = new Deferred<void>();
  writes = 0;

  override async run<T>(...work: Parameters<typeof Database.prototype.run<T>>): Promise<T> {
    await this.opened.promise;
    return super.run(...work);
  }

  override runUntilDone<T>(...args: Parameters<typeof Database.prototype.runUntilDone<T>>): Promise<T> {
    this.writes += 1;
    return super.runUntilDone(...args);
  }
}

async function open<D extends Database>(url: string, Kind: new (options: DatabaseOptions) => D, Link = MemoryBus) {
  const { log } = captureLog("gateway");
  const broker = new MemoryBroker(TOPOLOGY);
  const database = new Kind({ url, folder: "", log });
  const predictions = new Predictions(database, new Publisher(new Link(broker, "gateway", log)));
  onTestFinished(async () => {
    predictions.close();
    await database.close();
  });
  const sent = new Inbox();
  await new MemoryBus(broker, "model", log).consume(queuesOf(CHAMPION).features, sent.handler, { prefetch: 10 });
  return { database, predictions, inferences: predictions.inferences, sent };
}

const ID = "0123456789ab";
const rowId = (row: number) => `${ID}-000000${row + 1}`;
const asked = (values: readonly number[]) => ({
  id: ID,
  rows: values.length,
  columns: new Map([["a", Float64Array.from(values)]]),
  eventTimes: undefined,
});
const answer = (rows: readonly number[], values: readonly number[], model = "m@1") => ({
  ids: Ids.of(rows.map(rowId)),
  y_pred: Float64Array.from(values),
  model,
  unit: "",
});

test("a request is one message, answered and looked up while the database is closed, and stored with its answers in one write", async () => {
  const { database, predictions, inferences, sent } = await open(await postgres.addDatabase("one"), ClosedDatabase);
  predictions.begin();
  const inference = await inferences.ask(asked([1, 2, 3]), 60_000);
  const { frame } = featuresContract.read(await sent.one());
  expect([frame.ids.toArray(), frame.columns.get("a")]).toEqual([[rowId(0), rowId(1), rowId(2)], Float64Array.of(1, 2, 3)]);
  expect([predictions.waiting, inferences.unstored]).toEqual([3, 3]);
  const stored = inferences.takePredictions(answer([2, 0, 1], [30, 10, 20]), Date.now());
  expect(await inference.answered.promise).toBe(true);
  expect([inference.y_pred, inference.models, predictions.waiting]).toEqual([Float64Array.of(10, 20, 30), ["m@1"], 0]);
  expect(await predictions.get(rowId(2))).toMatchObject({ status: "succeeded", y_pred: 30, model: "m@1", features: { a: 3 } });
  const labelled = inferences.takeLabels({ ids: Ids.of([rowId(2)]), y_true: Float64Array.of(33) });
  expect(database.writes).toBe(0);
  database.opened.resolve();
  await stored;
  await labelled;
  // The rows, and the label.
  expect([database.writes, inferences.unstored]).toEqual([2, 0]);
  expect(await predictions.get(rowId(2))).toMatchObject({ status: "succeeded", y_pred: 30, y_true: 33, absolute_error: 3 });
});

test("of two answers the first counts, rows that a new model answered have its name, and refused rows their reason", async () => {
  const { predictions, inferences } = await open(await postgres.addDatabase("replaced"), Database);
  const inference = await inferences.ask(asked([1, 2, 3, 4]), 60_000);
  const taken = [
    inferences.takePredictions(answer([0, 1], [10, 20], "m@1"), Date.now()),
    inferences.takePredictions(answer([1, 2], [21, 30], "m@2"), Date.now()),
    inferences.takeRefused([{ row: 7, id: rowId(3), field: "a", reason: "too large" }], Date.now()),
  ];
  expect(await inference.answered.promise).toBe(true);
  expect([inference.y_pred, inference.models]).toEqual([Float64Array.of(10, 20, 30, Number.NaN), ["m@1", "m@2"]]);
  await Promise.all(taken);
  expect(await predictions.get(rowId(1))).toMatchObject({ status: "succeeded", y_pred: 20, model: "m@1" });
  expect(await predictions.get(rowId(2))).toMatchObject({ status: "succeeded", y_pred: 30, model: "m@2" });
  expect(await predictions.get(rowId(3))).toMatchObject({ status: "failed", reason: "field a: too large" });
  // Redelivered: nothing waits for it.
  await inferences.takePredictions(answer([0], [99]), Date.now());
  expect(await predictions.get(rowId(0))).toMatchObject({ y_pred: 10 });
});

test("a request whose time is over is stored with the answers that came, and later ones are none", async () => {
  const { predictions, inferences } = await open(await postgres.addDatabase("late"), Database);
  const inference = await inferences.ask(asked([1, 2]), 60_000);
  const taken = inferences.takePredictions(answer([0], [10]), Date.now());
  const late = inferences.takePredictions(answer([1], [20]), inference.expiresAt);
  await late;
  inferences.expire(inference.expiresAt);
  expect([await inference.answered.promise, predictions.waiting]).toEqual([false, 0]);
  await taken;
  expect(await predictions.get(rowId(0))).toMatchObject({ status: "succeeded", y_pred: 10 });
  expect(await predictions.get(rowId(1))).not.toHaveProperty("y_pred");
});

test("what is open when the gateway ends is stored, sent again after the start, and then answered", async () => {
  const url = await postgres.addDatabase("again");
  const before = await open(url, Database);
  await before.inferences.ask({ ...asked([1, 2]), eventTimes: Float64Array.of(5, -6) }, 60_000);
  void before.inferences.takePredictions(answer([0], [10]), Date.now());
  expect(await before.predictions.storedWithin(20_000)).toBe(0);
  const { predictions, inferences, sent } = await open(url, Database);
  const unanswered = await predictions.recover();
  expect([unanswered.inferences.map(({ id }) => id), predictions.waiting]).toEqual([[ID], 1]);
  await predictions.sendAgain(unanswered);
  const { frame } = featuresContract.read(await sent.one());
  expect([frame.ids.toArray(), [...(frame.eventTimes ?? [])]]).toEqual([
    [rowId(0), rowId(1)],
    [5, -6],
  ]);
  await inferences.takePredictions(answer([0, 1], [11, 20], "m@2"), Date.now());
  const shown = await Promise.all([0, 1].map((row) => predictions.get(rowId(row))));
  expect(shown).toMatchObject([
    { status: "succeeded", y_pred: 10, model: "m@1", event_time: 5, features: { a: 1 } },
    { status: "succeeded", y_pred: 20, model: "m@2", event_time: -6, features: { a: 2 } },
  ]);
});

test("a request that waits for the model is stored without its answers, and goes on after a sudden end of the gateway", async () => {
  const url = await postgres.addDatabase("kept");
  const { database, predictions, inferences } = await open(url, Database);
  predictions.begin();
  const waiting = await inferences.ask(asked([1, 2]), 60_000);
  inferences.expire(waiting.createdAt + 99);
  inferences.expire(waiting.createdAt + 100);
  const count = () => database.run((db) => db.selectFrom("inferences").select("id").execute());
  await until("the request is stored", count, ({ length }) => length === 1, 10_000);
  expect([waiting.left, inferences.unstored]).toEqual([2, 2]);

  const next = await open(url, Database);
  const unanswered = await next.predictions.recover();
  expect(unanswered.inferences.map(({ id, rows }) => [id, rows])).toEqual([[ID, 2]]);
  await next.inferences.takePredictions(answer([0, 1], [10, 20]), Date.now());
  expect(await next.predictions.get(rowId(1))).toMatchObject({ status: "succeeded", y_pred: 20 });
});

test("a request that is kept and answered at once is written as it is", async () => {
  const { predictions, inferences } = await open(await postgres.addDatabase("kept-answered"), Database);
  predictions.begin();
  const { createdAt } = await inferences.ask(asked([1, 2]), 60_000);
  inferences.expire(createdAt + 100);
  await inferences.takePredictions(answer([0, 1], [10, 20]), Date.now());
  expect(inferences.unstored).toBe(0);
  expect(await predictions.get(rowId(0))).toMatchObject({ status: "succeeded", y_pred: 10 });
});

test("rows that wait for the database take room, and a request waits for it", async () => {
  const { database, predictions, inferences } = await open(await postgres.addDatabase("room"), ClosedDatabase);
  predictions.begin();
  const request = (n: number) => ({
    ...asked(Array.from({ length: 1_000 }, () => 1)),
    id: `request-${String(n).padStart(4, "0")}`.replace("-", "0"),
  });
  for (let n = 0; n < 100; n += 1) await inferences.ask(request(n), 60_000);
  await expect(inferences.ask(request(100), 60_000)).rejects.toThrow(TooManyPendingError);
  // Stored without answers.
  void predictions.storedWithin(20_000);
  const asking = inferences.ask(asked([1]), 60_000);
  database.opened.resolve();
  expect((await asking).rows).toBe(1);
  await until(
    "all others stored",
    () => inferences.unstored,
    (unstored) => unstored === 1,
  );
});

/** A bus that takes nothing. */
class RefusingBus extends MemoryBus {
  override publish(): Promise<void> {
    return Promise.reject(new Error("refused"));
  }
}

/** A bus that is closed while it sends. */
class ClosingBus extends MemoryBus {
  override publish(): Promise<void> {
    return Promise.reject(new BusClosedError(FEATURES));
  }
}

test("a request that cannot be sent is forgotten, and one that may have been is not", async () => {
  const url = await postgres.addDatabase("unsent");
  const { predictions, inferences } = await open(url, Database, RefusingBus);
  await expect(inferences.ask(asked([1, 2]), 60_000)).rejects.toThrow("refused");
  expect([predictions.waiting, inferences.unstored, await predictions.get(rowId(0))]).toEqual([0, 0, undefined]);
  const closing = await open(url, Database, ClosingBus);
  await closing.inferences.ask(asked([1, 2]), 60_000);
  expect([closing.predictions.waiting, closing.inferences.unstored]).toEqual([2, 2]);
});
