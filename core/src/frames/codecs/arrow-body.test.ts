import {
  Bool,
  DataType,
  DateMillisecond,
  Dictionary,
  Field,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  LargeUtf8,
  List,
  makeData,
  makeVector,
  Table,
  tableToIPC,
  type Timestamp,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint64,
  Uint8,
  Utf8,
  type Vector,
  vectorFromArray,
} from "apache-arrow";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asDelivered } from "@streamgauge/testing";
import { describeRefusals } from "../../refusal.js";
import { writeArrowBody } from "./arrow-body.js";
import { featuresContract } from "../features-contract.js";
import { ARROW_TYPE } from "./arrow-codec.js";
import { FrameRefusedError } from "../frame.js";
import { Ids } from "../ids.js";
import { labelContract } from "../label-contract.js";
import { predictionContract } from "../prediction-contract.js";

function arrow(type: string, body: Uint8Array) {
  return asDelivered({ body: Buffer.from(body), contentType: ARROW_TYPE, type, headers: {} }, 1);
}

function labels(columns: Record<string, Vector>) {
  return labelContract.read(arrow("y_true", tableToIPC(new Table(columns), "stream")));
}

function column(values: readonly unknown[], type: DataType): Vector {
  return vectorFromArray(values, type);
}

const ids = () => column(["a", "ü", "c"], new Utf8());
const y = () => column([1, -0, 2.5], new Float64());

/** A column of 64-bit integers with a null for each missing one. */
function ofTicks(ticks: readonly (bigint | null)[], type: Int64 | Uint64 | Timestamp): Vector {
  const bits = ticks.reduce((sum, tick, row) => sum | (tick === null ? 0 : 1 << row), 0);
  const data = BigInt64Array.from(ticks, (tick) => tick ?? 0n);
  const nulls = { nullCount: ticks.filter((tick) => tick === null).length, nullBitmap: Uint8Array.of(bits) };
  const common = { length: ticks.length, ...nulls, data };
  return DataType.isTimestamp(type) ? makeVector(makeData({ type, ...common })) : makeVector(makeData({ type, ...common }));
}

describe("Arrow as other programs write it", () => {
  test.each([
    ["large_utf8", () => column(["a", "ü", "c"], new LargeUtf8())],
    ["dictionary-encoded", () => column(["a", "ü", "c"], new Dictionary(new Utf8(), new Int32()))],
  ])("ids that are %s", (_what, make) => {
    const { frame, refusals } = labels({ id: make(), y_true: y() });
    expect(refusals).toEqual([]);
    expect(frame.ids.toArray()).toEqual(["a", "ü", "c"]);
  });

  test.each<[string, DataType, unknown[]]>([
    ["float32", new Float32(), [1, -0, 2.5]],
    ["int16", new Int16(), [1, -2, 3]],
    ["int32", new Int32(), [1, -2, 3]],
    ["uint8", new Uint8(), [1, 2, 255]],
    ["int64", new Int64(), [1n, -2n, 2n ** 53n]],
  ])("values of %s", (_what, type, values) => {
    const { frame, refusals } = labels({ id: ids(), y_true: column(values, type) });
    expect(refusals).toEqual([]);
    expect(Array.from(frame.y_true)).toEqual(values.map(Number));
  });

  test("several batches", () => {
    const first = new Table({ id: ids(), y_true: y() });
    const second = new Table({ id: column(["d", "é"], new Utf8()), y_true: column([4, 5], new Float64()) });
    const { frame } = labelContract.read(arrow("y_true", tableToIPC(first.concat(second), "stream")));
    expect(frame.ids.toArray()).toEqual(["a", "ü", "c", "d", "é"]);
    expect(Array.from(frame.y_true)).toEqual([1, -0, 2.5, 4, 5]);
  });

  test("a slice of a larger table", () => {
    const table = new Table({ id: column(["é", "a", "ü", "c", "z"], new Utf8()), y_true: column([9, 1, 2, 3, 9], new Float64()) });
    const { frame } = labelContract.read(arrow("y_true", tableToIPC(table.slice(1, 4), "stream")));
    expect([frame.ids.toArray(), Array.from(frame.y_true)]).toEqual([
      ["a", "ü", "c"],
      [1, 2, 3],
    ]);
  });

  test("features of numbers and of categories, in any order", () => {
    const table = new Table({
      age: column([1, 2, 3], new Int32()),
      id: ids(),
      sex: column(["m", "w", null], new Dictionary(new Utf8(), new Int32())),
    });
    const { frame, refusals } = featuresContract.read(arrow("features", tableToIPC(table, "stream")));
    expect(refusals).toEqual([]);
    expect(frame.columns).toEqual(
      new Map<string, unknown>([
        ["age", Float64Array.of(1, 2, 3)],
        ["sex", ["m", "w", null]],
      ]),
    );
  });
});

