import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HeaderValue, Message } from "../bus/bus.js";
import { asDelivered } from "@streamgauge/testing";
import { originOf, type Contract } from "./contract.js";
import { featuresContract } from "./features-contract.js";
import { ARROW_TYPE } from "./codecs/arrow-codec.js";
import { formatOf, FRAME_FORMATS, type FrameFormat } from "./codecs/codecs.js";
import { FRAME_HEADER, type Cell, type Column } from "./frame.js";
import { CodeLayout } from "../drift/code-layout.js";
import { JSON_TYPE } from "../media-type.js";
import { Ids } from "./ids.js";
import { labelContract } from "./label-contract.js";
import { predictionContract } from "./prediction-contract.js";

const LAYOUT = new CodeLayout("0cba33ef67f1", [
  { of: "number", bins: 23 },
  { of: "text", bins: 53 },
  { of: "y_pred", bins: 23 },
]);
const EXTREMES = [
  0,
  -0,
  5e-324,
  -5e-324,
  2.2250738585072014e-308,
  1.7976931348623157e308,
  -1.7976931348623157e308,
  0.1,
  1 / 3,
  2 ** 53,
  -1e21,
];
const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(...EXTREMES));
/** Whole characters only, of every plane. */
const id = fc.oneof(
  fc.string({ minLength: 1, maxLength: 20 }),
  fc.string({ unit: "binary", minLength: 1, maxLength: 128 }),
  fc.constantFrom(
    ":",
    " : ",
    '"',
    "\\",
    "a,b",
    'say "no"',
    "two\nlines",
    "=1+1",
    "+1",
    "-1",
    "@x",
    "\u0000",
    "\ufffd",
    "😀".repeat(128),
    "x".repeat(128),
  ),
);
const name = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.constantFrom("__proto__", "constructor", "1", "0", "id", "ids", "event_time", "größe", ":"),
);
const format = fc.constantFrom(...FRAME_FORMATS);
const offset = fc.integer({ min: 0, max: 16 });
/** Whole ms since 1970, as far as a Date goes, and none. */
const time = fc.option(
  fc.oneof(fc.integer({ min: -8.64e15, max: 8.64e15 }), fc.constantFrom(-8.64e15, -1, 0, 1, 2 ** 32, -(2 ** 32), 8.64e15)),
);
const timed = fc.array(fc.tuple(id, time), { minLength: 1, maxLength: 40 });
const scalars = fc.array(fc.tuple(id, number), { minLength: 1, maxLength: 40 });

function idsOf(rows: readonly (readonly [string, ...unknown[]])[]): Ids {
  return Ids.of(rows.map(([rowId]) => rowId));
}

/** Event times as a frame has them. */
function timesOf(rows: readonly (readonly [string, number | null])[]): Float64Array {
  return Float64Array.from(rows, ([, each]) => each ?? Number.NaN);
}

/** What was written, read again as it arrives. */
function roundTrip<F>(contract: Contract<F>, frame: F, as: FrameFormat, at: number): F {
  const { frame: read, refusals } = contract.read(asDelivered(contract.write(frame, as, 5), at));
  expect(refusals).toEqual([]);
  return read;
}

/** Doubles bit by bit: -0 is not 0. */
function bits(values: Float64Array): string[] {
  return Array.from(values, (value) => (Object.is(value, -0) ? "-0" : String(value)));
}

