import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { captureLog } from "@streamgauge/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { ScoringError, Scorer } from "../session/scorer.js";
import { answerSums, send, startModelServer, TWO_COLUMNS, type FakeServer, type FakeServerOptions } from "@streamgauge/testing/vitest";
import { openRemoteScorer, type RemoteScorerOptions } from "./remote-scorer.js";

const captured = captureLog();

async function open(server: Pick<FakeServer, "url">, options: Partial<RemoteScorerOptions> = {}): Promise<Scorer> {
  const scorer = await openRemoteScorer({
    url: server.url,
    concurrency: 4,
    timeLimitMs: 5_000,
    features: undefined,
    log: captured.log,
    signal: new AbortController().signal,
    backOffMs: [1, 5],
    patienceMs: 5_000,
    ...options,
  });
  onTestFinished(() => scorer.close());
  return scorer;
}

async function opened(serverOptions: FakeServerOptions, options: Partial<RemoteScorerOptions> = {}) {
  const server = await startModelServer(serverOptions);
  return { server, scorer: await open(server, options) };
}

const ROWS = [Float64Array.of(1, 2, 3), Float64Array.of(10, 20, 30.5)] as const;

describe("a model on a server", () => {
  test("takes one input for each feature, and says which version answered", async () => {
    const { server, scorer } = await opened({});
    expect(scorer).toMatchObject({ label: "sums@3", features: ["a", "b"], concurrency: 4 });
    expect(await scorer.score(3, ROWS)).toEqual({ yPred: Float64Array.of(11, 22, 33.5), model: "sums@3", unit: "" });
    expect(server.calls).toEqual([
      {
        inputs: [
          { name: "a", datatype: "FP64", shape: [3, 1], data: [1, 2, 3] },
          { name: "b", datatype: "FP64", shape: [3, 1], data: [10, 20, 30.5] },
        ],
        outputs: [{ name: "y" }],
      },
    ]);
  });

  test("takes one matrix, whose columns the user names", async () => {
    const metadata = { inputs: [{ name: "x", datatype: "FP32", shape: [-1, 2] }], outputs: [] };
    const { server, scorer } = await opened({ metadata }, { features: ["b", "a"] });
    expect(scorer).toMatchObject({ label: "sums", features: ["b", "a"] });
    expect((await scorer.score(2, ROWS)).yPred).toEqual(Float64Array.of(11, 22));
    expect(server.calls).toEqual([{ inputs: [{ name: "x", datatype: "FP32", shape: [2, 2], data: [1, 10, 2, 20] }] }]);
  });

  test("of several outputs answers with the one that is chosen, or with one of its numbers", async () => {
    const outputs = [
      { name: "p", datatype: "FP32", shape: [-1] },
      { name: "q", datatype: "FP32", shape: [-1, 2] },
    ];
    const infer: FakeServerOptions["infer"] = (asked, response) => {
      const name = asked.outputs?.[0]?.name ?? "";
      send(response, 200, { outputs: [{ name, data: name === "p" ? [1, 2] : [3, 4, 5, 6] }] });
    };
    const served = { metadata: { ...TWO_COLUMNS, outputs }, infer };
    const answer = async (output: string) => (await (await opened(served, { output })).scorer.score(2, ROWS)).yPred;
    expect(await answer("p")).toEqual(Float64Array.of(1, 2));
    expect(await answer("q[1]")).toEqual(Float64Array.of(4, 6));
    await expect(answer("q")).rejects.toThrow("it answered 2 rows with 4 numbers");
    await expect(answer("q[2]")).rejects.toThrow("it answered 2 rows with 4 numbers, and number 2 of each row is chosen");
    await expect(answer("r")).rejects.toThrow("it has no output r, which OUTPUT names; it has p (FP32 [-1]), q (FP32 [-1, 2])");
  });

  test("that takes two rows at a time gets two, the last one twice if there is no other", async () => {
    const metadata = { inputs: [{ name: "x", datatype: "FP32", shape: [2, 2] }] };
    const { server, scorer } = await opened({ metadata }, { features: ["a", "b"] });
    expect((await scorer.score(3, ROWS)).yPred).toEqual(Float64Array.of(11, 22, 33.5));
    expect(server.calls.map(({ inputs }) => inputs[0]?.data)).toEqual([
      [1, 10, 2, 20],
      [3, 30.5, 3, 30.5],
    ]);
  });

  test("is waited for until it is ready", async () => {
    let looks = 0;
    const { scorer } = await opened({ ready: () => (looks += 1) > 3 });
    expect((await scorer.score(1, ROWS)).yPred).toEqual(Float64Array.of(11));
    expect(captured.lines.join("\n")).toMatch(/is not ready \(the server answers 503\)\. Trying again until it is\./);
  });

  test("names the version that answered, not the one that it had at the start", async () => {
    const { scorer } = await opened({
      infer: (_, response) => send(response, 200, { model_name: "sums", model_version: "4", outputs: [{ name: "y", data: [[1]] }] }),
    });
    expect(await scorer.score(1, ROWS)).toEqual({ yPred: Float64Array.of(1), model: "sums@4", unit: "" });
  });

  test("has no number for a row if the answer has none", async () => {
    const { scorer } = await opened({ infer: (_, response) => void response.end('{"outputs":[{"name":"y","data":[NaN, 2, null]}]}') });
    expect((await scorer.score(3, ROWS)).yPred).toEqual(Float64Array.of(Number.NaN, 2, Number.NaN));
  });
});

