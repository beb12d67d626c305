import {
  CHAMPION,
  DEAD_EXCHANGE,
  DEAD_QUEUE,
  DONE,
  featuresContract,
  gatewayQueuesOf,
  Ids,
  labelContract,
  resendable,
  predictionContract,
  predictionsOf,
  queuesOf,
} from "@streamgauge/core";
import { EMPTY_FILES, FOREIGN_FILES, Inbox, UNUSUAL_FILES, until } from "@streamgauge/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asDelivery } from "../ingress/as-delivery.js";
import type { JobStatistics } from "../jobs/job-statistics.js";
import { startPrivatePostgres, type PrivatePostgres } from "@streamgauge/testing";
import { startSumModel } from "../testing/sum-model.js";
import { testGateway, type GatewaySurroundings } from "../testing/test-gateway.js";

let postgres: PrivatePostgres;
let databases = 0;

beforeAll(async () => {
  postgres = await startPrivatePostgres();
});
afterAll(() => postgres.stop());

interface JobBody {
  readonly id: string;
  readonly status: string;
  readonly rows: number;
  readonly done: number;
  readonly failed: number;
  readonly refused: number;
  readonly refusals: object[];
  readonly warnings: string[];
  readonly reason?: string;
  readonly statistics: JobStatistics;
  readonly items: JobBody[];
  readonly next?: string;
}

const CSV = "text/csv";

async function open(databaseUrl = "", surroundings: GatewaySurroundings = {}) {
  const gateway = await testGateway({ DATABASE_URL: databaseUrl }, surroundings);
  const json = async (answer: Response): Promise<JobBody> => JSON.parse(await answer.text());
  const create = async (body: string | Uint8Array, query = "", type = CSV) => json(await gateway.post(`/jobs${query}`, body, type));
  const job = async (id: string) => json(await fetch(`${gateway.url}/jobs/${id}`));
  const run = (id: string) => fetch(`${gateway.url}/jobs/${id}/run`, { method: "POST" });
  const over = async (id: string) => {
    await until("the job over", async () => !["created", "running"].includes((await job(id)).status));
    return job(id);
  };
  return { ...gateway, json, create, job, run, over };
}

/** Rows `a,b,y_true`: their sum is 3i, the label is 3i + 1 or, each tenth, 3i - 4. */
function csvOf(rows: number): string {
  const lines = Array.from({ length: rows }, (_, i) => `${i},${2 * i},${i % 10 === 0 ? 3 * i - 4 : 3 * i + 1}`);
  return `a,b,y_true\n${lines.join("\n")}\n`;
}

describe("event times of a job's rows", () => {
  /** The times in ms of the first chunk as it is sent. */
  async function timesOf(body: string | Uint8Array, query = "", type = CSV) {
    const { bus, create, run } = await open();
    const rows = new Inbox();
    await bus("model").consume(queuesOf(CHAMPION).features, rows.handler, { prefetch: 10 });
    const { id, rows: accepted, refusals } = await create(body, query, type);
    await run(id);
    const { frame } = featuresContract.read(await rows.one());
    return { accepted, refusals, times: Array.from(frame.eventTimes ?? []), columns: [...frame.columns.keys()] };
  }

  test("come from the column event_time of CSV", async () => {
    expect(await timesOf("a,event_time,y_true\n1,2025-10-09T08:53:20Z,5\n2,,6\n3,never,7\n4,1760000060,8\n")).toEqual({
      accepted: 3,
      refusals: [{ row: 2, field: "event_time", reason: expect.stringMatching(/^not a time, got "never": write /) }],
      times: [1_760_000_000_000, Number.NaN, 1_760_000_060_000],
      columns: ["a"],
    });
  });

  test("come from the column that the request names, in its zone", async () => {
    expect(await timesOf("when,a\n2025-10-09 10:53:20,1\n", "?time_column=when&time_zone=Europe/Berlin")).toMatchObject({
      times: [1_760_000_000_000],
      columns: ["a"],
    });
  });

  test("come from the field event_time of NDJSON and JSON", async () => {
    const row = { features: { a: 1 }, event_time: 1_760_000_000_000 };
    const lines = `${JSON.stringify(row)}\n${JSON.stringify({ ...row, event_time: "now" })}\n`;
    expect(await timesOf(lines, "", "application/x-ndjson")).toMatchObject({
      times: [1_760_000_000_000],
      refusals: [{ row: 1, field: "event_time", reason: expect.stringMatching(/^not an event time, got "now": send whole ms since 1970/) }],
    });
    expect((await timesOf(JSON.stringify({ rows: [row] }), "", "application/json")).times).toEqual([1_760_000_000_000]);
  });

  test("come from the column event_time of Arrow", async () => {
    const frame = { ids: Ids.of(["x", "y"]), columns: new Map([["a", Float64Array.of(1, 2)]]), eventTimes: Float64Array.of(5, Number.NaN) };
    const { body, contentType } = featuresContract.write(frame, "arrow", 0);
    expect(await timesOf(Uint8Array.from(body), "", contentType)).toMatchObject({ times: [5, Number.NaN], columns: ["a"] });
  });
});

