import {
  CHAMPION,
  DEAD_HEADER,
  DEAD_QUEUE,
  FEATURES,
  featuresContract,
  Ids,
  MemoryBroker,
  MemoryBus,
  MessageTooLargeError,
  METRICS_EXCHANGE,
  predictionContract,
  queuesOf,
  readReferenceNotice,
  referenceHash,
  referenceOf,
  referenceRequest,
  topologyOf,
  WINDOW_REQUESTS_EXCHANGE,
  writeHalfWidths,
  type Column,
  type Delivery,
  type Message,
} from "@streamgauge/core";
import { captureLog, Inbox } from "@streamgauge/testing";
import { Registry } from "prom-client";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { ActiveScorer } from "../swap/active-scorer.js";
import { fileScorer, ScoringError, type Scorer } from "../session/scorer.js";
import { startScoring, type Scoring, type ScoringOptions } from "./scoring.js";
import type { OnnxModel } from "../session/index.js";

const { features: ROWS, predictions: PREDICTIONS } = queuesOf(CHAMPION);
const ORIGIN = 1_760_000_000_123;
/** For what comes soon, on a machine that is busy. */
const SOON = { timeout: 10_000 };

/** A model that adds its features `a` and `b`. */
function adder(predict?: OnnxModel["predict"]): OnnxModel {
  const add: OnnxModel["predict"] = async (rows, [a, b]) => Float64Array.from({ length: rows }, (_, i) => Number(a?.[i]) + Number(b?.[i]));
  return {
    name: "adder",
    version: "1",
    features: ["a", "b"],
    kinds: ["number", "number"],
    allowsMissing: false,
    notes: [],
    sample: [1, 1],
    targetUnit: "kWh",
    predict: predict ?? add,
    close: async () => undefined,
  };
}

type StageOptions = Partial<ScoringOptions> & { readonly model?: OnnxModel };

/** A broker on which a model scores, and what comes of it. */
class Stage {
  readonly broker: MemoryBroker;
  readonly log = captureLog();
  readonly registry = new Registry();
  readonly bus: MemoryBus;
  readonly #other: MemoryBus;

  constructor(predictionLimit = 20_000) {
    const { exchanges, queues } = topologyOf([CHAMPION]);
    const limit = { messages: predictionLimit, bytes: 16 << 20 };
    this.broker = new MemoryBroker({
      exchanges,
      queues: queues.map((queue) => (queue.name === PREDICTIONS ? { ...queue, limit } : queue)),
    });
    this.bus = new MemoryBus(this.broker, "model", this.log.log);
    this.#other = new MemoryBus(this.broker, "test", this.log.log);
  }

  start({ model = adder(), ...options }: StageOptions = {}): Promise<Scoring> {
    const { bus, registry } = this;
    return startScoring({
      bus,
      log: this.log.log,
      registry,
      active: new ActiveScorer(fileScorer(model)),
      lane: CHAMPION,
      batchRows: 1_000,
      batchDelayMs: 0,
      ...options,
    });
  }

  send(message: Message): Promise<void> {
    return this.#other.publish(FEATURES, message);
  }

  async read(queue: string): Promise<Inbox> {
    const inbox = new Inbox();
    await this.#other.consume(queue, inbox.handler, { prefetch: 10_000 });
    return inbox;
  }

  depth(queue: string): number {
    return this.broker.queue(queue).depth;
  }
}

/** Twice the value; no number for a negative one. */
function doubled(value: number): number {
  return value < 0 ? Number.NaN : 2 * value;
}

function rows(ids: readonly string[], columns: Readonly<Record<string, Column>>, format: "json" | "arrow" = "json"): Message {
  return featuresContract.write({ ids: Ids.of(ids), columns: new Map(Object.entries(columns)) }, format, ORIGIN);
}

function row(id: string, a: number, b: number): Message {
  return rows([id], { a: Float64Array.of(a), b: Float64Array.of(b) });
}

