import { Ids } from "@streamgauge/core";
import { expect, test } from "vitest";
import { madeId, madeIds, madeRowsIn, readMadeId } from "./made-ids.js";

const [ONE, TWO] = ["0123456789ab", "zzzzzzzzzzzz"];

test("a generated id has a prefix and the number of its row, from 1", () => {
  expect(madeId(ONE, 41)).toBe("0123456789ab-0000042");
  expect(readMadeId("0123456789ab-0000042")).toEqual({ prefix: ONE, row: 41 });
  expect(madeIds(ONE, 3).toArray()).toEqual(["0123456789ab-0000001", "0123456789ab-0000002", "0123456789ab-0000003"]);
});

test.each(["0123456789ab-0000000", "0123456789ab-42", "0123456789AB-0000001", "j0123456789ab-0000001", "0123456789ab-000000a", ""])(
  "%j is none",
  (id) => {
    expect(readMadeId(id)).toBeUndefined();
    expect(madeRowsIn(Ids.of([`${ONE}-0000001`, id]), () => true)).toEqual([{ prefix: ONE, rows: [0], positions: [0] }]);
  },
);

test("the rows of a message are found by request, wherever they are, and those of others are left out", () => {
  const ids = [`${ONE}-0000002`, `${TWO}-0000001`, "own", `${ONE}-0000001`, "0000000000aa-0000001", `${ONE}-0001024`];
  const found = [
    { prefix: ONE, rows: [1, 0, 1_023], positions: [0, 3, 5] },
    { prefix: TWO, rows: [0], positions: [1] },
  ];
  const isWanted = (prefix: string) => prefix === ONE || prefix === TWO;
  expect(madeRowsIn(Ids.of(ids), isWanted)).toEqual(found);
  // Beyond ASCII a place in the bytes is not one in the text.
  expect(madeRowsIn(Ids.of(ids.with(2, "größe")), isWanted)).toEqual(found);
});