describe("What is written is read again, in every format, wherever the body begins", () => {
  test("labels", () => {
    fc.assert(
      fc.property(scalars, format, offset, (rows, as, at) => {
        const frame = { ids: idsOf(rows), y_true: Float64Array.from(rows, ([, value]) => value) };
        const read = roundTrip(labelContract, frame, as, at);
        expect(read.ids.toArray()).toEqual(rows.map(([rowId]) => rowId));
        expect(bits(read.y_true)).toEqual(bits(frame.y_true));
      }),
    );
  });

  test("the event times of predictions", () => {
    fc.assert(
      fc.property(timed, format, offset, (rows, as, at) => {
        const frame = { ids: idsOf(rows), y_pred: new Float64Array(rows.length), model: "", unit: "", eventTimes: timesOf(rows) };
        const read = roundTrip(predictionContract, frame, as, at);
        expect(read.ids.toArray()).toEqual(rows.map(([rowId]) => rowId));
        expect(read.eventTimes).toEqual(rows.every(([, time]) => time === null) ? undefined : timesOf(rows));
      }),
    );
  });

  test("the half widths of predictions", () => {
    const width = fc.option(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(id, width, time), { minLength: 1, maxLength: 40 }),
        fc.boolean(),
        format,
        offset,
        (rows, isTimed, as, at) => {
          const halfWidths = Float64Array.from(rows, ([, each]) => each ?? Number.NaN);
          const times = Float64Array.from(rows, ([, , each]) => each ?? Number.NaN);
          const frame = { ids: idsOf(rows), y_pred: new Float64Array(rows.length), model: "m@1", unit: "", halfWidths };
          const read = roundTrip(predictionContract, isTimed ? { ...frame, eventTimes: times } : frame, as, at);
          expect(read.halfWidths).toEqual(rows.every(([, each]) => each === null) ? undefined : halfWidths);
          expect(read.eventTimes).toEqual(!isTimed || rows.every(([, , each]) => each === null) ? undefined : times);
        },
      ),
    );
  });

  test("the codes of predictions, and the texts that are unseen", () => {
    const codes = fc.array(fc.tuple(id, fc.tuple(fc.nat(22), fc.nat(52), fc.nat(22)), fc.option(fc.string({ maxLength: 70 })), time), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(codes, fc.boolean(), format, offset, (rows, isTimed, as, at) => {
        const bytes = Uint8Array.from(rows.flatMap(([, each]) => each));
        const texts = rows.map(([, , text]) => (text === null ? null : JSON.stringify([text])));
        const unseen = texts.every((text) => text === null) ? undefined : texts;
        const frame = {
          ids: idsOf(rows),
          y_pred: new Float64Array(rows.length),
          model: "m@1",
          unit: "",
          codes: { layout: LAYOUT, bytes, unseen },
        };
        const times = Float64Array.from(rows, ([, , , each]) => each ?? Number.NaN);
        // The second is read and written as the first was.
        for (let i = 0; i < 2; i += 1) {
          const read = roundTrip(predictionContract, isTimed ? { ...frame, eventTimes: times } : frame, as, at).codes;
          expect([read?.layout.text, [...(read?.bytes ?? [])], read?.unseen]).toEqual([LAYOUT.text, [...bytes], unseen]);
        }
      }),
    );
  });

  test("the event times of features, beside a feature of the same name", () => {
    fc.assert(
      fc.property(timed, fc.option(number), format, offset, (rows, feature, as, at) => {
        const columns = new Map(feature === null ? [] : [["event_time", Float64Array.from(rows, () => feature)]]);
        const frame = { ids: idsOf(rows), columns, eventTimes: timesOf(rows) };
        const read = roundTrip(featuresContract, frame, as, at);
        expect(read.ids.toArray()).toEqual(rows.map(([rowId]) => rowId));
        expect(read.columns).toEqual(columns);
        expect(read.eventTimes).toEqual(rows.every(([, time]) => time === null) ? undefined : timesOf(rows));
      }),
    );
  });

  test("predictions, with their model and its unit", () => {
    fc.assert(
      fc.property(scalars, fc.string({ maxLength: 40 }), fc.string({ maxLength: 10 }), format, offset, (rows, model, unit, as, at) => {
        const frame = { ids: idsOf(rows), y_pred: Float64Array.from(rows, ([, value]) => value), model, unit };
        const read = roundTrip(predictionContract, frame, as, at);
        expect(read.ids.toArray()).toEqual(rows.map(([rowId]) => rowId));
        expect(bits(read.y_pred)).toEqual(bits(frame.y_pred));
        expect([read.model, read.unit]).toEqual([model, unit]);
      }),
    );
  });

  test("features, with their columns", () => {
    const rows = fc
      .tuple(fc.uniqueArray(name, { maxLength: 5 }), fc.array(id, { minLength: 1, maxLength: 20 }))
      .chain(([names, ids]) =>
        fc.tuple(
          fc.constant(ids),
          fc.tuple(...names.map((each) => fc.tuple(fc.constant(each), fc.array(number, { minLength: ids.length, maxLength: ids.length })))),
        ),
      );
    fc.assert(
      fc.property(rows, format, offset, ([ids, columns], as, at) => {
        const frame = { ids: Ids.of(ids), columns: new Map(columns.map(([each, values]) => [each, Float64Array.from(values)])) };
        const read = roundTrip(featuresContract, frame, as, at);
        expect(read.ids.toArray()).toEqual(ids);
        expect(new Set(read.columns.keys())).toEqual(new Set(frame.columns.keys()));
        for (const [each, values] of columns) {
          const column = read.columns.get(each);
          expect(column).toBeInstanceOf(Float64Array);
          if (column instanceof Float64Array) expect(bits(column)).toEqual(bits(Float64Array.from(values)));
        }
      }),
    );
  });

  test("categories and missing cells, as JSON", () => {
    const cells: Cell[] = ["m", null, -0, "", 1.5];
    const frame = { ids: Ids.of(["a", "b", "c", "d", "e"]), columns: new Map([["sex", cells]]) };
    expect(roundTrip(featuresContract, frame, "json", 3).columns.get("sex")).toEqual(cells);
  });

  test.each<[string, Cell[]]>([
    ["numbers", [1, null, -0, null, 2.5, 3, 4, 5, null, 6]],
    ["texts", ["ä", null, "", "b", "c", "d", "e", "f", null, "g"]],
    ["nothing", Array.from({ length: 10 }, () => null)],
  ])("missing cells among %s, as Arrow", (_, cells) => {
    const frame = { ids: Ids.of(cells.map((_cell, row) => `r${row}`)), columns: new Map([["a", cells]]) };
    expect(roundTrip(featuresContract, frame, "arrow", 3).columns.get("a")).toEqual(cells);
  });

  test("categories, as Arrow", () => {
    const frame = { ids: Ids.of(["a", "b"]), columns: new Map([["sex", ["weiblich", "männlich"]]]) };
    expect(roundTrip(featuresContract, frame, "arrow", 3).columns.get("sex")).toEqual(["weiblich", "männlich"]);
  });
});