describe("a model that cannot be used is refused at start", () => {
  test.each([
    [{ inputs: [{ name: "x", datatype: "FP32", shape: [-1, 10] }] }, /its one input x has 10 columns without names; name them in FEATURES/],
    [
      { inputs: [{ name: "x", datatype: "FP16", shape: [-1, 1] }] },
      /its input x takes FP16, which cannot be sent as JSON; serve the model with inputs of FP32 or FP64\.$/,
    ],
    [
      { inputs: TWO_COLUMNS.inputs, outputs: [{ name: "label", datatype: "BYTES", shape: [-1] }] },
      /its output label is text \(BYTES\); a prediction is a number\.$/,
    ],
    [
      { versions: null, inputs: null },
      /it does not say what it takes; name the columns in FEATURES, in the model's order, such as FEATURES=age,bmi\.$/,
    ],
    [{ inputs: [{ name: "x", datatype: "FP32", shape: [-1, -1] }] }, /its one input x has columns without names; name them in FEATURES/],
    [{ inputs: [{ name: "x", datatype: "FP32", shape: [-1, 3, 32, 32] }] }, /a matrix \[rows, features\] is needed\.$/],
    [
      {
        inputs: TWO_COLUMNS.inputs,
        outputs: [
          { name: "p", datatype: "FP32", shape: [-1] },
          { name: "q", datatype: "FP64", shape: [-1] },
        ],
      },
      /it has 2 outputs, and none is the only one of floating point: p \(FP32 \[-1\]\), q \(FP64 \[-1\]\); choose one, with OUTPUT=NAME\.$/,
    ],
    [{ inputs: "x" }, /its description of the model is not that of the Open Inference Protocol/],
  ])("%j", async (metadata, complaint) => {
    await expect(opened({ metadata })).rejects.toThrow(complaint);
  });

  test("if the server does not know it", async () => {
    const { url } = await startModelServer();
    await expect(open({ url: url.replace("sums", "products") })).rejects.toThrow(
      /^Model http:\S+\/v2\/models\/products: the server answers 404: Model \S+ not found\.$/,
    );
  });

  test("if it has moved", async () => {
    const server = createServer((_, response) => response.writeHead(307, { location: "/r/v2/models/m" }).end());
    onTestFinished(() => void server.close());
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    await expect(open({ url: `http://127.0.0.1:${port}/v2/models/m` })).rejects.toThrow(
      "the server answers 307: the model is at /r/v2/models/m: change MODEL_URL if rows may go there.",
    );
  });

  test("if the URL is not that of a model", async () => {
    await expect(open({ url: "http://host:8000/models/x" })).rejects.toThrow(
      /MODEL_URL must be a URL like http:\/\/host:8000\/v2\/models\/NAME/,
    );
  });
});

