import { CHAMPION, featuresContract, gatewayQueuesOf, labelContract, LABELS, Ids, queuesOf, type Bus } from "@streamgauge/core";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Prediction } from "../predictions/prediction.js";
import { Inbox, startPrivatePostgres, until, type PrivatePostgres } from "@streamgauge/testing";
import { startSumModel, SUM_MODEL } from "../testing/sum-model.js";
import { testGateway } from "../testing/test-gateway.js";

let postgres: PrivatePostgres;
let databases = 0;

beforeAll(async () => {
  postgres = await startPrivatePostgres();
});
afterAll(() => postgres.stop());

async function withModel(databaseUrl: string) {
  const gateway = await testGateway({ DATABASE_URL: databaseUrl });
  const model = gateway.bus("model");
  await startSumModel(model);
  return { ...gateway, model };
}

const ask = (features: object, more: object = {}) => JSON.stringify({ features, ...more });

async function read(
  answer: Response,
): Promise<{ status: number; body: Prediction & { detail?: string; items: Prediction[]; next?: string } }> {
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}

/** Sends labels as a producer does. */
async function label(bus: Bus, ids: readonly string[], values: readonly number[]) {
  await bus.publish(LABELS, labelContract.write({ ids: Ids.of(ids), y_true: Float64Array.from(values) }, "json", Date.now()));
}