describe.each([["PGlite"], ["PostgreSQL"]])("a job on %s", (kind) => {
  const gateway = async () => open(kind === "PGlite" ? "" : await postgres.addDatabase(`jobs${++databases}`));

  test("is created, run once, followed, and gives its results", async () => {
    const { bus, create, run, over, url } = await gateway();
    await startSumModel(bus("model"));
    const labels = new Inbox();
    await bus("metrics").consume(queuesOf(CHAMPION).labels, labels.handler, { prefetch: 10 });
    const created = await create(csvOf(10_000), "?name=study");
    expect(created).toMatchObject({ name: "study", status: "created", rows: 10_000, done: 0, refused: 0 });
    expect((await run(created.id)).status).toBe(202);
    expect((await run(created.id)).status).toBe(409);
    const finished = await over(created.id);
    expect(finished).toMatchObject({ status: "succeeded", done: 10_000, failed: 0, progress: 1 });
    expect(finished.statistics).toMatchObject({ count: 10_000, p95: 4, max_error: 4 });
    // Quantiles of many rows have a relative error of at most 0.001.
    expect(Math.abs((finished.statistics.p50 ?? Number.NaN) - 1)).toBeLessThanOrEqual(0.001);
    expect(finished.statistics.mae).toBeCloseTo(1.3, 10);
    expect(finished.statistics.bias).toBeCloseTo(-0.5, 10);
    expect(finished.statistics.bins.reduce((sum, { count }) => sum + count, 0)).toBe(10_000);
    const results = (await (await fetch(`${url}/jobs/${created.id}/results`)).text()).trimEnd().split("\n");
    expect(results).toHaveLength(10_001);
    expect(results.slice(0, 3)).toEqual([
      "row,id,y_pred,y_true,absolute_error,reason",
      `0,${created.id}-0,0,-4,4,`,
      `1,${created.id}-1,3,4,1,`,
    ]);
    expect(results.at(-1)).toBe(`9999,${created.id}-9999,29997,29998,1,`);
    const arrow = Buffer.from(await (await fetch(`${url}/jobs/${created.id}/results?format=arrow`)).arrayBuffer());
    const { frame } = featuresContract.read(asDelivery(arrow, "application/vnd.apache.arrow.stream"));
    expect([frame.ids.length, [...frame.columns.keys()], frame.columns.get("y_pred")?.[9_999]]).toEqual([
      10_000,
      ["y_pred", "y_true"],
      29_997,
    ]);
    const sent = (await labels.first(3)).map((delivery) => labelContract.read(delivery).frame);
    expect(sent.reduce((sum, frame) => sum + frame.ids.length, 0)).toBe(10_000);
  });

  test("keeps the rows' own ids, and says which rows were refused at the upload and by the model", async () => {
    const { bus, create, run, over, url } = await gateway();
    await startSumModel(bus("model"));
    const lines = [
      { id: "first", features: { a: 1 }, y_true: 2 },
      { features: { a: "x" } },
      { features: { b: 1 } },
      { id: 5, features: { a: 1 } },
      { id: "last", features: { a: 3 } },
      { features: { a: 1 }, y_true: "2" },
    ];
    const created = await create(lines.map((line) => JSON.stringify(line)).join("\n"), "", "application/x-ndjson");
    expect(created).toMatchObject({ rows: 3, refused: 3 });
    expect(created.refusals).toEqual([
      { row: 2, field: "a", reason: "the value is missing: the rows before it have this feature; send null if it is not known" },
      { row: 3, field: "id", reason: "an id is a string of 1 to 128 characters, got 5" },
      { row: 5, id: expect.any(String), field: "y_true", reason: 'not a finite number, got "2": send it without quotes' },
    ]);
    await run(created.id);
    expect(await over(created.id)).toMatchObject({ status: "succeeded", done: 2, failed: 1 });
    const results = (await (await fetch(`${url}/jobs/${created.id}/results?format=ndjson`)).text()).trimEnd().split("\n");
    expect(results.map((line): unknown => JSON.parse(line))).toEqual([
      { row: 0, id: "first", y_pred: 1, y_true: 2, absolute_error: 1 },
      { row: 1, id: `${created.id}-1`, reason: expect.stringContaining("not a number") },
      { row: 2, id: "last", y_pred: 3 },
    ]);
  });

  test("gives each of its failed rows a reason of its own, however many there are", async () => {
    const { bus, create, run, over, url } = await gateway();
    await startSumModel(bus("model"));
    const cells = Array.from({ length: 9_000 }, (_, i) => (i % 3 === 1 ? `bad-${i}` : String(i)));
    const { id } = await create(`a\n${cells.join("\n")}\n`);
    await run(id);
    expect(await over(id)).toMatchObject({ status: "succeeded", done: 6_000, failed: 3_000 });
    const results = (await (await fetch(`${url}/jobs/${id}/results?format=ndjson`)).text()).trimEnd().split("\n");
    expect(results.map((line): unknown => JSON.parse(line))).toEqual(
      cells.map((_, i) => {
        const row = { row: i, id: `${id}-${i}` };
        return i % 3 === 1 ? { ...row, reason: `row ${i} (id "${id}-${i}"): not a number` } : { ...row, y_pred: i };
      }),
    );
  });

  test("takes predictions of a message whose refused rows were named before them", async () => {
    const { bus, create, run, over, url } = await gateway();
    const model = bus("model");
    const letters = bus("look");
    await model.consume(
      queuesOf(CHAMPION).features,
      async () => ({ kind: "dead", refusals: [{ row: 1, id: `${id}-1`, field: "a", reason: "too large" }] }),
      { prefetch: 1 },
    );
    const { id } = await create("a\n1\n2\n3\n");
    await run(id);
    await until(
      "the refusal read",
      async () => (await letters.depth(DEAD_QUEUE)) === 1 && (await letters.depth(gatewayQueuesOf(CHAMPION).refused)) === 0,
    );
    const predictions = { ids: Ids.of([`${id}-0`, `${id}-2`]), y_pred: Float64Array.of(10, 30), model: "late@1", unit: "" };
    await model.publish(predictionsOf(CHAMPION), predictionContract.write(predictions, "json", 0));
    expect(await over(id)).toMatchObject({ status: "succeeded", done: 2, failed: 1 });
    expect(await (await fetch(`${url}/jobs/${id}/results`)).text()).toBe(
      `row,id,y_pred,y_true,absolute_error,reason\n0,${id}-0,10,,,\n1,${id}-1,,,,"row 1 (id ""${id}-1""), field a: too large"\n2,${id}-2,30,,,\n`,
    );
  });

  test("takes the one reason of a whole message, and of a letter of an earlier version, for all of its rows", async () => {
    const { bus, create, run, over, url } = await gateway();
    const model = bus("model");
    await model.consume(
      queuesOf(CHAMPION).features,
      async (delivery) => {
        if (delivery.body.includes("old")) {
          const headers = { "dead-exchange": "rows", "dead-routing-key": "features", "dead-reason": "as it was" };
          await model.publish({ exchange: DEAD_EXCHANGE, routingKey: "" }, { ...resendable(delivery), headers });
          return DONE;
        }
        return { kind: "dead", refusals: [{ row: 0, id: `${whole.id}-0`, reason: "its own" }, { reason: "the model is away" }] };
      },
      { prefetch: 1 },
    );
    const reasons = async ({ id }: JobBody) => {
      await run(id);
      await over(id);
      return (await (await fetch(`${url}/jobs/${id}/results`)).text()).trimEnd().split("\n").slice(1);
    };
    const whole = await create("a\n1\n2\n");
    expect(await reasons(whole)).toEqual([
      `0,${whole.id}-0,,,,"row 0 (id ""${whole.id}-0""): its own"`,
      `1,${whole.id}-1,,,,the model is away`,
    ]);
    const old = await create("old\n1\n2\n");
    expect(await reasons(old)).toEqual([`0,${old.id}-0,,,,as it was`, `1,${old.id}-1,,,,as it was`]);
  });

  test("gets labels that come after it", async () => {
    const { bus, create, run, over, post, job, url } = await gateway();
    await startSumModel(bus("model"));
    const { id } = await create("a\n1\n2\n3\n");
    await run(id);
    expect((await over(id)).statistics.count).toBe(0);
    await post("/labels", JSON.stringify({ ids: [`${id}-0`, `${id}-2`, `${id}-9`, "other-1"], y_true: [2, 7, 1, 1] }));
    await until("two labels stored", async () => (await job(id)).statistics.count === 2);
    expect((await job(id)).statistics).toMatchObject({ mae: 2.5, bias: -2.5, max_error: 4 });
    const some = (await create("a,y_true\n1,2\n2,\n")).id;
    await run(some);
    await over(some);
    // A correction is no label.
    await post("/labels?correct=true", JSON.stringify({ id: `${some}-1`, y_true: 99 }));
    await post("/labels", JSON.stringify({ id: `${some}-1`, y_true: 4 }));
    const labels = async () => (await (await fetch(`${url}/jobs/${some}/results`)).text()).split("\n").map((line) => line.split(",")[3]);
    await until("the missing label stored", async () => (await labels())[2] === "4");
    expect(await labels()).toEqual(["y_true", "2", "4", undefined]);
  });

  test("fails with the model's reason if no row is scored", async () => {
    const { bus, create, run, over } = await gateway();
    await startSumModel(bus("model"));
    const { id } = await create("a\nx\n");
    await run(id);
    expect(await over(id)).toMatchObject({ status: "failed", reason: expect.stringContaining("not a number") });
  });

  test("is cancelled, and removed after", async () => {
    const { create, run, url, job } = await gateway();
    const { id } = await create(csvOf(100));
    await run(id);
    const end = () => fetch(`${url}/jobs/${id}`, { method: "DELETE" });
    expect((await end()).status).toBe(200);
    expect((await job(id)).status).toBe("cancelled");
    expect((await end()).status).toBe(204);
    expect((await fetch(`${url}/jobs/${id}`)).status).toBe(404);
  });
});