describe("a server that fails", () => {
  test("one time in four is tried again, and every row is answered", async () => {
    let calls = 0;
    const { scorer } = await opened({
      infer: (asked, response) => ((calls += 1) % 4 === 0 ? send(response, 500, { error: "out of luck" }) : answerSums(asked, response)),
    });
    const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => scorer.score(1, [Float64Array.of(i), Float64Array.of(1)])));
    expect(answers.map(({ yPred }) => yPred[0])).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(calls).toBeGreaterThanOrEqual(79);
  });

  test("on certain rows is given up after ten tries, with its words", async () => {
    const { server, scorer } = await opened({ infer: (_, response) => send(response, 500, { error: "division by zero in tree 7" }) });
    await expect(scorer.score(1, ROWS)).rejects.toMatchObject({
      message: "the server answers 500: division by zero in tree 7; tried 10 times",
      forGood: true,
      blame: "unknown",
    } satisfies Partial<ScoringError>);
    expect(server.calls).toHaveLength(10);
  });

  test("with 4xx is not tried again", async () => {
    const { server, scorer } = await opened({ infer: (_, response) => send(response, 422, { detail: `no such ${"x".repeat(500)}` }) });
    await expect(scorer.score(1, ROWS)).rejects.toMatchObject({
      message: `the server answers 422: no such ${"x".repeat(292)}…`,
      forGood: true,
      blame: "rows",
    });
    expect(server.calls).toHaveLength(1);
  });

  test("with 401 would refuse all rows alike", async () => {
    const { scorer } = await opened({ infer: (_, response) => void response.writeHead(401).end("<h1>Unauthorized</h1>") });
    await expect(scorer.score(1, ROWS)).rejects.toMatchObject({
      message: "the server answers 401: Unauthorized",
      forGood: true,
      blame: "model",
    });
  });

  test("to answer within the time limit is tried three times", async () => {
    const { server, scorer } = await opened({ infer: () => new Promise(() => undefined) }, { timeLimitMs: 50 });
    await expect(scorer.score(1, ROWS)).rejects.toMatchObject({
      message: "the server did not answer within 0.05 s; tried 3 times",
      forGood: true,
      blame: "unknown",
    });
    expect(server.calls).toHaveLength(3);
  });

  test("with too few numbers is not believed", async () => {
    const { scorer } = await opened({ infer: (_, response) => send(response, 200, { outputs: [{ name: "y", data: [1, 2] }] }) });
    await expect(scorer.score(3, ROWS)).rejects.toThrow("the server cannot be understood: it answered 3 rows with 2 numbers");
  });
});

describe("a server that is away", () => {
  test("is waited for, and the rows are scored when it is back", async () => {
    const { server, scorer } = await opened({});
    await server.close();
    const answers = scorer.score(3, ROWS);
    await vi.waitFor(() => expect(captured.lines.at(-1)).toMatch(/is away, rows wait for it: the server cannot be reached/));
    await startModelServer({}, Number(new URL(server.url).port));
    expect((await answers).yPred).toEqual(Float64Array.of(11, 22, 33.5));
    expect(captured.lines.at(-1)).toMatch(/The server of model sums is back\./);
  });

  test("for too long gives the rows back", async () => {
    const { server, scorer } = await opened({}, { patienceMs: 30 });
    await server.close();
    await expect(scorer.score(3, ROWS)).rejects.toMatchObject({ forGood: false, blame: "model" });
  });

  test("does not hold up the end of the service", async () => {
    const { server, scorer } = await opened({}, { patienceMs: 60_000 });
    await server.close();
    const answers = scorer.score(3, ROWS);
    await scorer.close();
    await expect(answers).rejects.toMatchObject({ message: "the service ends", forGood: false });
  });
});

describe("a server that leaves out what it may", () => {
  const NAMED = { features: ["a", "b"] };
  const MATRIX = [{ name: "x", datatype: "FP32", shape: [-1, 2] }];

  test.each<[object, string, string]>([
    [{ name: null, versions: null, platform: null, inputs: [], outputs: [] }, "input-0", "sums"],
    [{ versions: null, platform: "", inputs: null, outputs: null }, "input-0", "sums"],
    [{ versions: [], platform: "" }, "input-0", "sums"],
    [{ versions: null, inputs: MATRIX }, "x", "sums"],
    [{ versions: ["1", "2"], inputs: [{ name: "x", datatype: "FP64", shape: ["-1", "2"] }] }, "x", "sums@2"],
    [{ inputs: [{ name: "x", datatype: "FP64", shape: [-1, -1] }] }, "x", "sums"],
  ])("or has null in its place, as in %j, is asked with one matrix", async (metadata, input, label) => {
    const { server, scorer } = await opened({ metadata }, NAMED);
    expect(scorer).toMatchObject({ label, features: ["a", "b"], kinds: ["number", "number"] });
    expect((await scorer.score(2, ROWS)).yPred).toEqual(Float64Array.of(11, 22));
    expect(server.calls.map(({ inputs }) => inputs[0])).toMatchObject([{ name: input, shape: [2, 2], data: [1, 10, 2, 20] }]);
  });

  test("says which matrix is sent if the server does not say what it takes", async () => {
    await opened({ metadata: { versions: null, inputs: [], outputs: [] } }, NAMED);
    const note = "Model sums: it does not say what it takes: it gets one matrix, input-0 of FP32, with";
    expect(captured.lines.at(-1)).toContain(`${note} the columns of FEATURES: a, b.`);
    await opened({ metadata: { versions: null, inputs: [], outputs: [] } }, { dataset: ["c", "d"] });
    expect(captured.lines.at(-1)).toContain(`${note} the dataset's columns in their order: c, d.`);
  });

  test("also answers with nulls", async () => {
    const outputs = [{ name: "y", shape: null, datatype: null, parameters: null, data: [1, 2] }];
    const body = { model_name: null, model_version: null, id: null, parameters: null, outputs };
    const { scorer } = await opened({ infer: (_, response) => send(response, 200, body) });
    expect(await scorer.score(2, ROWS)).toEqual({ yPred: Float64Array.of(1, 2), model: "sums@3", unit: "" });
  });
});

