import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHAMPION, featuresContract, queuesOf } from "@streamgauge/core";
import { Inbox, startPrivatePostgres, type PrivatePostgres } from "@streamgauge/testing";
import { startSumModel } from "../testing/sum-model.js";
import { testGateway, type GatewaySurroundings } from "../testing/test-gateway.js";

let postgres: PrivatePostgres;
let databases = 0;

beforeAll(async () => {
  postgres = await startPrivatePostgres();
});
afterAll(() => postgres.stop());

async function withModel(settings: Readonly<Record<string, string>> = {}, surroundings: GatewaySurroundings = {}) {
  const gateway = await testGateway({ DATABASE_URL: await postgres.addDatabase(`v2_${++databases}`), ...settings }, surroundings);
  await startSumModel(gateway.bus("model"));
  return gateway;
}

const INFER = "/v2/models/champion/infer";
const request = (inputs: unknown, more: object = {}) => JSON.stringify({ inputs, ...more });
const column = (name: string, data: readonly unknown[], datatype = "FP64") => ({ name, shape: [data.length], datatype, data });

async function read(answer: Response): Promise<{ status: number; body: unknown }> {
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}

describe("an inference", () => {
  test("that the model does not answer ends with the gateway, and so does any other wait", async () => {
    const { gateway, post, bus } = await testGateway({ DATABASE_URL: await postgres.addDatabase(`v2_${++databases}`) });
    const rows = new Inbox();
    await bus("model").consume(queuesOf(CHAMPION).features, rows.handler, { prefetch: 10 });
    const waiting = post(INFER, request([column("a", [1, 2])]));
    await rows.one();
    const predictions = post("/predictions?wait=60", JSON.stringify({ id: "p", features: { a: 1 } }));
    await rows.first(2);
    const began = performance.now();
    await gateway.close();
    expect(performance.now() - began).toBeLessThan(15_000);
    const answer = await waiting;
    expect(answer.headers.get("retry-after")).toBe("2");
    expect(await read(answer)).toEqual({ status: 503, body: { error: "The gateway is ending: ask again." } });
    // It is stored: the next gateway has its answer.
    expect(await read(await predictions)).toMatchObject({ status: 202, body: { id: "p", status: "pending" } });
  });

  test("is answered for a tensor per feature and for one of all features", async () => {
    const { post, url } = await withModel();
    const columns = request([column("a", [1, 2]), { name: "b", shape: [2, 1], datatype: "FP32", data: [[10], [20]] }], { id: "r1" });
    const output = { name: "y_pred", datatype: "FP64", shape: [2], data: [11, 22] };
    const expected = { model_name: "champion", model_version: "1", id: "r1", outputs: [output] };
    expect(await read(await post(INFER, columns))).toEqual({ status: 200, body: expected });
    const matrix = request([{ name: "x", shape: [2, 2], datatype: "FP64", data: [1, 10, 2, 20] }], {
      id: "r1",
      parameters: { features: "a, b" },
      outputs: [{ name: "y_pred", parameters: null }],
    });
    expect(await read(await post(INFER, matrix))).toEqual({ status: 200, body: expected });
    expect(await read(await fetch(`${url}/v2/models/champion/ready`))).toEqual({ status: 200, body: { name: "champion", ready: true } });
  });

  test("has the ends of the intervals on request, in the order asked for", async () => {
    const { post, bus } = await testGateway();
    await startSumModel(bus("model"), 0.5);
    const outputs = (...names: readonly string[]) => ({ outputs: names.map((name) => ({ name })) });
    const tensor = (name: string, data: readonly number[]) => ({ name, datatype: "FP64", shape: [2], data });
    const { body } = await read(await post(INFER, request([column("a", [1, 2])], outputs("y_pred_high", "y_pred_low", "y_pred"))));
    expect(body).toMatchObject({
      outputs: [tensor("y_pred_high", [1.5, 2.5]), tensor("y_pred_low", [0.5, 1.5]), tensor("y_pred", [1, 2])],
    });
    expect((await read(await post(INFER, request([column("a", [1, 2])])))).body).toMatchObject({ outputs: [tensor("y_pred", [1, 2])] });
  });

  test("without an interval says so if an end is asked for", async () => {
    const { post } = await withModel();
    const { status, body } = await read(await post(INFER, request([column("a", [1])], { outputs: [{ name: "y_pred_low" }] })));
    expect([status, body]).toEqual([
      503,
      { error: "There is no y_pred_low: the model has no interval for this row; it has one after 100 labels. Ask for y_pred alone." },
    ]);
  });

  test("says when its rows happened, together or each", async () => {
    const { post, bus } = await testGateway();
    const rows = new Inbox();
    await bus("model").consume(queuesOf(CHAMPION).features, rows.handler, { prefetch: 10 });
    for (const event_time of [5, "5, -6"])
      void post(INFER, request([column("a", [1, 2])], { parameters: { event_time } })).catch(() => undefined);
    const times = (await rows.first(2)).map((delivery) => [...(featuresContract.read(delivery).frame.eventTimes ?? [])]);
    expect(times.toSorted(([, one = 0], [, other = 0]) => other - one)).toEqual([
      [5, 5],
      [5, -6],
    ]);
    const TEXT = "parameters.event_time is";
    const WANTED = `it is when the rows happened, in whole ms since 1970, such as 1760000000000 for all of them, or "1760000000000,1760000060000" with one for each.`;
    for (const [event_time, error] of [
      [1.5, `${TEXT} 1.5: ${WANTED}`],
      ["5,x", `${TEXT} "5,x": ${WANTED}`],
      ["5,6,7", "parameters.event_time has 3 times for 2 rows: send one for all, or one for each."],
    ])
      expect(await read(await post(INFER, request([column("a", [1, 2])], { parameters: { event_time } })))).toEqual({
        status: 400,
        body: { error },
      });
  });

  test("takes null for what may be left out", async () => {
    const { post } = await withModel();
    const body = request([{ ...column("a", [4]), parameters: null }], { id: null, parameters: null, outputs: null });
    expect(await read(await post(INFER, body))).toMatchObject({
      status: 200,
      body: { id: expect.stringMatching(/^\w{12}$/), outputs: [{ data: [4] }] },
    });
  });

  test("whose row the model refuses says which row and why", async () => {
    const { post } = await withModel();
    expect(await read(await post(INFER, request([column("a", ["1", "x"], "BYTES")])))).toEqual({
      status: 400,
      body: { error: expect.stringMatching(/^row 0 \(id "\w+-0000001"\): not a number/) },
    });
  });
});