function json(body: string): Message {
  return { body: Buffer.from(body), contentType: "application/json", type: "features", headers: { origin: ORIGIN } };
}

function predictionsIn(deliveries: readonly Delivery[]): (readonly [string, number | undefined])[] {
  return deliveries.flatMap((delivery) => {
    const { ids, y_pred } = predictionContract.read(delivery).frame;
    return ids.toArray().map((id, i) => [id, y_pred[i]] as const);
  });
}

/** Resolves with all predictions when there are so many. */
async function predictions(inbox: Inbox, count: number) {
  await vi.waitFor(() => expect(predictionsIn(inbox.deliveries).length).toBeGreaterThanOrEqual(count), SOON);
  return predictionsIn(inbox.deliveries);
}

describe("a model with a reference", () => {
  /** Of rows whose `a` is 1 or 2 and whose sum is 2 to 4; `b` is always 1. */
  const reference = referenceOf(
    4,
    new Map([
      ["a", Float64Array.of(1, 2, 2, 1)],
      ["b", Float64Array.of(1, 1, 1, 1)],
    ]),
    Float64Array.of(2, 3, 4, 2),
  );
  const model = { ...adder(), reference };

  test.each(["json", "arrow"] as const)("says the bins of each row and of its prediction, in %s", async (format) => {
    const stage = new Stage();
    const inbox = await stage.read(PREDICTIONS);
    const scoring = await stage.start({ model });
    await stage.send(rows(["x", "y", "z"], { a: Float64Array.of(0, 1, 9), b: Float64Array.of(1, 1, 1) }, format));
    await stage.send(rows(["one"], { a: Float64Array.of(2), b: Float64Array.of(1) }, format));
    await predictions(inbox, 4);
    const frames = inbox.deliveries.map((delivery) => predictionContract.read(delivery).frame);
    const coded = frames.flatMap(({ ids, codes }) =>
      ids.toArray().map((id, row) => [id, codes?.layout.text, [...(codes?.bytes.subarray(3 * row, 3 * row + 3) ?? [])]]),
    );
    // a: 4 of the 3 + 2 bins, b: 1 of its 3 + 1, then the sum.
    const layout = `${referenceHash(reference)} n5 n4 y6`;
    expect(new Map(coded.map(([id, ...rest]) => [id, rest]))).toEqual(
      new Map([
        ["x", [layout, [1, 2, 1]]],
        ["y", [layout, [2, 2, 2]]],
        ["z", [layout, [4, 2, 5]]],
        ["one", [layout, [3, 2, 3]]],
      ]),
    );
    await scoring.close();
  });

  test("announces it when it starts and when it is asked", async () => {
    const stage = new Stage();
    const other = new MemoryBus(stage.broker, "metrics", stage.log.log);
    const heard: string[] = [];
    await other.subscribe(METRICS_EXCHANGE, "test", (delivery) => {
      const notice = readReferenceNotice(delivery);
      if (notice !== undefined)
        heard.push(`${notice.lane} ${notice.reference.hash} ${notice.reference.columns.map(({ name }) => name).join(" ")}`);
    });
    const scoring = await stage.start({ model });
    const said = `champion ${referenceHash(reference)} a b y_pred`;
    await vi.waitFor(() => expect(heard).toEqual([said]), SOON);
    other.broadcast(WINDOW_REQUESTS_EXCHANGE, referenceRequest());
    await vi.waitFor(() => expect(heard).toEqual([said, said]), SOON);
    await scoring.close();
  });
});

