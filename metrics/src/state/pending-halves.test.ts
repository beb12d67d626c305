import { rmSync } from "node:fs";
import { Ids } from "@streamgauge/core";
import fc from "fast-check";
import { open } from "lmdb";
import { describe, expect, test } from "vitest";
import { freshFolder } from "@streamgauge/testing/vitest";
import { hashIds } from "../log/id-hash.js";
import { arrivedHalves } from "../testing/arrived-halves.js";
import { CountingBloomFilter } from "./counting-bloom-filter.js";
import { HalfTable, SIDES, type Side } from "./half-table.js";
import { PendingHalves } from "./pending-halves.js";

const folder = freshFolder();

/** Pending halves with the table and the filters behind them. */
function openPending() {
  const root = open({ path: folder.at("state"), noSubdir: false, overlappingSync: false, maxDbs: 8 });
  const table = new HalfTable(root);
  const filters = { y_true: new CountingBloomFilter(), y_pred: new CountingBloomFilter() };
  return { root, table, filters, pending: new PendingHalves(table, filters) };
}

function rowsOf(ids: readonly string[]) {
  const all = Ids.of(ids);
  return { ids: all, hashes: hashIds(all) };
}

const ALL_IDS = ["a", "b", "c", "größe, \n", "😀"];

test("the ids of these tests have cells of the filter to themselves", () => {
  expect(new Set(Array.from(rowsOf(ALL_IDS).hashes.low, (hash) => hash % 2 ** 22)).size).toBe(5);
});

describe("halves that are put", () => {
  test("are counted, and are taken once, with what came with them", async () => {
    const { root, pending } = openPending();
    const arrived = arrivedHalves(
      "y_pred",
      [
        ["a", 1.5],
        ["b", -2],
        ["c", 3],
      ],
      7,
    );
    root.transactionSync(() => {
      expect(pending.put(arrived, [0, 2])).toEqual([]);
      expect(pending.counts).toEqual({ y_true: 0, y_pred: 2 });
      const half = { row: 2, half: { value: 1.5, receivedAt: 7, model: "größe 1", eventTime: 7, tenth: 255, halfWidth: NaN } };
      expect(pending.take("y_true", rowsOf(["a", "b", "c"]))).toEqual([]);
      expect(pending.take("y_pred", rowsOf(["x", "b", "a"]))).toEqual([half]);
      expect(pending.take("y_pred", rowsOf(["x", "b", "a"]))).toEqual([]);
      expect(pending.counts).toEqual({ y_true: 0, y_pred: 1 });
    });
    await root.close();
  });

  test("do not replace the half that waits under the same id, in the same message either", async () => {
    const { root, table, pending } = openPending();
    root.transactionSync(() => {
      pending.put(arrivedHalves("y_true", [["a", 1]], 5), [0]);
      const again = arrivedHalves(
        "y_true",
        [
          ["b", 2],
          ["a", 9],
          ["b", 8],
        ],
        6,
      );
      expect(pending.put(again, again.rows)).toEqual([
        { row: 1, half: { value: 1, receivedAt: 5, model: "", eventTime: 5, tenth: 255, halfWidth: NaN } },
        { row: 2, half: { value: 2, receivedAt: 6, model: "", eventTime: 6, tenth: 255, halfWidth: NaN } },
      ]);
    });
    expect(pending.counts).toEqual({ y_true: 2, y_pred: 0 });
    expect(table.count("y_true")).toBe(2);
    await root.close();
  });

  test("of which none is new leave no arrival", async () => {
    const { root, pending } = openPending();
    root.transactionSync(() => {
      pending.put(arrivedHalves("y_true", [["a", 1]], 5), [0]);
      pending.put(arrivedHalves("y_true", [["a", 1]], 3), [0]);
    });
    expect(pending.oldestArrival()).toBe(5);
    await root.close();
  });
});

describe("halves that expire", () => {
  test("come out by the time at which they came, without those that were taken or came again later", async () => {
    const { root, pending } = openPending();
    const first = arrivedHalves(
      "y_true",
      [
        ["a", 1],
        ["b", 2],
        ["c", 3],
      ],
      10,
    );
    root.transactionSync(() => {
      pending.put(first, first.rows);
      pending.take("y_true", rowsOf(["a", "b"]));
      pending.put(arrivedHalves("y_true", [["b", 4]], 20), [0]);
      expect(pending.expire(9, 100)).toEqual([]);
      const [expired, ...others] = pending.expire(10, 100);
      expect(others).toEqual([]);
      expect(expired?.ids.toArray()).toEqual(["c"]);
      expect(expired?.hashes).toEqual(rowsOf(["c"]).hashes);
      expect([expired?.side, expired?.halves]).toEqual([
        "y_true",
        [{ value: 3, receivedAt: 10, model: "", eventTime: 10, tenth: 255, halfWidth: NaN }],
      ]);
    });
    expect(pending.counts).toEqual({ y_true: 1, y_pred: 0 });
    expect(pending.oldestArrival()).toBe(20);
    await root.close();
  });
});

