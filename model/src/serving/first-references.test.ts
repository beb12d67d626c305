import {
  CHAMPION,
  Ids,
  MemoryBroker,
  MemoryBus,
  METRICS_EXCHANGE,
  readReferenceProposal,
  topologyOf,
  writeFirstReference,
  type Reference,
  type ReferenceProposal,
} from "@streamgauge/core";
import { captureLog } from "@streamgauge/testing";
import { expect, test, vi } from "vitest";
import { FirstReferences } from "./first-references.js";
import { FirstRows } from "./first-rows.js";
import type { PredictedRows } from "./predict-rows.js";

const FEATURES = ["x", "city"];

/** Rows with these values of `x`, all in Rome, predicted as twice that. */
function predicted(...x: readonly number[]): PredictedRows {
  const ids = Ids.of(x.map(String));
  const [rules, columns] = [{ features: FEATURES, kinds: [], allowsMissing: true } as const, [Float64Array.from(x), x.map(() => "Rome")]];
  const message = { format: "json", origin: 0, redeliveries: 0, rows: x.length, frame: undefined, refusals: [] } as const;
  const of = { message, rules, ids, rows: x.length, columns, refusals: [], passedOver: [] };
  return { of, ids, refusals: [], yPred: Float64Array.from(x, (value) => 2 * value), label: { model: "m@1", unit: "" } };
}

/** Two processes of a model that collect three rows, and metrics, which hears what they propose. */
async function stage() {
  const broker = new MemoryBroker(topologyOf([CHAMPION]));
  const { log } = captureLog();
  const metrics = new MemoryBus(broker, "metrics", log);
  const proposals: ReferenceProposal[] = [];
  await metrics.subscribe(METRICS_EXCHANGE, "test", (delivery) => {
    const proposal = readReferenceProposal(delivery);
    if (proposal !== undefined) proposals.push(proposal);
  });
  const open = async (name: string) => {
    const process = new FirstReferences({ bus: new MemoryBus(broker, name, log), lane: CHAMPION, rows: 3, monitored: [] });
    await process.follow();
    return process;
  };
  const accept = (reference: Reference, lane = CHAMPION) =>
    metrics.broadcast(METRICS_EXCHANGE, writeFirstReference({ lane, model: "m@1", reference }));
  return { one: await open("one"), other: await open("other"), proposals, accept };
}

test("the reference of the first rows has those that have a number as prediction, and no others", () => {
  const rows = new FirstRows(FEATURES, 3);
  rows.add([Float64Array.of(1, 2), ["Rome", "Oslo"]], Float64Array.of(10, Number.NaN));
  rows.add([Float64Array.of(1), ["Rome"]], Float64Array.of(10));
  expect(rows.reference).toBeUndefined();
  rows.add([Float64Array.of(5, 9), ["Oslo", "Mars"]], Float64Array.of(10, 10));
  expect(rows.reference).toMatchObject({
    rows: 3,
    from: "first_rows",
    features: {
      x: { bins: { centers: [1, 5] }, counts: [0, 0, 2, 1, 0] },
      city: { bins: { texts: ["Rome", "Oslo"] }, counts: [0, 0, 0, 2, 1] },
    },
    y_pred: { counts: [0, 0, 3, 0] },
  });
});

test("each process proposes its own rows, and codes only by what is accepted", async () => {
  const { one, other, proposals, accept } = await stage();
  one.note(predicted(1, 2, 3));
  other.note(predicted(4, 5, 6));
  await vi.waitFor(() => expect(proposals).toHaveLength(2));
  expect([one.coderOf("m@1", FEATURES), other.coderOf("m@1", FEATURES)]).toEqual([undefined, undefined]);
  const reference = proposals[0]?.reference;
  if (reference === undefined) throw new Error("It is the first one's.");
  expect(reference).toMatchObject({ rows: 3, from: "first_rows", features: { x: { bins: { centers: [1, 2, 3] } } } });
  accept(reference, "challenger");
  accept(reference);
  const hash = (process: FirstReferences) => process.coderOf("m@1", FEATURES)?.reference.hash;
  await vi.waitFor(() => expect(hash(other)).toMatch(/^[0-9a-f]{12}$/));
  await vi.waitFor(() => expect(hash(one)).toBe(hash(other)));
  // Inputs in another order: the same reference, and the codes of the same row.
  const [inOrder, turned] = [one.coderOf("m@1", FEATURES), one.coderOf("m@1", ["city", "x"])];
  const codes = [
    inOrder?.codesOf([Float64Array.of(3), ["Rome"]], Float64Array.of(2)).bytes,
    turned?.codesOf([["Rome"], Float64Array.of(3)], Float64Array.of(2)).bytes,
  ];
  expect(codes[0]).toEqual(codes[1]);
});

test("it proposes again what it codes by when metrics asks, as it may have lost its state", async () => {
  const { one, proposals, accept } = await stage();
  one.note(predicted(1, 2, 3));
  await vi.waitFor(() => expect(proposals).toHaveLength(1));
  const [first] = proposals;
  if (first?.reference === undefined) throw new Error("It is full.");
  accept(first.reference);
  await vi.waitFor(() => expect(one.coderOf("m@1", FEATURES)).toBeDefined());
  one.note(predicted(7, 8, 9));
  one.announce();
  await vi.waitFor(() => expect(proposals).toHaveLength(2));
  expect(proposals[1]).toEqual(first);
});