describe("the datatypes of a server's inputs", () => {
  const inputs = ["BYTES", "BOOL", "INT64", "UINT8"].map((datatype) => ({ name: datatype.toLowerCase(), datatype, shape: [-1] }));
  const COLUMNS = [["01234", "9"], Float64Array.of(1, 0), Float64Array.of(-7, 7), Float64Array.of(255, 0)] as const;

  test("say what the rows must have, and how they are sent", async () => {
    const { server, scorer } = await opened({ metadata: { inputs } });
    expect(scorer.kinds).toEqual(["text", "bool", "int64", "uint8"]);
    expect((await scorer.score(2, COLUMNS)).yPred).toEqual(Float64Array.of(1483, 16));
    expect(server.calls[0]?.inputs.map(({ datatype, data }) => [datatype, data])).toEqual([
      ["BYTES", ["01234", "9"]],
      ["BOOL", [true, false]],
      ["INT64", [-7, 7]],
      ["UINT8", [255, 0]],
    ]);
  });

  test("fill up a batch of a fixed size, text as well", async () => {
    const fixed = inputs.map((input) => ({ ...input, shape: [3] }));
    const { server, scorer } = await opened({ metadata: { inputs: fixed } });
    expect((await scorer.score(2, COLUMNS)).yPred).toEqual(Float64Array.of(1483, 16));
    expect(server.calls[0]?.inputs[0]?.data).toEqual(["01234", "9", "9"]);
  });
});

describe("an answer that does not agree with itself is not believed", () => {
  const understood = "the server cannot be understood: ";

  test.each<[object, string]>([
    [{ shape: [2, 1], data: [[1, 2], [3]] }, "its output y: data[0] has 2 values, and the shape takes 1 there"],
    [{ shape: [2], data: [1, 2, 3] }, "its output y: data has 3 values, and the shape [2] takes 2"],
    [
      { shape: [2], data: [[1], [2]] },
      "its output y: data[0] is a list, and by the shape it is one value; nest the data as the shape says, or not at all",
    ],
  ])("%j", async (output, complaint) => {
    const { scorer } = await opened({ infer: (_, response) => send(response, 200, { outputs: [{ name: "y", ...output }] }) });
    await expect(scorer.score(2, ROWS)).rejects.toThrow(understood + complaint);
  });

  test("nor text in place of a number", async () => {
    const { scorer } = await opened({ infer: (_, response) => send(response, 200, { outputs: [{ name: "y", data: [1, "2"] }] }) });
    await expect(scorer.score(2, ROWS)).rejects.toThrow(`${understood}its output y has "2" for row 1, and not a number`);
  });

  test("also if the numbers of a row do not stand together", async () => {
    const outputs = [{ name: "y", datatype: "FP32", shape: [-1, 3] }];
    const answer = { outputs: [{ name: "y", shape: [3, 2], data: [1, 2, 3, 4, 5, 6] }] };
    const { scorer } = await opened(
      { metadata: { ...TWO_COLUMNS, outputs }, infer: (_, response) => send(response, 200, answer) },
      { output: "y[1]" },
    );
    await expect(scorer.score(2, ROWS)).rejects.toThrow(`${understood}its output y has the shape [3, 2] for 2 rows`);
  });

  test("nor is an error that is sent as an answer", async () => {
    const { scorer } = await opened({ infer: (_, response) => send(response, 200, { error: "bad things" }) });
    await expect(scorer.score(2, ROWS)).rejects.toThrow(/its answer is not that of the Open Inference Protocol \(.*\): bad things$/);
  });
});

test("the label of a model follows the version that answers", async () => {
  const { scorer } = await opened({
    infer: (_, response) => send(response, 200, { model_name: "sums", model_version: "4", outputs: [{ name: "y", data: [1] }] }),
  });
  await scorer.score(1, ROWS);
  expect(scorer.label).toBe("sums@4");
});