test("more ids than are hashed together are all known after a restart", async () => {
  const first = openPending();
  const many = arrivedHalves(
    "y_true",
    Array.from({ length: 20_001 }, (_, i) => [`row-${i}`, i] as const),
  );
  first.root.transactionSync(() => first.pending.put(many, many.rows));
  await first.root.close();
  const { root, pending } = openPending();
  expect(pending.counts).toEqual({ y_true: 20_001, y_pred: 0 });
  root.transactionSync(() => {
    expect(pending.take("y_true", many).map(({ row, half }) => [row, half.value])).toEqual(many.rows.map((row) => [row, row]));
  });
  await root.close();
});

describe("after any sequence of put, take, expire and restart", () => {
  const side = fc.constantFrom(...SIDES);
  const ids = fc.array(fc.constantFrom(...ALL_IDS), { minLength: 1, maxLength: 4 });
  const step = fc.oneof(
    fc.record({ kind: fc.constant("put" as const), side, ids }),
    fc.record({ kind: fc.constant("take" as const), side, ids }),
    fc.record({ kind: fc.constant("expire" as const), age: fc.nat(3), most: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constant("restart" as const) }),
  );

  /** The counts and the filters say what the table holds, and that is what the model holds. */
  function expectInStep({ table, filters, pending }: ReturnType<typeof openPending>, waiting: Record<Side, Map<string, number>>): void {
    const { low } = rowsOf(ALL_IDS).hashes;
    for (const each of SIDES) {
      const held = ALL_IDS.filter((id) => waiting[each].has(id));
      expect([...table.ids(each)].map(String).sort()).toEqual([...held].sort());
      expect([table.count(each), pending.counts[each]]).toEqual([held.length, held.length]);
      expect(ALL_IDS.filter((_, i) => filters[each].mayHold(low[i] ?? 0))).toEqual(held);
    }
  }

  test("counts and filters agree with the table, and each half is taken or expires once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        rmSync(folder.at("state"), { recursive: true, force: true });
        let opened = openPending();
        /** What waits, by side and id, and when it came. */
        const waiting: Record<Side, Map<string, number>> = { y_true: new Map(), y_pred: new Map() };
        for (const [now, current] of steps.entries()) {
          if (current.kind === "restart") {
            await opened.root.close();
            opened = openPending();
          } else {
            const { root, pending } = opened;
            root.transactionSync(() => {
              if (current.kind === "put") {
                const arrived = arrivedHalves(
                  current.side,
                  current.ids.map((id) => [id, now]),
                  now,
                );
                const present = pending.put(arrived, arrived.rows).map(({ row }) => row);
                const isNew = (id: string) => !waiting[current.side].has(id) && waiting[current.side].set(id, now).has(id);
                expect(present).toEqual(arrived.rows.filter((row) => !isNew(current.ids[row] ?? "")));
              } else if (current.kind === "take") {
                const taken = pending.take(current.side, rowsOf(current.ids)).map(({ row }) => row);
                expect(taken).toEqual([...current.ids.keys()].filter((row) => waiting[current.side].delete(current.ids[row] ?? "")));
              } else {
                for (const expired of pending.expire(now - current.age, current.most)) {
                  for (const [row, { receivedAt }] of expired.halves.entries()) {
                    const id = expired.ids.at(row);
                    expect([receivedAt, receivedAt <= now - current.age]).toEqual([waiting[expired.side].get(id), true]);
                    waiting[expired.side].delete(id);
                  }
                }
              }
            });
          }
          expectInStep(opened, waiting);
        }
        opened.root.transactionSync(() => opened.pending.expire(steps.length, Infinity));
        expectInStep(opened, { y_true: new Map(), y_pred: new Map() });
        expect(opened.pending.oldestArrival()).toBeUndefined();
        await opened.root.close();
      }),
      { numRuns: 200 },
    );
  });
});