describe("A column event_time as other programs write it", () => {
  /** The event times of features, and their columns. */
  function timesIn(times: Vector) {
    const table = new Table({ id: ids(), event_time: times, age: column([1, 2, 3], new Int32()) });
    const { frame, refusals } = featuresContract.read(arrow("features", tableToIPC(table, "stream")));
    expect(refusals).toEqual([]);
    return [frame.eventTimes, [...frame.columns.keys()]];
  }

  const afternoon = 1_760_000_000_123n;

  test.each<[string, Int64 | Uint64 | Timestamp, (bigint | null)[], number[]]>([
    ["int64", new Int64(), [afternoon, -1n, null], [1_760_000_000_123, -1, Number.NaN]],
    ["uint64", new Uint64(), [afternoon, 0n, 1n], [1_760_000_000_123, 0, 1]],
    ["int64 as far as a date goes", new Int64(), [8_640_000_000_000_000n, -8_640_000_000_000_000n, 0n], [8.64e15, -8.64e15, 0]],
    ["timestamp in s", new TimestampSecond(), [1_760_000_000n, -1n, null], [1_760_000_000_000, -1_000, Number.NaN]],
    ["timestamp in ms", new TimestampMillisecond("Europe/Berlin"), [afternoon, -1n, 0n], [1_760_000_000_123, -1, 0]],
    ["timestamp in µs", new TimestampMicrosecond(), [afternoon * 1_000n + 999n, -1n, -1_000n], [1_760_000_000_123, -1, -1]],
    [
      "timestamp in ns",
      new TimestampNanosecond(),
      [afternoon * 1_000_000n, -1n, afternoon * 1_000_000n - 1n],
      [1_760_000_000_123, -1, 1_760_000_000_122],
    ],
  ])("of %s holds event times", (_what, type, ticks, times) => {
    expect(timesIn(ofTicks(ticks, type))).toEqual([Float64Array.from(times), ["age"]]);
  });

  test("of float64 is a feature of that name", () => {
    expect(timesIn(column([0.5, 1.5, 2.5], new Float64()))).toEqual([undefined, ["event_time", "age"]]);
  });

  test("of predictions may hold numbers of any width", () => {
    const table = new Table({ id: ids(), y_pred: y(), event_time: column([5, null, 7], new Float64()) });
    const { frame } = predictionContract.read(arrow("y_pred", tableToIPC(table, "stream")));
    expect(frame.eventTimes).toEqual(Float64Array.of(5, Number.NaN, 7));
  });

  test("in several batches is one column", () => {
    const part = (name: string, tick: bigint | null) =>
      new Table({ id: column([name], new Utf8()), y_pred: column([1], new Float64()), event_time: ofTicks([tick], new Int64()) });
    const table = part("a", 5n).concat(part("b", null)).concat(part("c", 7n));
    const { frame } = predictionContract.read(arrow("y_pred", tableToIPC(table, "stream")));
    expect(frame.eventTimes).toEqual(Float64Array.of(5, Number.NaN, 7));
  });

  test("beyond all dates is refused by its row", () => {
    const table = new Table({ id: ids(), event_time: ofTicks([1n, 9_000_000_000_000_000n, 3n], new Int64()) });
    const { frame, refusals } = featuresContract.read(arrow("features", tableToIPC(table, "stream")));
    expect([frame.ids.toArray(), frame.eventTimes]).toEqual([["a", "c"], Float64Array.of(1, 3)]);
    expect(describeRefusals(refusals)).toBe(
      'row 1 (id "ü"), field event_time: not an event time, got 9000000000000000 (no date is that far from 1970): send whole ms since 1970, such as 1760000000000, or null',
    );
  });

  test("of dates is refused", () => {
    const days = column([new Date(0), new Date(1), new Date(2)], new DateMillisecond());
    expect(() => timesIn(days)).toThrow(/^event times are int64, in ms since 1970, or timestamp, not Date/);
  });

  test("is not part of a label", () => {
    expect(() => labels({ id: ids(), y_true: y(), event_time: ofTicks([1n, 2n, 3n], new Int64()) })).toThrow(
      "a column that no y_true frame has",
    );
  });
});