describe("jobs", () => {
  test("are listed page by page, the latest first", async () => {
    const { create, json, url } = await open();
    const ids: string[] = [];
    for (let i = 0; i < 3; i += 1) ids.unshift((await create("a\n1\n")).id);
    const { items, next } = await json(await fetch(`${url}/jobs?limit=2`));
    const rest = await json(await fetch(`${url}/jobs?limit=2&cursor=${next}`));
    expect([...items, ...rest.items].map(({ id }) => id)).toEqual(ids);
    expect(rest.next).toBeUndefined();
    expect((await json(await fetch(`${url}/jobs?status=running`))).items).toEqual([]);
  });

  test("go on after the gateway was ended and the database killed in the middle, and each row has its result", async () => {
    const databaseUrl = await postgres.addDatabase("restarts");
    const first = await open(databaseUrl);
    const { id } = await first.create(csvOf(20_000));
    // Two of its five chunks are answered before the restart.
    const inbox = new Inbox();
    const slow = first.bus("model");
    const reading = await slow.consume(queuesOf(CHAMPION).features, inbox.handler, { prefetch: 2 });
    await first.run(id);
    await inbox.first(2);
    await reading.close();
    await first.gateway.close();
    await postgres.kill();
    const ending = first.bus("model");
    await startSumModel(ending);
    const starting = testGatewayOn(first, databaseUrl);
    await postgres.start();
    const second = await starting;
    await until("the job resumed and finished", async () => {
      const answer = await fetch(`${second.url}/jobs/${id}`);
      return answer.ok && JSON.parse(await answer.text()).status === "succeeded";
    });
    const results = (await (await fetch(`${second.url}/jobs/${id}/results`)).text()).trimEnd().split("\n").slice(1);
    expect(results.map((line) => line.split(",")[2])).toEqual(Array.from({ length: 20_000 }, (_, i) => String(3 * i)));
  });

  test.each([
    ["without rows", "a\n", CSV, 400, /^The CSV body has a header and no rows: .*--data-binary/],
    ["with broken rows alone", 'a\n"1\n', CSV, 400, /no row that can be used/],
    ["of empty NDJSON", "\n", "application/x-ndjson", 400, /^the body has no rows: .*--data-binary/],
    ["without the column of labels", "a,b\n1,2\n", CSV, 400, /no column "target" with labels: it has "a", "b"\./, "?target=target"],
    ["in JSON without rows", "{}", "application/json", 400, /"rows", a list of rows/],
    ["of another type", "a", "text/plain", 415, /Unsupported/],
  ])("are not created from an upload %s", async (_, body, type, status, detail, query = "") => {
    const { post, json, url } = await open();
    const answer = await post(`/jobs${query}`, body, type);
    expect([answer.status, await json(answer)]).toEqual([status, expect.objectContaining({ detail: expect.stringMatching(detail) })]);
    expect((await json(await fetch(`${url}/jobs`))).items).toEqual([]);
  });
});

