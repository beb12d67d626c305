import { open, type RootDatabase } from "lmdb";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freshFolder } from "@streamgauge/testing/vitest";
import { HalfTable, NOT_COUNTED } from "./half-table.js";

const folder = freshFolder();
const [a, b] = [Buffer.from("a"), Buffer.from("größe, \n")];
let root: RootDatabase;
let table: HalfTable;

function reopen(): void {
  root = open({ path: folder.at("state"), noSubdir: false, overlappingSync: false, maxDbs: 8 });
  table = new HalfTable(root);
}

beforeEach(reopen);

afterEach(() => root.close());

function half(value: number, receivedAt = 0) {
  return { value, receivedAt, model: "größe 1", eventTime: receivedAt, tenth: NOT_COUNTED, halfWidth: Number.NaN, code: undefined };
}

test("a new table is empty", () => {
  expect(table.oldestArrival()).toBeUndefined();
  expect([table.count("y_true"), table.count("y_pred")]).toEqual([0, 0]);
  expect([...table.ids("y_true")]).toEqual([]);
});

describe("halves", () => {
  test("are kept by side and id, after a restart too", async () => {
    root.transactionSync(() => {
      table.put("y_true", a, half(1.5, 7));
      table.put("y_pred", a, half(-0.25));
      table.put("y_pred", b, half(3));
    });
    await root.close();
    reopen();
    expect(table.get("y_true", a)).toEqual(half(1.5, 7));
    expect(table.get("y_true", b)).toBeUndefined();
    expect([...table.ids("y_pred")]).toEqual([a, b]);
    expect([table.count("y_true"), table.count("y_pred")]).toEqual([1, 2]);
  });

  const code = { layout: 70_000, width: 3, bytes: Uint8Array.of(1, 52, 0), at: 0, unseen: null };

  test.each([
    [Number.NaN, undefined],
    [0, undefined],
    [57.3, code],
    [Number.NaN, { ...code, unseen: '["Mars","größe"]' }],
  ])("of a counted prediction have the row's time, tenth, half width %d and codes", (halfWidth, codes) => {
    const counted = { value: 2, receivedAt: 0, model: "m@1", eventTime: -1_000, tenth: 0, halfWidth, code: codes };
    root.transactionSync(() => table.put("y_pred", a, counted));
    expect(table.get("y_pred", a)).toEqual(counted);
  });

  test("are removed once", () => {
    root.transactionSync(() => {
      table.put("y_true", a, half(1));
      expect([table.remove("y_true", a), table.remove("y_true", a), table.remove("y_pred", a)]).toEqual([true, false, false]);
    });
    expect(table.count("y_true")).toBe(0);
  });

  test("may be many, with ids of 128 characters of four bytes", () => {
    const ids = Array.from({ length: 20_000 }, (_, i) => Buffer.from("😀".repeat(125) + String(i).padStart(5, "0")));
    root.transactionSync(() => {
      for (const [i, id] of ids.entries()) table.put("y_true", id, half(i));
    });
    expect(table.count("y_true")).toBe(20_000);
    expect(table.get("y_true", ids[19_999] ?? a)?.value).toBe(19_999);
  });
});

describe("arrivals", () => {
  test("are due in the order of their time", () => {
    root.transactionSync(() => {
      table.putArrivals({ side: "y_pred", receivedAt: 20, ids: [b] });
      table.putArrivals({ side: "y_true", receivedAt: 10, ids: [a, b] });
      table.putArrivals({ side: "y_true", receivedAt: 10, ids: [a] });
      table.putArrivals({ side: "y_true", receivedAt: 30, ids: [a] });
    });
    expect(table.oldestArrival()).toBe(10);
    root.transactionSync(() => {
      expect(table.takeDue(9, 100)).toEqual([]);
      expect(table.takeDue(20, 100)).toEqual([
        { side: "y_true", receivedAt: 10, ids: [a, b] },
        { side: "y_true", receivedAt: 10, ids: [a] },
        { side: "y_pred", receivedAt: 20, ids: [b] },
      ]);
    });
    expect(table.oldestArrival()).toBe(30);
  });

  test("are taken in batches of about so many ids", () => {
    root.transactionSync(() => {
      for (let i = 0; i < 4; i += 1) table.putArrivals({ side: "y_true", receivedAt: i, ids: [a, b] });
    });
    root.transactionSync(() => {
      expect(table.takeDue(10, 3).map(({ receivedAt }) => receivedAt)).toEqual([0, 1]);
      expect(table.takeDue(10, 3).map(({ receivedAt }) => receivedAt)).toEqual([2, 3]);
    });
  });

  test("of the same moment do not replace each other, after a restart either", async () => {
    for (let i = 0; i < 3; i += 1) {
      root.transactionSync(() => {
        for (let k = 0; k < 2; k += 1) table.putArrivals({ side: "y_true", receivedAt: 7, ids: [a] });
      });
      await root.close();
      reopen();
    }
    root.transactionSync(() => {
      expect(table.takeDue(7, 100)).toHaveLength(6);
    });
  });
});