describe("rows are scored", () => {
  test("in frames of any kind, each answered as it was asked, with model, unit and origin", async () => {
    const stage = new Stage();
    const inbox = await stage.read(PREDICTIONS);
    const scoring = await stage.start();
    await stage.send(row("one", 1, 2));
    await stage.send(rows(["x", "y"], { b: Float64Array.of(10, 20), a: Float64Array.of(1, 2) }));
    await stage.send(rows(["p", "q"], { a: Float64Array.of(5, 6), b: Float64Array.of(7, 8) }, "arrow"));
    const all = await predictions(inbox, 5);
    expect(new Map(all)).toEqual(
      new Map([
        ["one", 3],
        ["x", 11],
        ["y", 22],
        ["p", 12],
        ["q", 14],
      ]),
    );
    for (const delivery of inbox.deliveries) {
      expect(predictionContract.read(delivery).frame).toMatchObject({ model: "adder@1", unit: "kWh" });
      expect(delivery.headers["origin"]).toBe(ORIGIN);
      const arrow = predictionsIn([delivery]).some(([id]) => id === "p");
      expect(delivery.contentType).toBe(arrow ? "application/vnd.apache.arrow.stream" : "application/json");
    }
    await vi.waitFor(() => expect(scoring.counts).toEqual({ predicted: 5, refused: 0 }), SOON);
    await scoring.close();
    expect([stage.depth(ROWS), stage.depth(DEAD_QUEUE)]).toEqual([0, 0]);
  });

  test("thousands of messages of one row in few calls, each with its own answer", async () => {
    const stage = new Stage();
    const inbox = await stage.read(PREDICTIONS);
    const calls: number[] = [];
    const model = adder();
    const predict: OnnxModel["predict"] = (count, columns) => {
      calls.push(count);
      return model.predict(count, columns);
    };
    await Promise.all(Array.from({ length: 5_000 }, (_, i) => stage.send(row(`r${i}`, i, 0.5))));
    await stage.start({ model: { ...model, predict } });
    const all = await predictions(inbox, 5_000);
    expect(new Map(all)).toEqual(new Map(Array.from({ length: 5_000 }, (_, i) => [`r${i}`, i + 0.5])));
    expect(calls.length).toBeLessThan(100);
    expect(Math.max(...calls)).toBeLessThanOrEqual(1_000);
    expect(await stage.registry.metrics()).toContain("streamgauge_model_frames_total 5000\n");
  });
});

describe("the interval that metrics announces", () => {
  const widthsIn = (deliveries: readonly Delivery[]) =>
    deliveries.map((delivery) => Array.from(predictionContract.read(delivery).frame.halfWidths ?? []));

  test("is attached to the predictions of its version and lane, and asked for at the start", async () => {
    const stage = new Stage();
    const metrics = new MemoryBus(stage.broker, "metrics", stage.log.log);
    const asked: (string | undefined)[] = [];
    await metrics.subscribe(WINDOW_REQUESTS_EXCHANGE, "metrics", ({ type }) => asked.push(type));
    const inbox = await stage.read(PREDICTIONS);
    const scoring = await stage.start();
    await vi.waitFor(() => expect(asked).toEqual(["half_width_request"]), SOON);
    await stage.send(row("before", 1, 2));
    await predictions(inbox, 1);
    const announce = (lane: string, widths: Readonly<Record<string, number>>) =>
      metrics.broadcast(
        METRICS_EXCHANGE,
        writeHalfWidths({
          lane,
          coverage: 0.9,
          half_widths: Object.entries(widths).map(([model, width]) => ({ model, half_width: width })),
        }),
      );
    announce(CHAMPION, { "other@1": 5, "adder@1": 57.3 });
    // Neither of another lane, nor what is no notice of widths.
    announce("challenger", { "adder@1": 99 });
    metrics.broadcast(METRICS_EXCHANGE, { body: Buffer.from("{}"), contentType: "application/json", type: "half_widths", headers: {} });
    await stage.send(rows(["p", "q"], { a: Float64Array.of(5, 6), b: Float64Array.of(7, 8) }, "arrow"));
    await predictions(inbox, 3);
    await stage.send(rows(["x", "y"], { b: Float64Array.of(10, 20), a: Float64Array.of(1, 2) }));
    await predictions(inbox, 5);
    announce(CHAMPION, { "other@1": 5 });
    await stage.send(row("after", 1, 2));
    await predictions(inbox, 6);
    expect(widthsIn(inbox.deliveries)).toEqual([[], [57.3, 57.3], [57.3, 57.3], []]);
    await scoring.close();
  });
});