describe.each([["PGlite"], ["PostgreSQL"]])("predictions on %s", (kind) => {
  const gateway = async () => withModel(kind === "PGlite" ? "" : await postgres.addDatabase(`test${++databases}`));

  test("are waited for, looked up, and get their labels", async () => {
    const { post, url, model } = await gateway();
    const answer = await post("/predictions?wait=20", ask({ a: 1, b: 2.5 }, { id: "p/1" }));
    expect(answer.headers.get("location")).toBe("/predictions/p%2F1");
    const expected = { id: "p/1", status: "succeeded", features: { a: 1, b: 2.5 }, y_pred: 3.5, model: SUM_MODEL };
    expect(await read(answer)).toMatchObject({ status: 200, body: expected });
    const look = async () => (await read(await fetch(`${url}/predictions/p%2F1`))).body;
    await until("the prediction answered", async () => (await look()).status === "succeeded");
    await label(model, ["p/1", "other"], [5, 6]);
    await until("its label stored", async () => (await look()).y_true !== undefined);
    expect(await look()).toMatchObject({ ...expected, y_true: 5, absolute_error: 1.5, latencyMs: expect.any(Number) });
    expect((await fetch(`${url}/predictions/none`)).status).toBe(404);
  });

  test("are where Location says, also with an id that is a step in a path", async () => {
    const { post, url } = await gateway();
    const answer = await post("/predictions?wait=20", ask({ a: 1, b: 2.5 }, { id: ".." }));
    const at = new URL(answer.headers.get("location") ?? "", url);
    await until("it is stored", async () => (await fetch(at)).status === 200);
    expect((await read(await fetch(at))).body).toMatchObject({ id: "..", y_pred: 3.5 });
    expect((await fetch(`${url}/prediction?id=none`)).status).toBe(404);
  });

  test("have the interval that was announced with them, at once and when they are looked up", async () => {
    const surroundings = await testGateway({ DATABASE_URL: kind === "PGlite" ? "" : await postgres.addDatabase(`test${++databases}`) });
    await startSumModel(surroundings.bus("model"), 0.5);
    const { post, url } = surroundings;
    const interval = { y_pred: 3.5, half_width: 0.5, y_pred_low: 3, y_pred_high: 4 };
    expect(await read(await post("/predictions?wait=20", ask({ a: 1, b: 2.5 }, { id: "p" })))).toMatchObject({
      status: 200,
      body: interval,
    });
    const look = async () => (await read(await fetch(`${url}/predictions/p`))).body;
    await until("the prediction stored", async () => (await look()).status === "succeeded");
    expect(await look()).toMatchObject(interval);
  });

  test("show the label that was corrected last, and the first one", async () => {
    const { post, url, model } = await gateway();
    await post("/predictions?wait=20", ask({ a: 1, b: 2 }, { id: "p" }));
    const look = async () => (await read(await fetch(`${url}/predictions/p`))).body;
    const correct = (value: number, at: number) =>
      model.publish(
        LABELS,
        labelContract.write({ ids: Ids.of(["p"]), y_true: Float64Array.of(value), correction: { who: "" } }, "json", at),
      );
    await correct(7, 2_000);
    await label(model, ["p"], [4]);
    await until("its label stored", async () => (await look()).y_true !== undefined);
    expect(await look()).toMatchObject({ y_true: 7, first_y_true: 4, absolute_error: 4 });
    await correct(6, 1_000);
    await correct(8, 3_000);
    await until("its correction stored", async () => (await look()).y_true === 8);
    expect(await look()).toMatchObject({ y_true: 8, first_y_true: 4, absolute_error: 5 });
  });

  test("a correction of a label that never came is none", async () => {
    const { post, url, model } = await gateway();
    for (const id of ["p", "q"]) await post("/predictions?wait=20", ask({ a: 1, b: 2 }, { id }));
    const correction = { ids: Ids.of(["p"]), y_true: Float64Array.of(7), correction: { who: "" } };
    await model.publish(LABELS, labelContract.write(correction, "json", 1));
    await label(model, ["q"], [4]);
    await until("the label behind it stored", async () => (await read(await fetch(`${url}/predictions/q`))).body.y_true === 4);
    const { body } = await read(await fetch(`${url}/predictions/p`));
    expect(body).not.toHaveProperty("y_true");
    expect(body).not.toHaveProperty("absolute_error");
  });

  test("say when their rows happened, as the request does, and send that along", async () => {
    const { post, url, bus } = await testGateway({
      databaseUrl: kind === "PGlite" ? "" : await postgres.addDatabase(`test${++databases}`),
    });
    const rows = new Inbox();
    await bus("model").consume(queuesOf(CHAMPION).features, rows.handler, { prefetch: 10 });
    const event_time = -8_640_000_000_000_000;
    const { status, body } = await read(await post("/predictions", ask({ a: 1 }, { id: "timed", event_time })));
    expect({ status, body }).toMatchObject({ status: 202, body: { id: "timed", event_time } });
    expect((await rows.one()).body.toString()).toBe(`{"id":"timed","features":{"a":1},"event_time":${event_time}}`);
    expect((await read(await fetch(`${url}/predictions/timed`))).body.event_time).toBe(event_time);
    expect((await read(await post("/predictions", ask({ a: 1 }, { id: "none", event_time: null })))).body).not.toHaveProperty("event_time");
    // The same row, and another one under its id.
    expect((await post("/predictions", ask({ a: 1 }, { id: "timed", event_time }))).status).toBe(202);
    expect((await post("/predictions", ask({ a: 1 }, { id: "timed", event_time: 5 }))).status).toBe(409);
    for (const bad of [1.5, "1760000000000", 8_640_000_000_000_001, true])
      expect((await post("/predictions", ask({ a: 1 }, { event_time: bad }))).status).toBe(400);
  });

  test("come back later if no client waits, and fail with the reason if the model refuses them", async () => {
    const { post, url, bus } = await testGateway({
      DATABASE_URL: kind === "PGlite" ? "" : await postgres.addDatabase(`test${++databases}`),
    });
    const { status, body } = await read(await post("/predictions", ask({ a: "x" })));
    expect({ status, body }).toMatchObject({ status: 202, body: { status: "pending" } });
    await startSumModel(bus("model"));
    await until("the prediction refused", async () => (await read(await fetch(`${url}/predictions/${body.id}`))).body.status !== "pending");
    expect((await read(await fetch(`${url}/predictions/${body.id}`))).body).toMatchObject({
      status: "failed",
      reason: "not a number",
    });
  });

  test("that come together share a message, and each hears of its own row alone", async () => {
    const { post } = await gateway();
    const values = Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? "x" : i));
    const answers = await Promise.all(values.map(async (a) => read(await post("/predictions?wait=5", ask({ a })))));
    for (const [i, { body }] of answers.entries())
      expect(body).toMatchObject(i % 4 === 0 ? { status: "failed", reason: "not a number" } : { status: "succeeded", y_pred: i });
  });

  test("are stored whatever the model's reason and the size of the error are", async () => {
    const { post, url, bus } = await testGateway({
      DATABASE_URL: kind === "PGlite" ? "" : await postgres.addDatabase(`test${++databases}`),
    });
    const look = async (id: string) => (await read(await fetch(`${url}/predictions/${id}`))).body;
    const refusing = await bus("refusing").consume(
      queuesOf(CHAMPION).features,
      async (delivery) => ({
        kind: "dead",
        refusals: [{ row: 0, id: featuresContract.read(delivery).frame.ids.at(0), field: "a\0\ud800", reason: "unknown" }],
      }),
      { prefetch: 1 },
    );
    await post("/predictions", ask({ "a\0": 1 }, { id: "refused" }));
    await until("the row refused", async () => (await look("refused")).status === "failed");
    expect((await look("refused")).reason).toContain("field a\ufffd\ufffd: unknown");
    await refusing.close();
    const model = bus("model");
    await startSumModel(model);
    for (const [id, a] of [["huge", -1.7e308] as const, ["small", 1] as const]) await post("/predictions?wait=20", ask({ a }, { id }));
    await label(model, ["huge", "small"], [1.7e308, 3]);
    await until("both labels stored", async () => (await look("small")).absolute_error === 2);
    expect(await look("huge")).toMatchObject({ y_pred: -1.7e308, y_true: 1.7e308 });
    expect(await look("huge")).not.toHaveProperty("absolute_error");
  });

  test("count once for the same Idempotency-Key or id, and are refused for other features", async () => {
    const { post } = await gateway();
    const key = { "idempotency-key": "k1" };
    const first = await read(await post("/predictions?wait=20", ask({ a: 1 }), "application/json", key));
    const again = await read(await post("/predictions?wait=20", ask({ a: 1 }), "application/json", key));
    expect(again.body).toMatchObject({ id: first.body.id, y_pred: 1 });
    await post("/predictions", ask({ a: 1, b: 2 }, { id: "two" }));
    expect((await post("/predictions?wait=20", ask({ b: 2, a: 1 }, { id: "two" }))).status).toBe(200);
    expect((await post("/predictions", ask({ a: 2 }), "application/json", key)).status).toBe(409);
    expect((await post("/predictions", ask({ a: 2 }, { id: first.body.id }))).status).toBe(409);
  });

  test("are listed page by page, the latest first, and filtered", async () => {
    const { post, url, model } = await gateway();
    const ids = Array.from({ length: 7 }, (_, i) => `x-${i}`);
    for (const [i, id] of ids.entries()) await post("/predictions?wait=20", ask({ a: i }, { id }));
    await post("/predictions?wait=20", ask({ a: "no" }, { id: "bad" }));
    await label(
      model,
      ids,
      ids.map(() => 0),
    );
    const list = async (query: string) => (await read(await fetch(`${url}/predictions?${query}`))).body;
    await until("seven labels stored", async () => (await list("minError=0")).items.length === 7);
    const pages: string[][] = [];
    for (let cursor: string | undefined = ""; cursor !== undefined;) {
      const { items, next }: { items: Prediction[]; next?: string } = await list(`limit=3${cursor === "" ? "" : `&cursor=${cursor}`}`);
      pages.push(items.map(({ id }) => id));
      cursor = next;
    }
    expect(pages).toEqual([
      ["bad", "x-6", "x-5"],
      ["x-4", "x-3", "x-2"],
      ["x-1", "x-0"],
    ]);
    const ofQuery = async (query: string) => (await list(query)).items.map(({ id }) => id);
    expect(await ofQuery("status=failed")).toEqual(["bad"]);
    expect(await ofQuery("minError=5")).toEqual(["x-6", "x-5"]);
    expect(await ofQuery("q=-3")).toEqual(["x-3"]);
    expect(await ofQuery(`model=${SUM_MODEL}&maxError=0`)).toEqual(["x-0"]);
    expect(await ofQuery("since=2100-01-01T00:00:00Z")).toEqual([]);
    expect((await fetch(`${url}/predictions?cursor=abc`)).status).toBe(400);
    expect((await fetch(`${url}/predictions?limit=0`)).status).toBe(400);
    for (const since of ["yesterday", "2016-12-31T23:59:60Z", "0000-01-01T00:00:00Z"])
      expect([since, (await fetch(`${url}/predictions?since=${since}`)).status]).toEqual([since, 400]);
  });
});