describe("a model's description", () => {
  test("has the datatypes that the model takes, and only the version that answers", async () => {
    const features = ["bmi", "postcode", "rooms", "smokes"];
    const kinds = ["number", "text", "int32", "bool"] as const;
    const { url } = await withModel({}, { model: () => ({ label: "price@7", features, kinds }) });
    const described = {
      status: 200,
      body: {
        name: "champion",
        versions: ["7"],
        platform: "onnx_onnxv1",
        inputs: [
          { name: "bmi", datatype: "FP64", shape: [-1] },
          { name: "postcode", datatype: "BYTES", shape: [-1] },
          { name: "rooms", datatype: "INT32", shape: [-1] },
          { name: "smokes", datatype: "BOOL", shape: [-1] },
        ],
        outputs: [{ name: "y_pred", datatype: "FP64", shape: [-1] }],
      },
    };
    expect(await read(await fetch(`${url}/v2/models/champion`))).toEqual(described);
    expect(await read(await fetch(`${url}/v2/models/champion/versions/7`))).toEqual(described);
  });

  test("of a server and its health is that of the protocol", async () => {
    const { url } = await withModel();
    const server = { status: 200, body: { name: "streamgauge", version: "1", extensions: [] } };
    expect(await read(await fetch(`${url}/v2`))).toEqual(server);
    expect(await read(await fetch(`${url}/v2/`))).toEqual(server);
    expect(await read(await fetch(`${url}/v2/health/live`))).toEqual({ status: 200, body: { live: true } });
    expect(await read(await fetch(`${url}/v2/health/ready`))).toEqual({ status: 200, body: { live: true, ready: true } });
  });
});

describe("a version", () => {
  test("that scores is answered, and others are not there", async () => {
    const { post, url } = await withModel({}, { model: () => ({ label: "sum@1", features: [], kinds: [] }) });
    const body = request([column("a", [4])]);
    expect(await read(await post("/v2/models/champion/versions/1/infer", body))).toMatchObject({
      status: 200,
      body: { model_name: "champion", model_version: "1", outputs: [{ data: [4] }] },
    });
    expect(await read(await fetch(`${url}/v2/models/champion/versions/1/ready`))).toEqual({
      status: 200,
      body: { name: "champion", ready: true },
    });
    const missing = {
      status: 404,
      body: { error: 'There is no version "2" of champion: ask for "1", or for champion without a version.' },
    };
    expect(await read(await post("/v2/models/champion/versions/2/infer", body))).toEqual(missing);
    expect(await read(await fetch(`${url}/v2/models/champion/versions/2`))).toEqual(missing);
    expect(await read(await fetch(`${url}/v2/models/champion/versions/2/ready`))).toEqual(missing);
  });

  test("is known after the first prediction if the model runs elsewhere", async () => {
    const { post, url } = await withModel();
    const path = `${url}/v2/models/champion/versions/1`;
    expect(await read(await fetch(path))).toEqual({
      status: 404,
      body: {
        error: 'There is no version "1" of champion: none is known before it has answered. Ask for champion without a version.',
      },
    });
    await post(INFER, request([column("a", [4])]));
    expect(await read(await fetch(path))).toMatchObject({ status: 200, body: { versions: ["1"] } });
  });

  test("is not named for the answer of another, which replaced it meanwhile", async () => {
    const { post } = await withModel({}, { model: () => ({ label: "sum@0", features: [], kinds: [] }) });
    expect(await read(await post("/v2/models/champion/versions/0/infer", request([column("a", [4])])))).toEqual({
      status: 503,
      body: { error: "The model was replaced meanwhile: version 1 answered, not 0. Ask for that one." },
    });
  });
});