describe("event times come back with the predictions of their rows", () => {
  /** Row n happened at n s, every third has no time. */
  const timeOf = (n: number): number | null => (n % 3 === 0 ? null : n * 1_000);

  /** The time of each prediction by its id. */
  function timesIn(deliveries: readonly Delivery[]): (readonly [string, number | null])[] {
    return deliveries.flatMap((delivery) => {
      const { ids, eventTimes } = predictionContract.read(delivery).frame;
      return ids.toArray().map((id, i) => {
        const time = eventTimes?.[i];
        return [id, time === undefined || Number.isNaN(time) ? null : time] as const;
      });
    });
  }

  const picky: OnnxModel["predict"] = async (count, [a]) => Float64Array.from({ length: count }, (_, i) => doubled(Number(a?.[i])));

  test("through gathered frames, large ones, refused rows and rows without an answer, in both formats", async () => {
    // Good, missing and negative values: the model refuses the second, and has no number for the third.
    const value = fc.constantFrom<number | null>(1, 2, 3, null, -1);
    const frames = fc.array(
      fc.record({
        values: fc.oneof(fc.array(value, { minLength: 1, maxLength: 3 }), fc.array(value, { minLength: 60, maxLength: 80 })),
        hasTimes: fc.boolean(),
        format: fc.constantFrom("json" as const, "arrow" as const),
      }),
      { minLength: 1, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(frames, fc.constantFrom(1, 5, 1_000), async (sent, batchRows) => {
        const stage = new Stage();
        const wanted = new Map<string, number | null>();
        let n = 0;
        for (const { values, hasTimes, format } of sent) {
          const numbers = values.map(() => n++);
          const times = Float64Array.from(numbers, (at) => (hasTimes ? (timeOf(at) ?? Number.NaN) : Number.NaN));
          const columns = new Map([
            ["a", values],
            ["b", values.map(() => 1)],
          ]);
          await stage.send(
            featuresContract.write({ ids: Ids.of(numbers.map((at) => `r${at}`)), columns, eventTimes: times }, format, ORIGIN),
          );
          for (const [row, at] of numbers.entries()) if ((values[row] ?? -1) > 0) wanted.set(`r${at}`, hasTimes ? timeOf(at) : null);
        }
        const inbox = await stage.read(PREDICTIONS);
        const scoring = await stage.start({ model: adder(picky), batchRows });
        await vi.waitFor(() => expect(scoring.counts.predicted + scoring.counts.refused).toBe(n), SOON);
        await vi.waitFor(() => expect(timesIn(inbox.deliveries)).toHaveLength(wanted.size), SOON);
        expect(new Map(timesIn(inbox.deliveries))).toEqual(wanted);
        await scoring.close();
      }),
      { numRuns: 40 },
    );
  });

  test("past rows that cannot be read", async () => {
    const stage = new Stage();
    const inbox = await stage.read(PREDICTIONS);
    await stage.start();
    await stage.send(json('{"ids":["p","","q","r"],"columns":{"a":[1,2,3,4],"b":[1,2,3,4]},"event_time":[100,200,300.5,400]}'));
    await predictions(inbox, 2);
    expect(timesIn(inbox.deliveries)).toEqual([
      ["p", 100],
      ["r", 400],
    ]);
  });

  test("and the model may take them as a feature of that name", async () => {
    const stage = new Stage();
    const inbox = await stage.read(PREDICTIONS);
    await stage.start({ model: { ...adder(), features: ["a", "event_time"] } });
    for (const format of ["json", "arrow"] as const) {
      const ids = Ids.of([`p-${format}`, `q-${format}`]);
      const frame = { ids, columns: new Map([["a", Float64Array.of(1, 2)]]), eventTimes: Float64Array.of(100, 200) };
      await stage.send(featuresContract.write(frame, format, ORIGIN));
    }
    expect(new Map(await predictions(inbox, 4))).toEqual(
      new Map([
        ["p-json", 101],
        ["q-json", 202],
        ["p-arrow", 101],
        ["q-arrow", 202],
      ]),
    );
  });
});

describe("a message that is not good as a whole", () => {
  /** Sends it before and behind good ones; resolves with its dead letter, once these are answered. */
  async function refused(message: Message, options: StageOptions = {}, answers = 0) {
    const stage = new Stage();
    const [inbox, dead] = [await stage.read(PREDICTIONS), await stage.read(DEAD_QUEUE)];
    const scoring = await stage.start(options);
    await stage.send(row("before", 1, 1));
    await stage.send(message);
    await stage.send(row("behind", 2, 2));
    const all = new Map(await predictions(inbox, answers + 2));
    expect([all.get("before"), all.get("behind")]).toEqual([2, 4]);
    const letter = await dead.one();
    await scoring.close();
    expect(stage.depth(ROWS)).toBe(0);
    expect(dead.deliveries).toHaveLength(1);
    expect(letter.body).toEqual(message.body);
    expect(letter.headers).toMatchObject({ [DEAD_HEADER.stage]: "model", [DEAD_HEADER.queue]: ROWS });
    all.delete("before");
    all.delete("behind");
    return { reason: letter.headers[DEAD_HEADER.reason], answers: all, counts: scoring.counts };
  }

  test("is scored as far as its rows are good, and kept with all reasons, by their places in the message", async () => {
    const message = json('{"ids":["p","q","",7,"r","s"],"columns":{"a":[1,null,3,4,"u",6],"b":[10,20,30,40,50,60]}}');
    const { reason, answers, counts } = await refused(message, {}, 2);
    expect(answers).toEqual(
      new Map([
        ["p", 11],
        ["s", 66],
      ]),
    );
    expect(reason).toBe(
      'row 2, field id: an id is a string of 1 to 128 characters, got ""; row 3, field id: an id is a string of 1 to 128 characters, got 7; ' +
        'row 1 (id "q"), field a: the value is missing; with ALLOW_MISSING=1 it reaches the model as NaN; row 4 (id "r"), field a: not a number, got "u"',
    );
    expect(counts).toEqual({ predicted: 4, refused: 4 });
  });

  test("is scored as far as the model has a number for its rows", async () => {
    const message = rows(["p", "q", "r", "s"], { a: [null, -1, 3, 4], b: Float64Array.of(1, 2, 3, 4) });
    const picky = adder(async (count, [a]) => Float64Array.from({ length: count }, (_, i) => doubled(Number(a?.[i]))));
    const { reason, answers, counts } = await refused(message, { model: picky }, 2);
    expect([...answers.keys()]).toEqual(["r", "s"]);
    expect(reason).toBe(
      'row 0 (id "p"), field a: the value is missing; with ALLOW_MISSING=1 it reaches the model as NaN; row 1 (id "q"), field y_pred: the model answers NaN for this row',
    );
    expect(counts).toEqual({ predicted: 4, refused: 2 });
  });

  test.each([
    ["no JSON", json("{"), /^the body is not JSON: /, 1],
    ["nothing", json(""), /^the body is empty$/, 1],
    [
      "no feature",
      json('{"id":"p","features":{}}'),
      /^row 0 \(id "p"\), field a: the model needs this feature; row 0 \(id "p"\), field b: /,
      1,
    ],
    [
      "no feature and no ids in some rows",
      json('{"ids":["p",1,2],"columns":{"a":[1,2,3]}}'),
      /^row 1, field id: .* got 1; row 2, field id: .* got 2; row 0 \(id "p"\), field b: the model needs this feature$/,
      3,
    ],
    [
      "text in Arrow",
      rows(["p", "q"], { a: ["u", "v"], b: Float64Array.of(1, 2) }, "arrow"),
      /^row 0 \(id "p"\), field a: not a number, got "u"; row 1 /,
      2,
    ],
    ["broken Arrow", { ...rows(["p"], { a: [1], b: [2] }, "arrow"), body: Buffer.from("no arrow") }, /Arrow/, 1],
    ["another content type", { ...row("p", 1, 2), contentType: "text/csv" }, /^the property content_type is "text\/csv"/, 1],
  ])("is refused if it has %s", async (_, message, reason, rowsRefused) => {
    const result = await refused(message);
    expect(result.reason).toMatch(reason);
    expect(result.counts).toEqual({ predicted: 2, refused: rowsRefused });
  });
});

describe("predictions above the broker's limit", () => {
  test("refuse the frame whose they are, at once; the frames that were answered with it are answered", async () => {
    const stage = new Stage();
    const publish = stage.bus.publish.bind(stage.bus);
    // As RabbitMQ with another max_message_size than that of both buses.
    vi.spyOn(stage.bus, "publish").mockImplementation(async (to, message) => {
      if (to.exchange === "predictions" && message.body.includes("large")) throw new MessageTooLargeError(message.body.length, 100);
      return publish(to, message);
    });
    const [answers, letters] = [await stage.read(PREDICTIONS), await stage.read(DEAD_QUEUE)];
    // One call for all of them.
    for (const id of ["one", "large", "two"]) await stage.send(row(id, 1, 2));
    const scoring = await stage.start({ batchDelayMs: 1_000, batchRows: 3 });
    expect(predictionsIn(await answers.first(2))).toEqual([
      ["one", 3],
      ["two", 3],
    ]);
    const letter = await letters.one();
    expect(letter.headers[DEAD_HEADER.reason]).toMatch(
      /^its predictions could not be sent: A message of \d+ bytes is above the limit of 100: send fewer rows a frame/,
    );
    expect(JSON.parse(letter.body.toString())).toEqual({ id: "large", features: { a: 1, b: 2 } });
    expect(scoring.counts).toEqual({ predicted: 2, refused: 1 });
    await scoring.close();
  });
});

test("columns that the model does not take are passed over, and said once", async () => {
  const stage = new Stage();
  const inbox = await stage.read(PREDICTIONS);
  await stage.start();
  const column = Float64Array.of(1, 2);
  await stage.send(rows(["p", "q"], { a: column, note: ["x", "y"], b: column, y: column }));
  await stage.send(rows(["r", "s"], { a: column, b: column, note: ["x", "y"], y: column }));
  await inbox.first(2);
  expect(stage.log.lines.filter((line) => line.includes("passed over"))).toEqual([
    expect.stringContaining("Columns that model adder@1 does not take are passed over: note, y. It takes a, b."),
  ]);
});

describe("a message is acknowledged", () => {
  test("only when its predictions are confirmed", async () => {
    // One message of predictions, and the queue is full.
    const stage = new Stage(1);
    const scoring = await stage.start({ batchRows: 1 });
    await stage.send(row("one", 1, 1));
    await vi.waitFor(() => expect(scoring.counts.predicted).toBe(1), SOON);
    await stage.send(row("two", 2, 2));
    await stage.send(json("{"));
    // The message behind it is refused already; it waits.
    await vi.waitFor(() => expect(stage.depth(DEAD_QUEUE)).toBe(1), SOON);
    expect(scoring.counts).toEqual({ predicted: 1, refused: 1 });
    expect(scoring.inFlight).toBe(1);
    await stage.bus.close();
    const left = await stage.read(ROWS);
    expect(left.texts).toEqual([]);
    const [again] = await left.first(1);
    expect(JSON.parse(again?.body.toString() ?? "")).toEqual({ id: "two", features: { a: 2, b: 2 } });
    expect(again?.redeliveries).toBe(1);
    expect(predictionsIn((await stage.read(PREDICTIONS)).deliveries)).toEqual([]);
  });

  test("after all that is in flight is answered, if the service is closed", async () => {
    const stage = new Stage();
    const inbox = await stage.read(PREDICTIONS);
    let finish: () => void = () => undefined;
    const go = new Promise<void>((resolve) => (finish = resolve));
    let begun: () => void = () => undefined;
    const called = new Promise<void>((resolve) => (begun = resolve));
    const model = adder();
    const slow: OnnxModel["predict"] = async (count, columns) => {
      begun();
      await go;
      return model.predict(count, columns);
    };
    const scoring = await stage.start({ model: { ...model, predict: slow } });
    await stage.send(row("one", 1, 1));
    await called;
    const closing = scoring.close();
    finish();
    await closing;
    expect(predictionsIn(inbox.deliveries.length > 0 ? inbox.deliveries : await inbox.first(1))).toEqual([["one", 2]]);
    expect(stage.depth(ROWS)).toBe(0);
  });
});

describe("if the model fails", () => {
  test("a message comes again, and is scored when it does not fail any more", async () => {
    const stage = new Stage();
    const inbox = await stage.read(PREDICTIONS);
    const model = adder();
    let failures = 2;
    const predict: OnnxModel["predict"] = async (count, columns) => {
      if (failures-- > 0) throw new Error("not now");
      return model.predict(count, columns);
    };
    const scoring = await stage.start({ model: { ...model, predict } });
    await stage.send(row("one", 1, 1));
    expect(await predictions(inbox, 1)).toEqual([["one", 2]]);
    await scoring.close();
    expect(stage.log.lines.some((line) => line.includes("goes back to its queue: the model failed on it: not now"))).toBe(true);
    expect([scoring.counts.refused, stage.depth(DEAD_QUEUE)]).toEqual([0, 0]);
    expect(stage.log.lines.some((line) => line.includes("refused"))).toBe(false);
  });

  test("because it is away, a message waits for it however long that is", { timeout: 60_000 }, async () => {
    const stage = new Stage();
    const inbox = await stage.read(PREDICTIONS);
    const scorer = fileScorer(adder());
    let failures = 12;
    const score: Scorer["score"] = async (count, columns) => {
      if (failures-- > 0) throw new ScoringError("the server cannot be reached", { forGood: false, blame: "model" });
      return scorer.score(count, columns);
    };
    const scoring = await stage.start({ active: new ActiveScorer({ ...scorer, score }) });
    await stage.send(row("one", 1, 1));
    expect(await predictions(inbox, 1)).toEqual([["one", 2]]);
    expect([scoring.counts.refused, stage.depth(DEAD_QUEUE)]).toEqual([0, 0]);
  });

  test("on one message, others are scored, and that one is a dead letter after ten tries", { timeout: 60_000 }, async () => {
    const stage = new Stage();
    const [inbox, dead] = [await stage.read(PREDICTIONS), await stage.read(DEAD_QUEUE)];
    const model = adder();
    let tries = 0;
    const predict: OnnxModel["predict"] = async (count, columns) => {
      if (columns[0]?.[0] !== 666) return model.predict(count, columns);
      if (count === 2) tries += 1;
      throw new Error("index 666 is out of bounds");
    };
    const scoring = await stage.start({ model: { ...model, predict } });
    await stage.send(row("before", 1, 1));
    await stage.send(rows(["p", "q"], { a: Float64Array.of(666, 1), b: Float64Array.of(1, 1) }));
    await stage.send(row("behind", 2, 2));
    expect(new Map(await predictions(inbox, 2))).toEqual(
      new Map([
        ["before", 2],
        ["behind", 4],
      ]),
    );
    const letter = await dead.one();
    expect(letter.headers[DEAD_HEADER.reason]).toBe("the model failed on it: index 666 is out of bounds; tried 10 times");
    expect(tries).toBe(10);
    expect(scoring.counts).toEqual({ predicted: 2, refused: 2 });
    expect(stage.log.lines.at(-1)).toContain("2 rows refused, to the dead letters: the model failed on it: index 666 is out of bounds;");
  });
});
