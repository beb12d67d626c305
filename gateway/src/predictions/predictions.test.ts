import { CHAMPION, Deferred, Ids, MemoryBroker, MemoryBus } from "@streamgauge/core";
import { captureLog, until } from "@streamgauge/testing";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { Publisher } from "../ingress/publisher.js";
import { Results } from "../results/results.js";
import { DatabaseAwayError } from "../store/database-away.js";
import { Database, type DatabaseOptions } from "../store/database.js";
import { startPrivatePostgres, type PrivatePostgres } from "@streamgauge/testing";
import { startSumModel, SUM_MODEL } from "../testing/sum-model.js";
import { TOPOLOGY } from "../testing/test-gateway.js";
import { storedWithin } from "./accepted.js";
import { IdTakenError, Predictions } from "./predictions.js";

let postgres: PrivatePostgres;
beforeAll(async () => {
  postgres = await startPrivatePostgres();
});
afterAll(() => postgres.stop());

/** A database that stores answers only after it is opened. */
class SlowAnswers extends Database {
  readonly opened = new Deferred<void>();

  override async runUntilDone<T>(...args: Parameters<typeof Database.prototype.runUntilDone<T>>): Promise<T> {
    const rows = await super.run((db) => db.selectFrom("predictions").select("id").execute());
    if (rows.length > 0) await this.opened.promise;
    return super.runUntilDone(...args);
  }
}

/** A database that does not answer until it is opened. */
class ClosedDatabase extends Database {
  readonly opened = new Deferred<void>();

  override async run<T>(...work: Parameters<typeof Database.prototype.run<T>>): Promise<T> {
    await this.opened.promise;
    return super.run(...work);
  }
}

/** A database whose next answer is lost: what is written is there. */
class LostReply extends Database {
  isNext = false;

  override async run<T>(...work: Parameters<typeof Database.prototype.run<T>>): Promise<T> {
    const result = await super.run(...work);
    if (!this.isNext) return result;
    this.isNext = false;
    throw new DatabaseAwayError();
  }
}

/** Counts what is written until it is done. */
class CountingWrites extends Database {
  writes = 0;

  override runUntilDone<T>(...args: Parameters<typeof Database.prototype.runUntilDone<T>>): Promise<T> {
    this.writes += 1;
    return super.runUntilDone(...args);
  }
}

async function open<D extends Database>(name: string, Kind: new (options: DatabaseOptions) => D) {
  const { log } = captureLog("gateway");
  const broker = new MemoryBroker(TOPOLOGY);
  const bus = new MemoryBus(broker, "gateway", log);
  const published = vi.spyOn(bus, "publish");
  const database = new Kind({ url: await postgres.addDatabase(name), folder: "", log });
  const predictions = new Predictions(database, new Publisher(bus));
  const recovered = predictions.recover();
  const results = new Results(
    bus,
    CHAMPION,
    [predictions],
    recovered.then(() => undefined),
  );
  await results.start();
  await startSumModel(new MemoryBus(broker, "model", log));
  onTestFinished(async () => {
    predictions.close();
    await results.close();
    await database.close();
  });
  return { database, predictions, recovered, published };
}

const ROW = { id: "new", features: { a: 1, b: 2 }, isNew: true };

test("what is sent first is answered and looked up while the database is closed, and stored when it is open", async () => {
  const { database, predictions, recovered } = await open("closed", ClosedDatabase);
  const [asked] = await predictions.ask([ROW], 60_000, "sent first");
  expect(await asked?.answered).toMatchObject({ y_pred: 3, model: SUM_MODEL });
  expect(await predictions.get("new")).toMatchObject({ status: "succeeded", y_pred: 3, features: { a: 1, b: 2 } });
  const labelled = predictions.takeLabels({ ids: Ids.of(["new"]), y_true: Float64Array.of(7) });
  database.opened.resolve();
  expect(await recovered).toEqual({ rows: [], inferences: [] });
  await labelled;
  await until("the prediction stored", async () => (await predictions.list({ status: "succeeded" }, undefined, 10)).length === 1);
  expect(await predictions.get("new")).toMatchObject({ status: "succeeded", y_pred: 3, y_true: 7, absolute_error: 4 });
  expect(await predictions.storedWithin(1_000)).toBe(0);
});

/** PostgreSQL as the gateway sees it while its commits are slow: what is written is there, and the write has not returned. */
class SlowToReturn extends Database {
  readonly answered = new Deferred<void>();
  readonly returned = new Deferred<void>();

  override async runUntilDone<T>(...args: Parameters<typeof Database.prototype.runUntilDone<T>>): Promise<T> {
    const result = await super.runUntilDone(...args);
    const [row] = await super.run((db) => db.selectFrom("predictions").select("status").execute());
    if (row?.status !== "succeeded") return result;
    this.answered.resolve();
    await this.returned.promise;
    return result;
  }
}

