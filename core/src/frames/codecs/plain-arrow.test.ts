import { Float64, Int32, Table, tableFromIPC, tableToIPC, Utf8, vectorFromArray } from "apache-arrow";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Column } from "../frame.js";
import { Ids } from "../ids.js";
import { readArrowBody, writeArrowBody } from "./arrow-body.js";
import { PlainStreams } from "./plain-arrow.js";

type Columns = [string, Column][];
const frame = (seed: number, rows = 3): [Ids, Columns] => [
  Ids.of(Array.from({ length: rows }, (_, row) => `id-${(seed + row) % 10}`)),
  [
    ["a", Float64Array.from({ length: rows }, (_, row) => seed + row / 8)],
    ["__proto__", Float64Array.from({ length: rows }, (_, row) => -row * seed)],
  ],
];

/** Streams that have seen that frame, and what arrow makes of it. */
function streamsThatKnow([ids, columns]: [Ids, Columns]) {
  const streams = new PlainStreams();
  const body = Buffer.from(tableToIPC(tableOf(ids, columns), "stream"));
  streams.note(body, tableFromIPC(body));
  streams.noteWritten(ids, columns, undefined, body, () => tableFromIPC(body));
  return { streams, body };
}

function tableOf(ids: Ids, columns: Columns): Table {
  const vectors = columns.map(([name, column]) => [name, vectorFromArray([...column], new Float64())] as const);
  return new Table(Object.fromEntries([["id", vectorFromArray(ids.toArray(), new Utf8())], ...vectors]));
}

test("a frame is read and written like one before with the same names and lengths, with its own ids and values", () => {
  const { streams } = streamsThatKnow(frame(1));
  const [ids, columns] = frame(5);
  const written = streams.write(ids, columns);
  if (written === undefined) throw new Error("The form is not known.");
  const table = tableFromIPC(written);
  expect([...(table.getChild("id") ?? [])]).toEqual(["id-5", "id-6", "id-7"]);
  expect([...(table.getChild("a") ?? [])]).toEqual([5, 5.125, 5.25]);
  expect([...(table.getChild("__proto__") ?? [])]).toEqual([-0, -5, -10]);
  const read = streams.read(written, 3);
  expect(read?.ids instanceof Ids && read.ids.toArray()).toEqual(["id-5", "id-6", "id-7"]);
  expect([...(read?.columns ?? [])]).toEqual([
    ["a", Float64Array.of(5, 5.125, 5.25)],
    ["__proto__", Float64Array.of(-0, -5, -10)],
  ]);
});

test("wherever in its memory a body begins, it is read alike", () => {
  const { streams, body } = streamsThatKnow(frame(1));
  for (let at = 0; at < 9; at += 1) {
    const moved = Buffer.concat([Buffer.alloc(at), body]).subarray(at);
    expect(streams.read(moved, 3)?.columns.get("a")).toEqual(Float64Array.of(1, 1.125, 1.25));
  }
});

test.each<[string, [Ids, Columns]]>([
  ["more rows", frame(1, 4)],
  ["longer ids", [Ids.of(["id-1", "id-2", "id-30"]), frame(1)[1]]],
  ["another name", [frame(1)[0], [["b", Float64Array.of(1, 2, 3)], frame(1)[1][1] ?? ["", []]]]],
  ["fewer columns", [frame(1)[0], frame(1)[1].slice(1)]],
  ["text", [frame(1)[0], [["a", ["x", "y", "z"]], frame(1)[1][1] ?? ["", []]]]],
])("a frame with %s is none like it", (_, [ids, columns]) => {
  const { streams } = streamsThatKnow(frame(1));
  expect(streams.write(ids, columns)).toBeUndefined();
  expect(streams.read(writeArrowBody(ids, columns), 10)).toBeUndefined();
});

test("a stream with more rows than are taken, cut off, with more behind its end or other metadata is not read here", () => {
  const { streams, body } = streamsThatKnow(frame(1));
  expect(streams.read(body, 3)).toBeDefined();
  expect(streams.read(body, 2)).toBeUndefined();
  expect(streams.read(body.subarray(0, -8), 3)).toBeUndefined();
  expect(streams.read(Buffer.concat([body, Buffer.alloc(8)]), 3)).toBeUndefined();
  expect(streams.read(body.subarray(0, 5), 3)).toBeUndefined();
  for (const [at, byte] of body.subarray(0, 40).entries()) {
    const changed = Buffer.from(body);
    changed[at] = byte ^ 1;
    expect(streams.read(changed, 3)).toBeUndefined();
  }
});

test("streams with nulls, other numbers or two batches are left to arrow", () => {
  const streams = new PlainStreams();
  const id = vectorFromArray(["x", "y"], new Utf8());
  const one = new Table({ id, a: vectorFromArray([1, 2], new Float64()) });
  for (const table of [
    new Table({ id, a: vectorFromArray([1, null], new Float64()) }),
    new Table({ id, a: vectorFromArray([1, 2], new Int32()) }),
    one.concat(one),
  ]) {
    const body = Buffer.from(tableToIPC(table, "stream"));
    streams.note(body, tableFromIPC(body));
    expect(streams.read(body, 10)).toBeUndefined();
  }
});

test("ids whose offsets run backwards are refused, also if the form is known", () => {
  const { body } = streamsThatKnow(frame(1));
  readArrowBody(body, 3);
  const [first] = frame(1);
  const at = body.indexOf(Buffer.from(first.offsets.buffer, first.offsets.byteOffset, first.offsets.byteLength));
  const damaged = Buffer.from(body);
  damaged.writeInt32LE(99, at + 4);
  expect(() => readArrowBody(damaged, 3)).toThrow("the offsets of the column id run backwards");
});

test("whatever was written before, arrow reads what was written", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.stringMatching(/^[a-zß]{1,4}$/), fc.double({ noNaN: true })), { minLength: 1, maxLength: 4 }),
      (rows) => {
        const column = Float64Array.from(rows, ([, value]) => value);
        const body = writeArrowBody(Ids.of(rows.map(([id]) => id)), [["a", column]]);
        const table = tableFromIPC(body);
        expect([...(table.getChild("id") ?? [])]).toEqual(rows.map(([id]) => id));
        expect([...(table.getChild("a") ?? [])]).toEqual(rows.map(([, value]) => value));
        expect(readArrowBody(body, 4).columns.get("a")).toEqual(column);
      },
    ),
  );
});