describe("Arrow that cannot be used is refused", () => {
  test("a null, by its row", () => {
    const { frame, refusals } = labels({ id: column(["a", null, "c"], new Utf8()), y_true: column([1, 2, null], new Float64()) });
    expect(frame.ids.toArray()).toEqual(["a"]);
    expect(describeRefusals(refusals)).toBe(
      'row 1, field id: an id is a string of 1 to 128 characters, got null; row 2 (id "c"), field y_true: not a finite number, got null',
    );
  });

  test("NaN, Infinity and ids of the wrong length, by their rows", () => {
    const { frame, refusals } = labels({
      id: column(["a", "b", "", "x".repeat(129), "😀".repeat(129), "ok"], new Utf8()),
      y_true: column([Number.NaN, Infinity, 1, 2, 3, 4], new Float64()),
    });
    expect(frame.ids.toArray()).toEqual(["ok"]);
    expect(refusals.map(({ row, field }) => `${row} ${field}`)).toEqual(["2 id", "3 id", "4 id", "0 y_true", "1 y_true"]);
  });

  test("ids that are not UTF-8, by their rows, also if they were one character that is cut in two", () => {
    const bytes = Buffer.concat([Buffer.from("a"), Buffer.from([0xff]), Buffer.from("ü"), Buffer.from("d")]);
    const body = writeArrowBody(new Ids(bytes, Int32Array.of(0, 1, 2, 3, 4, 5)), [["y_true", Float64Array.of(1, 2, 3, 4, 5)]]);
    const { frame, refusals } = labelContract.read(arrow("y_true", body));
    expect(frame.ids.toArray()).toEqual(["a", "d"]);
    expect(refusals.map(({ row, reason }) => `${row}: ${reason}`)).toEqual(
      [1, 2, 3].map((row) => `${row}: an id is Unicode text; its bytes are not UTF-8`),
    );
  });

  test.each<[string, Record<string, Vector>, RegExp]>([
    ["no column of ids", { y_true: y() }, /^the Arrow stream has no column id$/],
    ["ids of numbers", { id: y(), y_true: y() }, /^an id is a string; the column id is Float64$/],
    ["no values", { id: ids() }, /^the Arrow stream has no column y_true$/],
    [
      "values of another kind",
      { id: ids(), y_true: column([true, false, true], new Bool()) },
      /^a column holds numbers or strings, not Bool$/,
    ],
    [
      "values of dates",
      { id: ids(), y_true: column([new Date(0), new Date(1), new Date(2)], new DateMillisecond()) },
      /^a column holds numbers or strings, not Date/,
    ],
    ["a column too many", { id: ids(), y_true: y(), y_pred: y() }, /^a column that no y_true frame has$/],
    ["no rows", { id: column([], new Utf8()), y_true: column([], new Float64()) }, /^the frame has no rows$/],
    [
      "too many rows",
      {
        id: column(Array.from({ length: 65_537 }, String), new Utf8()),
        y_true: column(Array.from({ length: 65_537 }, Number), new Float64()),
      },
      /^the frame has 65537 rows; at most 65536 are taken$/,
    ],
  ])("%s", (_what, columns, reason) => {
    expect(() => labels(columns)).toThrow(reason);
  });

  test("an Arrow file", () => {
    const body = tableToIPC(new Table({ id: ids(), y_true: y() }), "file");
    expect(() => labelContract.read(arrow("y_true", body))).toThrow("the body is an Arrow file; send an IPC stream");
  });

  test("a second stream behind the first, which would be left unread", () => {
    const body = tableToIPC(new Table({ id: ids(), y_true: y() }), "stream");
    expect(() => labelContract.read(arrow("y_true", Buffer.concat([body, body])))).toThrow(/something behind the end of the Arrow stream/);
  });

  test("a nested column", () => {
    const nested = vectorFromArray([[1], [2], [3]], new List(new Field("item", new Float64())));
    expect(() => labels({ id: ids(), y_true: nested })).toThrow(/has a nested one/);
  });

  test("strings where numbers belong, by their rows, with a hint", () => {
    const { refusals } = labels({ id: ids(), y_true: column(["1", "x", ""], new Utf8()) });
    expect(describeRefusals(refusals)).toMatch(
      /^row 0 \(id "a"\), field y_true: not a finite number, got "1": send it without quotes; row 1/,
    );
  });

  test("every truncation, and every damage of a byte, is read or refused, in bounded time", () => {
    const whole = writeArrowBody(
      Ids.of(["a", "ü", "c", "d"]),
      [
        ["age", Float64Array.of(1, 2, 3, 4)],
        ["sex", ["m", "w", "m", "w"]],
      ],
      [5, null, 7, 8],
    );
    const damage = fc.record({ at: fc.nat({ max: whole.length - 1 }), byte: fc.nat({ max: 255 }), length: fc.nat({ max: whole.length }) });
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
        const body = Buffer.from(whole);
        for (const { at, byte } of damages) body[at] = byte;
        const cut = damages.length === 1 ? body.subarray(0, damages[0]?.length) : body;
        try {
          const { frame } = featuresContract.read(arrow("features", cut));
          for (const values of frame.columns.values()) expect(values.length).toBe(frame.ids.length);
          if (frame.eventTimes !== undefined) expect(frame.eventTimes.length).toBe(frame.ids.length);
          expect(frame.ids.toArray().every((id) => id.length >= 1 && !id.includes("\ufffd"))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameRefusedError);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
