import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Ids } from "./ids.js";

const texts = fc.array(fc.string({ unit: "binary", maxLength: 12 }), { maxLength: 30 });

describe("Ids", () => {
  test("are the strings that they were made of, one by one and all together", () => {
    fc.assert(
      fc.property(texts, (ids) => {
        const made = Ids.of(ids);
        expect(made.length).toBe(ids.length);
        expect(made.toArray()).toEqual(ids);
        expect(ids.map((_, i) => made.at(i))).toEqual(ids);
        expect(made.text).toBe(ids.join(""));
      }),
    );
  });

  test("are equal if they are the same in the same order, and only then", () => {
    fc.assert(
      fc.property(texts, texts, (one, other) => {
        expect(Ids.of(one).equals(Ids.of(one))).toBe(true);
        expect(Ids.of(one).equals(Ids.of(other))).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });

  test("are not equal where only their borders differ", () => {
    expect(Ids.of(["ab", "c"]).equals(Ids.of(["a", "bc"]))).toBe(false);
  });

  test("can be picked by position, in any order, more than once", () => {
    const picks = texts
      .filter((ids) => ids.length > 0)
      .chain((ids) => fc.tuple(fc.constant(ids), fc.array(fc.nat({ max: ids.length - 1 }))));
    fc.assert(
      fc.property(picks, ([ids, rows]) => {
        expect(Ids.of(ids).take(rows).toArray()).toEqual(rows.map((row) => ids[row]));
      }),
    );
  });

  test("are joined, one column after another", () => {
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 5 }), (columns) => {
        expect(Ids.joined(columns.map((ids) => Ids.of(ids))).toArray()).toEqual(columns.flat());
      }),
    );
  });

  test("know where each lies in their bytes", () => {
    const ids = Ids.of(["a", "ü", "😀"]);
    expect([0, 1, 2].map((i) => [ids.start(i), ids.end(i)])).toEqual([
      [0, 1],
      [1, 3],
      [3, 7],
    ]);
    expect([ids.isAscii, Ids.of(["a", "b"]).isAscii]).toEqual([false, true]);
  });

  test("keep half a character from joining the next id's", () => {
    expect(Ids.of(["\ud83d", "\ude00", "c"]).toArray()).toEqual(["\ufffd", "\ufffd", "c"]);
  });
});