describe("strange files", () => {
  test("a job reads what other readers read, and refuses what they refuse", async () => {
    const { bus, create, run, over, url, post } = await open();
    await startSumModel(bus("model"));
    for (const { name, bytes, rows, broken } of UNUSUAL_FILES) {
      const job = await create(bytes);
      expect([name, job.rows, job.refusals]).toEqual([
        name,
        rows.length,
        broken === undefined ? [] : [{ row: broken[0] - 2, reason: `line ${broken[0]}: ${broken[1]}` }],
      ]);
      await run(job.id);
      expect([name, await over(job.id)]).toEqual([name, expect.objectContaining({ status: "succeeded", done: rows.length, failed: 0 })]);
      const results = (await (await fetch(`${url}/jobs/${job.id}/results?format=ndjson`)).text()).trimEnd().split("\n");
      expect([name, ...results.map((line): unknown => JSON.parse(line))]).toEqual([
        name,
        ...rows.map(([id, a, yTrue], row) => ({ row, id, y_pred: a, y_true: yTrue, absolute_error: yTrue - a })),
      ]);
    }
    for (const { name, bytes, problem, remedy } of FOREIGN_FILES) {
      const answer = await post("/jobs", bytes, CSV);
      const detail = `The CSV body ${problem}: ${remedy}.`;
      expect([name, answer.status, await answer.json()]).toEqual([name, 400, expect.objectContaining({ detail })]);
    }
    for (const { name, bytes, problem } of EMPTY_FILES) {
      const answer = await post("/jobs", bytes, CSV);
      const detail = expect.stringMatching(`The CSV body ${problem}: .*--data-binary`);
      expect([name, answer.status, await answer.json()]).toEqual([name, 400, expect.objectContaining({ detail })]);
    }
  }, 60_000);

  test("a target may have blanks around it, in the file and in the request", async () => {
    const { create } = await open();
    expect(await create("id, a, target\np1, 1, 151\n", "?target=%20target")).toMatchObject({ rows: 1, refused: 0, warnings: [] });
  });

  test("a chunk keeps the spelling of its cells, also in the database", async () => {
    const { bus, create, run } = await open();
    const inbox = new Inbox();
    await bus("model").consume(queuesOf(CHAMPION).features, inbox.handler, { prefetch: 2 });
    const { id } = await create("id,zip,x\nq1,01234,1e3\n");
    await run(id);
    const delivery = await inbox.one();
    expect([delivery.headers["cells"], delivery.body.toString()]).toEqual([
      "as-written",
      `{"id":"${id}-0","features":{"zip":"01234","x":"1e3"}}`,
    ]);
  });

  test("a chunk keeps which of its columns Python wrote as floats, also in the database", async () => {
    const { bus, create, run } = await open();
    const inbox = new Inbox();
    await bus("model").consume(queuesOf(CHAMPION).features, inbox.handler, { prefetch: 2 });
    const { id } = await create("id,age,n\nq1,59.0,1\n");
    await run(id);
    const { headers, body } = await inbox.one();
    expect([headers["cells"], headers["python-floats"], body.toString()]).toEqual([
      "as-written",
      '["age"]',
      `{"id":"${id}-0","features":{"age":59,"n":1}}`,
    ]);
  });
});

test("a job says which columns the model does not take, and that labels are missing", async () => {
  const model = () => ({ label: "sum@1", features: ["a"], kinds: ["number" as const] });
  const { create } = await open("", { model });
  const { warnings } = await create("id,a,note,target\np1,1,x,151\n");
  expect(warnings).toEqual([
    'The model does not take these columns, they are passed over: "note", "target".',
    'No row has a label, so the job will have predictions and no errors. If the column "target" holds the labels, name it: POST /jobs?target=target.',
  ]);
});

/** A restarted gateway on the same broker. */
async function testGatewayOn({ bus }: Awaited<ReturnType<typeof open>>, databaseUrl: string) {
  return testGateway({ DATABASE_URL: databaseUrl }, { bus: bus("gateway") });
}

test("a chunk is a message as features sends them", async () => {
  const { bus, create, run } = await open();
  const inbox = new Inbox();
  await bus("model").consume(queuesOf(CHAMPION).features, inbox.handler, { prefetch: 2 });
  const { id } = await create("a,b\n1,2\n");
  await run(id);
  const { frame } = featuresContract.read(await inbox.one());
  expect(frame.ids.equals(Ids.of([`${id}-0`]))).toBe(true);
});