describe("One row", () => {
  test("is written in the form that a person would write", () => {
    const ids = Ids.of(["a7"]);
    const texts = [
      featuresContract.write(
        {
          ids,
          columns: new Map<string, Column>([
            ["age", Float64Array.of(59)],
            ["sex", ["m"]],
          ]),
        },
        "json",
        5,
      ),
      labelContract.write({ ids, y_true: Float64Array.of(151) }, "json", 5),
      predictionContract.write({ ids, y_pred: Float64Array.of(-0.25), model: "linear@1", unit: "" }, "json", 5),
    ].map(({ body }) => body.toString());
    expect(texts).toEqual([
      '{"id":"a7","features":{"age":59,"sex":"m"}}',
      '{"id":"a7","y_true":151}',
      '{"id":"a7","y_pred":-0.25,"model":"linear@1"}',
    ]);
  });

  test("says when it happened", () => {
    const row = { ids: Ids.of(["a7"]), eventTimes: Float64Array.of(1_760_000_000_123) };
    expect(featuresContract.write({ ...row, columns: new Map([["age", Float64Array.of(59)]]) }, "json", 5).body.toString()).toBe(
      '{"id":"a7","features":{"age":59},"event_time":1760000000123}',
    );
    expect(predictionContract.write({ ...row, y_pred: Float64Array.of(2), model: "m@1", unit: "" }, "json", 5).body.toString()).toBe(
      '{"id":"a7","y_pred":2,"event_time":1760000000123,"model":"m@1"}',
    );
  });

  test("says which interval is announced with it", () => {
    const row = { ids: Ids.of(["a7"]), y_pred: Float64Array.of(2), model: "m@1", unit: "", halfWidths: Float64Array.of(57.3) };
    expect(predictionContract.write(row, "json", 5).body.toString()).toBe('{"id":"a7","y_pred":2,"half_width":57.3,"model":"m@1"}');
  });

  test("is read in the form of columns as well", () => {
    const { frame } = labelContract.read(asDelivered(bare('{"ids":["a7"],"y_true":[151]}', "y_true")));
    expect([frame.ids.toArray(), Array.from(frame.y_true)]).toEqual([["a7"], [151]]);
  });
});