describe("predictions", () => {
  test("are refused with 503 while the database cannot be entered", async () => {
    const { post, logs } = await testGateway({ DATABASE_URL: postgres.url("nowhere") });
    expect((await post("/predictions", ask({ a: 1 }))).status).toBe(503);
    expect(logs.lines.join("\n")).toContain('PostgreSQL does not answer: database "nowhere" does not exist.');
  });

  test("are answered before an embedded database is open, and stored after", async () => {
    const gateway = await testGateway();
    const { post, url } = gateway;
    const model = gateway.bus("model");
    await startSumModel(model);
    const look = async () => read(await fetch(`${url}/predictions/early`));
    const first = await read(await post("/predictions?wait=20", ask({ a: 1, b: 2 }, { id: "early" })));
    expect(first).toMatchObject({ status: 200, body: { status: "succeeded", y_pred: 3 } });
    expect(await look()).toMatchObject({ status: 200, body: { status: "succeeded", y_pred: 3, features: { a: 1, b: 2 } } });
    const again = await read(await post("/predictions?wait=20", ask({ b: 2, a: 1 }, { id: "early" })));
    expect(again).toMatchObject({ status: 200, body: { y_pred: 3, createdAt: first.body.createdAt } });
    expect((await post("/predictions?wait=20", ask({ a: 2, b: 2 }, { id: "early" }))).status).toBe(409);
    await label(model, ["early"], [7]);
    await until("the early label stored", async () => (await look()).body.absolute_error === 4);
    const listed = await read(await fetch(`${url}/predictions?status=succeeded`));
    expect(listed.body.items).toMatchObject([{ id: "early", y_pred: 3, y_true: 7 }]);
  });

  test("that do not come in time are promised when they are stored, and answered later", async () => {
    const gateway = await testGateway();
    const { post, url, logsDir } = gateway;
    const { status, body } = await read(await post("/predictions?wait=0.1", ask({ a: 1 })));
    expect([status, body.status, existsSync(join(logsDir, ".state", "gateway", "PG_VERSION"))]).toEqual([202, "pending", true]);
    expect((await read(await fetch(`${url}/predictions?status=pending`))).body.items).toMatchObject([{ id: body.id }]);
    await startSumModel(gateway.bus("model"));
    await until(
      "the prediction stored",
      async () => (await read(await fetch(`${url}/predictions?status=succeeded`))).body.items.length === 1,
    );
  });

  test("are sent again after a restart, with their event times, if the broker has lost them", async () => {
    const databaseUrl = await postgres.addDatabase(`test${++databases}`);
    const first = await testGateway({ DATABASE_URL: databaseUrl });
    await first.post("/predictions", ask({ a: 1 }, { id: "timed", event_time: 1_760_000_000_000 }));
    await first.post("/predictions", ask({ a: 2 }, { id: "untimed" }));
    await first.gateway.close();
    const second = await testGateway({ DATABASE_URL: databaseUrl });
    const rows = new Inbox();
    await second.bus("model").consume(queuesOf(CHAMPION).features, rows.handler, { prefetch: 10 });
    const { ids, eventTimes } = featuresContract.read(await rows.one()).frame;
    expect(new Map(ids.toArray().map((id, row) => [id, eventTimes?.[row]]))).toEqual(
      new Map([
        ["timed", 1_760_000_000_000],
        ["untimed", Number.NaN],
      ]),
    );
  });

  test("expire when their time is over, and a late answer changes nothing", async () => {
    const gateway = await testGateway();
    const { post, url } = gateway;
    const { body } = await read(await post("/predictions?wait=20", ask({ a: 1 }, { timeoutSeconds: 0.2 })));
    expect(body.status).toBe("expired");
    await startSumModel(gateway.bus("model"));
    const { predictions } = gatewayQueuesOf(CHAMPION);
    await until("the late answer read", async () => (await gateway.link.depth(predictions)) === 0);
    expect((await read(await fetch(`${url}/predictions/${body.id}`))).body.status).toBe("expired");
  });

  test("of a thousand clients at once are each their own", async () => {
    const { post } = await withModel("");
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, async (_, i) => read(await post("/predictions?wait=60", ask({ a: i })))),
    );
    expect(answers.map(({ body }) => body.y_pred)).toEqual(answers.map((_, i) => i));
  });

  test("wait for the database: it is killed, nothing is accepted, and what was accepted is answered after", async () => {
    const gateway = await testGateway({ DATABASE_URL: await postgres.addDatabase("outage") });
    const { post, url } = gateway;
    const { body } = await read(await post("/predictions", ask({ a: 1 })));
    await postgres.kill();
    const refused = await post("/predictions", ask({ a: 2 }));
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("2");
    await startSumModel(gateway.bus("model"));
    const { predictions } = gatewayQueuesOf(CHAMPION);
    await until("the answer read", async () => (await gateway.link.depth(predictions)) === 0);
    await postgres.start();
    await until(
      "the prediction stored",
      async () => (await read(await fetch(`${url}/predictions/${body.id}`))).body.status === "succeeded",
    );
  });
});