test("a row that is answered at once is stored together with its answer, in one write", async () => {
  const { database, predictions, recovered } = await open("together", CountingWrites);
  await recovered;
  const before = database.writes;
  const [asked] = await predictions.ask([ROW], 60_000, "sent first");
  await asked?.answered;
  await asked?.stored;
  expect(database.writes - before).toBe(1);
  const [stored] = await predictions.list({}, undefined, 1);
  expect(stored).toMatchObject({ id: "new", status: "succeeded", y_pred: 3, model: SUM_MODEL, features: { a: 1, b: 2 } });
});

test("a label that is stored is shown beside an answer whose commit has not returned", async () => {
  const { database, predictions, recovered } = await open("returning", SlowToReturn);
  await recovered;
  const [asked] = await predictions.ask([ROW], 60_000, "stored first");
  await asked?.answered;
  await database.answered.promise;
  const labelled = predictions.takeLabels({ ids: Ids.of(["new"]), y_true: Float64Array.of(7) });
  await until("the label stored", async () => (await predictions.list({}, undefined, 1))[0]?.y_true === 7);
  expect(await predictions.get("new")).toMatchObject({ status: "succeeded", y_pred: 3, y_true: 7, absolute_error: 4 });
  database.returned.resolve();
  await labelled;
});

test("an answer is shown while the database still says that the row waits", async () => {
  const { database, predictions, recovered } = await open("answering", SlowAnswers);
  await recovered;
  const [asked] = await predictions.ask([ROW], 60_000, "stored first");
  expect(await asked?.answered).toMatchObject({ y_pred: 3 });
  expect(await predictions.list({ status: "pending" }, undefined, 10)).toHaveLength(1);
  expect(await predictions.get("new")).toMatchObject({ status: "succeeded", y_pred: 3 });
  const [again] = await predictions.ask([{ ...ROW, isNew: false }], 60_000, "stored first");
  expect(again?.createdAt).toBe(asked?.createdAt);
  expect(await again?.answered).toMatchObject({ y_pred: 3 });
  database.opened.resolve();
});

test("the same id asked for again meanwhile gets the same answer, and is refused for other features", async () => {
  const { database, predictions, recovered } = await open("again", ClosedDatabase);
  database.opened.resolve();
  await recovered;
  const row = { id: "mine", features: { a: 1, b: 2 } };
  const [first] = await predictions.ask([row], 60_000, "sent first");
  const [second] = await predictions.ask([{ id: "mine", features: { b: 2, a: 1 } }], 60_000, "sent first");
  expect(second?.createdAt).toBe(first?.createdAt);
  await expect(predictions.ask([{ id: "mine", features: { a: 2, b: 2 } }], 60_000, "sent first")).rejects.toThrow(IdTakenError);
});

test("a row that was stored, and whose request failed all the same, is sent by the next request, once", async () => {
  const { database, predictions, recovered, published } = await open("lost_reply", LostReply);
  await recovered;
  const row = { id: "mine", features: { a: 1, b: 2 } };
  database.isNext = true;
  await expect(predictions.ask([row], 60_000)).rejects.toThrow(DatabaseAwayError);
  expect(await predictions.get("mine")).toMatchObject({ status: "pending" });
  const stored = await predictions.get("mine");
  const [again, twice] = await predictions.ask([row, row], 60_000);
  expect(await again?.answered).toMatchObject({ y_pred: 3 });
  expect(await twice?.answered).toMatchObject({ y_pred: 3 });
  expect(new Date(again?.createdAt ?? 0).toISOString()).toBe(stored?.createdAt);
  await until("the answer stored", async () => (await predictions.get("mine"))?.status === "succeeded");
  await predictions.ask([row], 60_000);
  expect(published).toHaveBeenCalledTimes(1);
});

test("a request waits for room while the database catches up", async () => {
  const { database, predictions } = await open("room", ClosedDatabase);
  const rows = Array.from({ length: 1_000 }, (_, i) => i);
  for (let part = 0; part < 100; part += 1)
    await predictions.ask(
      rows.map((i) => ({ ...ROW, id: `${part}-${i}` })),
      60_000,
      "sent first",
    );
  let isAsked = false;
  const asking = predictions.ask([ROW], 60_000, "sent first").then(([asked]) => {
    isAsked = true;
    return asked?.answered;
  });
  await until(
    "all are answered but not stored",
    () => predictions.waiting,
    (waiting) => waiting === 0,
  );
  expect(isAsked).toBe(false);
  database.opened.resolve();
  expect(await asking).toMatchObject({ id: "new", y_pred: 3 });
  await predictions.storedWithin(20_000);
});

test("a 202 is given when what was sent is stored, and not before", async () => {
  const { database, predictions } = await open("promise", ClosedDatabase);
  const [asked] = await predictions.ask([ROW], 60_000, "sent first");
  if (asked === undefined) throw new Error("Nothing was accepted.");
  await expect(storedWithin(50, asked, predictions.waits)).rejects.toThrow("the database has not stored the request");
  database.opened.resolve();
  await storedWithin(20_000, asked, predictions.waits);
  expect(await predictions.list({}, undefined, 10)).toHaveLength(1);
});