describe("A frame's message", () => {
  const frame = { ids: Ids.of(["a", "b"]), y_pred: Float64Array.of(1, 2), model: "linear@1", unit: "mg/dl" };

  test("says in its properties what it is, when it left and what made it", () => {
    const message = predictionContract.write(frame, "json", 1_760_000_000_123);
    expect(message.type).toBe("y_pred");
    expect(message.contentType).toBe(JSON_TYPE);
    expect(message.headers).toEqual({ contract: 1, origin: 1_760_000_000_123, model: "linear@1", unit: "mg/dl" });
    expect(message.body.toString()).toBe('{"ids":["a","b"],"y_pred":[1,2],"model":"linear@1"}');
    expect(originOf(asDelivered(message))).toBe(1_760_000_000_123);
    expect(predictionContract.write(frame, "arrow", 5).contentType).toBe(ARROW_TYPE);
  });

  test("of someone who sets no properties is taken for JSON of this version, sent when it was stamped", () => {
    const delivery = asDelivered({ ...bare('{"id":"a","y_true":1}', ""), contentType: "", timestamp: 1_760_000_000_000 });
    expect(labelContract.read(delivery).frame.ids.toArray()).toEqual(["a"]);
    expect(originOf(delivery)).toBe(1_760_000_000_000);
  });

  test.each(["application/json; charset=utf-8", "Application/JSON", " application/json "])("may call its JSON %j", (contentType) => {
    expect(labelContract.read(asDelivered({ ...bare('{"id":"a","y_true":1}', "y_true"), contentType })).refusals).toEqual([]);
  });

  test.each([
    ["application/vnd.apache.arrow.stream", "arrow"],
    ["Application/vnd.Apache.Arrow.Stream; x=1", "arrow"],
    [" application/vnd.apache.arrow.stream ", "arrow"],
    ["application/json; charset=utf-8", "json"],
    ["Application/JSON", "json"],
    [undefined, "json"],
    ["application/x-arrow-file", "json"],
  ])("of the content type %j is answered as %s", (contentType, wanted) => {
    expect(formatOf({ contentType })).toBe(wanted);
  });

  test("may write its content type in any case and with parameters", () => {
    const message = { ...predictionContract.write(frame, "arrow", 5), contentType: "Application/vnd.Apache.Arrow.Stream; x=1" };
    expect(Array.from(predictionContract.read(asDelivered(message)).frame.y_pred)).toEqual([1, 2]);
  });

  test.each(["json", "arrow"] as const)("in %s carries the held-out error of its model in a header", (format) => {
    const message = predictionContract.write({ ...frame, heldOut: { rows: 88, mae: 43.8, sd: 31.7 } }, format, 5);
    expect(message.headers[FRAME_HEADER.heldOut]).toBe('{"rows":88,"mae":43.8,"sd":31.7}');
    expect(predictionContract.read(asDelivered(message)).frame.heldOut).toEqual({ rows: 88, mae: 43.8, sd: 31.7 });
  });

  test.each<HeaderValue>(["43.8", "{", '{"rows":88,"mae":0,"sd":1}', '{"rows":0,"mae":1,"sd":1}', '{"rows":88,"mae":1}', 43.8])(
    "is refused for the held-out error %j",
    (header) => {
      const message = predictionContract.write(frame, "json", 5);
      const delivery = asDelivered({ ...message, headers: { ...message.headers, [FRAME_HEADER.heldOut]: header } });
      expect(() => predictionContract.read(delivery)).toThrow(
        /^the header held-out is .+: send JSON such as \{"rows":88,"mae":43.8,"sd":31.7\}, or/,
      );
    },
  );

  test("in Arrow takes its model from the header", () => {
    const message = predictionContract.write(frame, "arrow", 5);
    const { [FRAME_HEADER.model]: _model, ...headers } = message.headers;
    expect(predictionContract.read(asDelivered({ ...message, headers })).frame.model).toBe("");
  });
});

function bare(text: string, type: string): Message {
  return { body: Buffer.from(text), contentType: JSON_TYPE, type, headers: {} };
}