describe("every error under /v2 is of the protocol's form", () => {
  const GOOD = request([column("a", [1])]);
  const EXAMPLE = '{"inputs":[{"name":"age","shape":[1],"datatype":"FP64","data":[59]}]}';
  const SEND = `send application/json, and say which in the header Content-Type. A body is such as ${EXAMPLE}`;

  const CASES: readonly [
    method: string,
    path: string,
    type: string | undefined,
    body: string | undefined,
    status: number,
    error: string | RegExp,
  ][] = [
    ["GET", "/v2/nothing", undefined, undefined, 404, "There is nothing at GET /v2/nothing: see /docs."],
    ["DELETE", "/v2", undefined, undefined, 404, "There is nothing at DELETE /v2: see /docs."],
    ["GET", INFER, undefined, undefined, 404, `There is nothing at GET ${INFER}: see /docs.`],
    ["GET", "/v2/models/nobody", undefined, undefined, 404, 'There is no model "nobody": ask for champion.'],
    ["POST", INFER, "text/csv", "a\n1\n", 415, `Unsupported Media Type: ${SEND}`],
    ["POST", INFER, "application/octet-stream", "\0", 415, `Unsupported Media Type: ${SEND}`],
    ["POST", INFER, "application/json", "x".repeat(8 * 2 ** 20 + 1), 413, "The body has more than 8 MiB: send it in parts."],
    ["POST", INFER, "application/json", GOOD.replace("1]", "NaN]"), 400, /^the body is not JSON: .*NaN/],
    ["POST", INFER, "application/json", "[]", 400, /^The body is a JSON object such as /],
    ["GET", "/v2/models/%zz", undefined, undefined, 400, /is not a valid url component/],
  ];

  test("for a path, a method, a type and a body that are not taken", async () => {
    const { url } = await withModel();
    for (const [method, path, type, body, status, error] of CASES) {
      const sent = body === undefined ? {} : { body, headers: { "content-type": type ?? "" } };
      const answer = await fetch(url + path, { method, ...sent });
      expect(answer.headers.get("content-type")).toBe("application/json");
      const said = typeof error === "string" ? error : expect.stringMatching(error);
      expect(await read(answer), `${method} ${path}`).toEqual({ status, body: { error: said } });
    }
  });

  test("without the database or RabbitMQ", async () => {
    const away = { status: 503, body: { error: "RabbitMQ or the database is away: try again later." } };
    const without = await testGateway({ DATABASE_URL: postgres.url("nowhere") });
    expect(await read(await fetch(`${without.url}/v2/health/ready`))).toEqual(away);
    const { post, url, link } = await withModel();
    await link.close();
    const answer = await post(INFER, GOOD);
    expect(answer.headers.get("retry-after")).toBe("2");
    expect(await read(answer)).toEqual({ status: 503, body: { error: "RabbitMQ is away. Nothing was accepted; try again." } });
    expect(await read(await fetch(`${url}/v2/health/ready`))).toEqual(away);
    expect(await read(await fetch(`${url}/v2/models/champion/ready`))).toEqual(away);
  });

  test("without a key, compressed, and too often", async () => {
    const { post } = await withModel({ API_KEYS: "0123456789abcdef" });
    const error = "Writing needs an API key: send it as the header X-API-Key.";
    expect(await read(await post(INFER, GOOD))).toEqual({ status: 401, body: { error } });
    expect(await read(await post("/v2/nothing", GOOD))).toEqual({ status: 401, body: { error } });
    const headers = { "content-encoding": "gzip", "x-api-key": "0123456789abcdef" };
    expect(await read(await post(INFER, GOOD, "application/json", headers))).toEqual({
      status: 415,
      body: { error: "A body with a content encoding is not read: send it as it is, not compressed." },
    });
    const limited = await withModel({ GATEWAY_RATE_LIMIT: "1" });
    const answers = await Promise.all([1, 2, 3].map(async () => read(await fetch(`${limited.url}/v2`))));
    expect(answers).toContainEqual({
      status: 429,
      body: { error: "More than 1 requests a second from one address: send more rows in each, or wait." },
    });
  });
});
