import { describe, expect, test } from "vitest";
import { freshFolder } from "@streamgauge/testing/vitest";
import { RETENTION_MS, TestLane } from "../testing/test-lane.js";

const folder = freshFolder();
const LOG = "metric_log.csv";
const HEADER = "id,y_true,y_pred,absolute_error\n";
const DONE = { kind: "done" };

/** The lines of a file beside the log, without its header. */
function records(name: string): string[] {
  return folder.read(name).split("\n").slice(1, -1);
}

describe("a frame and its twin", () => {
  test.each([["labels first"], ["predictions first"]])("%s: all pairs are logged in their order", async (order) => {
    const lane = await TestLane.open(folder);
    const labels = () => lane.labels(["a", 1], ["b", 2]);
    const predictions = () => lane.predictions(["a", 3], ["b", 2.5]);
    const sent = order === "labels first" ? [labels(), predictions()] : [predictions(), labels()];
    expect(sent.map(({ outcome }) => outcome)).toEqual([undefined, undefined]);
    lane.commit();
    expect(sent.map(({ outcome }) => outcome)).toEqual([DONE, DONE]);
    expect(folder.read(LOG)).toBe(`${HEADER}a,1,3,2\nb,2,2.5,0.5\n`);
    expect(lane.balance("y_true")).toEqual({ received: 2, logged: 2 });
    expect(lane.balance("y_pred")).toEqual({ received: 2, logged: 2 });
    await lane.join.close();
  });

  test("meet across commits", async () => {
    const lane = await TestLane.open(folder);
    const labels = lane.labels(["a", 1], ["b", 2]);
    lane.clock.advance(500);
    expect(labels.outcome).toBeUndefined();
    expect(lane.balance("y_true")).toEqual({});
    lane.predictions(["a", 1], ["b", 2]);
    lane.commit();
    expect(labels.outcome).toEqual(DONE);
    expect(records(LOG)).toEqual(["a,1,1,0", "b,2,2,0"]);
    await lane.join.close();
  });

  test("the first of two twins is joined; the other is a duplicate when it spills", async () => {
    const lane = await TestLane.open(folder);
    const [first, second] = [lane.labels(["a", 1]), lane.labels(["a", 1])];
    lane.predictions(["a", 2]);
    lane.commit();
    expect([first.outcome, second.outcome]).toEqual([DONE, undefined]);
    lane.spill();
    expect(second.outcome).toEqual(DONE);
    expect(records(LOG)).toEqual(["a,1,2,1"]);
    expect(lane.balance("y_true")).toEqual({ received: 2, logged: 1, duplicates: 1 });
    await lane.join.close();
  });

  test("frames that only start and end alike are not twins", async () => {
    const lane = await TestLane.open(folder);
    lane.labels(["a", 1], ["b", 2], ["z", 3]);
    lane.predictions(["a", 1], ["c", 2], ["z", 3]);
    lane.commit();
    expect(records(LOG)).toEqual(["a,1,1,0", "z,3,3,0"]);
    await lane.join.close();
  });
});

describe("row by row", () => {
  test("frames of different sizes and orders are joined in the order of the last one", async () => {
    const lane = await TestLane.open(folder);
    const waiting = [lane.labels(["a", 1], ["b", 2]), lane.labels(["c", 3])];
    lane.predictions(["c", 3], ["b", 2]);
    lane.commit();
    expect(records(LOG)).toEqual(["c,3,3,0", "b,2,2,0"]);
    expect(waiting.map(({ outcome }) => outcome)).toEqual([undefined, DONE]);
    lane.predictions(["a", 1]);
    lane.commit();
    expect(waiting.map(({ outcome }) => outcome)).toEqual([DONE, DONE]);
    expect(records(LOG)).toEqual(["c,3,3,0", "b,2,2,0", "a,1,1,0"]);
    await lane.join.close();
  });

  test("a partly joined frame is no longer a twin", async () => {
    const lane = await TestLane.open(folder);
    lane.labels(["a", 1], ["b", 2]);
    lane.predictions(["a", 1]);
    lane.commit();
    lane.predictions(["a", 1], ["b", 2]);
    lane.commit();
    expect(records(LOG)).toEqual(["a,1,1,0", "b,2,2,0"]);
    lane.spill();
    expect(lane.balance("y_pred")).toEqual({ received: 3, logged: 2, duplicates: 1 });
    await lane.join.close();
  });

  test("a row is joined once, even if its partner's id is twice in a frame", async () => {
    const lane = await TestLane.open(folder);
    lane.labels(["a", 1], ["x", 0]);
    lane.predictions(["a", 3], ["a", 4]);
    lane.commit();
    expect(records(LOG)).toEqual(["a,1,3,2"]);
    lane.spill();
    expect(lane.balance("y_pred")).toEqual({ received: 2, logged: 1, conflicts: 1 });
    await lane.join.close();
  });
});

describe("in the store", () => {
  test("a spilled half is durable and answered", async () => {
    const lane = await TestLane.open(folder);
    const labels = lane.labels(["a", 1], ["b", 2]);
    lane.spill();
    expect(labels.outcome).toEqual(DONE);
    expect(lane.balance("y_true")).toEqual({ received: 2, pending: 2 });
    expect(records(LOG)).toEqual([]);
    await lane.join.close();
  });

  test("a half is joined with a partner that comes later, after a restart too", async () => {
    let lane = await TestLane.open(folder);
    lane.labels(["a", 1], ["b", 2]);
    lane.spill();
    lane = await lane.reopen(folder);
    expect(lane.balance("y_true")).toEqual({ received: 2, pending: 2 });
    const predictions = lane.predictions(["b", 5]);
    lane.commit();
    expect(predictions.outcome).toEqual(DONE);
    expect(records(LOG)).toEqual(["b,2,5,3"]);
    expect(lane.balance("y_true")).toEqual({ received: 2, logged: 1, pending: 1 });
    expect(lane.balance("y_pred")).toEqual({ received: 1, logged: 1 });
    await lane.join.close();
  });

  test("late labels find their predictions after a restart", async () => {
    let lane = await TestLane.open(folder);
    lane.predictions(["a", 1], ["größe, \n", 2]);
    lane.spill();
    lane = await lane.reopen(folder);
    lane.labels(["größe, \n", 1], ["a", 1]);
    lane.commit();
    expect(folder.read(LOG)).toBe(`${HEADER}"größe, \n",1,2,1\na,1,1,0\n`);
    expect(lane.join.state.store.count("y_pred")).toBe(0);
    await lane.join.close();
  });

  test("a frame is joined with the store and with what waits in memory", async () => {
    const lane = await TestLane.open(folder);
    lane.labels(["old", 1]);
    lane.spill();
    lane.labels(["new", 2]);
    const predictions = lane.predictions(["new", 2], ["old", 1], ["none", 0]);
    lane.commit();
    expect(records(LOG)).toEqual(["old,1,1,0", "new,2,2,0"]);
    expect(predictions.outcome).toBeUndefined();
    lane.spill();
    expect(predictions.outcome).toEqual(DONE);
    expect(lane.balance("y_pred")).toEqual({ received: 3, logged: 2, pending: 1 });
    await lane.join.close();
  });

  test("a frame that is partly joined with the store is not joined as a twin", async () => {
    const lane = await TestLane.open(folder);
    lane.labels(["a", 1]);
    lane.spill();
    lane.labels(["a", 1], ["b", 2]);
    lane.commit();
    lane.predictions(["a", 3], ["b", 4]);
    lane.commit();
    expect(records(LOG)).toEqual(["a,1,3,2", "b,2,4,2"]);
    lane.spill();
    expect(lane.balance("y_true")).toEqual({ received: 3, logged: 2, duplicates: 1 });
    expect(lane.balance("y_pred")).toEqual({ received: 2, logged: 2 });
    await lane.join.close();
  });

  test("an id twice in one frame takes the stored half once", async () => {
    const lane = await TestLane.open(folder);
    lane.labels(["a", 1]);
    lane.spill();
    lane.predictions(["a", 2], ["a", 2]);
    lane.spill();
    expect(records(LOG)).toEqual(["a,1,2,1"]);
    expect(lane.balance("y_pred")).toEqual({ received: 2, logged: 1, duplicates: 1 });
    await lane.join.close();
  });
});

describe.each([
  ["y_true", "y_pred"],
  ["y_pred", "y_true"],
] as const)("an id that already has a %s", (side, other) => {
  test("in the log: the same value is a duplicate, a different one a conflict", async () => {
    const lane = await TestLane.open(folder);
    lane.send(side, [["a", 1]]);
    lane.send(other, [["a", 1]]);
    lane.commit();
    const again = lane.send(side, [
      ["a", 1],
      ["a", 7],
    ]);
    lane.spill();
    expect(again.outcome).toEqual(DONE);
    expect(records(LOG)).toEqual(["a,1,1,0"]);
    expect(lane.balance(side)).toEqual({ received: 3, logged: 1, duplicates: 1, conflicts: 1 });
    expect(lane.balance(other)).toEqual({ received: 1, logged: 1 });
    const model = side === "y_pred" ? "linear 1" : "";
    expect(folder.read("conflicts.csv")).toBe(`id,field,kept,refused,model,received_at\na,${side},1,7,${model},2026-01-31T12:00:00.005Z\n`);
    await lane.join.close();
  });

  test("in the store: the first value stays", async () => {
    const lane = await TestLane.open(folder);
    lane.send(side, [["a", 1]]);
    lane.spill();
    lane.send(side, [["a", 1]]);
    lane.send(side, [["a", 7]]);
    lane.spill();
    expect(lane.balance(side)).toEqual({ received: 3, pending: 1, duplicates: 1, conflicts: 1 });
    lane.send(other, [["a", 1]]);
    lane.commit();
    expect(records(LOG)).toEqual(["a,1,1,0"]);
    expect(records("conflicts.csv")).toHaveLength(1);
    await lane.join.close();
  });

  test("in the same frame: the first value stays", async () => {
    const lane = await TestLane.open(folder);
    lane.send(side, [
      ["a", 1],
      ["a", 7],
      ["a", 1],
    ]);
    lane.spill();
    expect(lane.balance(side)).toEqual({ received: 3, pending: 1, duplicates: 1, conflicts: 1 });
    await lane.join.close();
  });

  test("both sides again: no second line", async () => {
    const lane = await TestLane.open(folder);
    for (const value of [1, 2]) {
      lane.send(side, [["a", value]]);
      lane.send(other, [["a", 1]]);
      lane.commit();
    }
    expect(records(LOG)).toEqual(["a,1,1,0"]);
    expect(lane.balance(side)).toEqual({ received: 2, logged: 1, conflicts: 1 });
    expect(lane.balance(other)).toEqual({ received: 2, logged: 1, duplicates: 1 });
    await lane.join.close();
  });

  test("twice in a frame and in its twin", async () => {
    const lane = await TestLane.open(folder);
    lane.send(side, [
      ["a", 1],
      ["b", 2],
      ["a", 9],
    ]);
    lane.send(other, [
      ["a", 1],
      ["b", 2],
      ["a", 1],
    ]);
    lane.commit();
    expect(records(LOG)).toEqual(["a,1,1,0", "b,2,2,0"]);
    expect(lane.balance(side)).toEqual({ received: 3, logged: 2, conflicts: 1 });
    expect(lane.balance(other)).toEqual({ received: 3, logged: 2, duplicates: 1 });
    await lane.join.close();
  });

  test("after a restart", async () => {
    let lane = await TestLane.open(folder);
    lane.send(side, [["a", 1]]);
    lane.send(other, [["a", 1]]);
    lane.commit();
    lane = await lane.reopen(folder);
    lane.send(side, [["a", 2]]);
    lane.spill();
    expect(lane.balance(side)).toEqual({ received: 2, logged: 1, conflicts: 1 });
    await lane.join.close();
  });
});

describe("too late", () => {
  test("a half whose partner does not come is unmatched", async () => {
    const lane = await TestLane.open(folder);
    lane.labels(["a", 1.5], ["b,c", 2]);
    lane.predictions(["d", 3]);
    lane.clock.advance(RETENTION_MS - 1);
    expect(lane.balance("y_true")).toEqual({ received: 2, pending: 2 });
    lane.clock.advance(10);
    expect(folder.read("unmatched.csv")).toBe(
      "id,field,value,model,received_at,reason\n" +
        "a,y_true,1.5,,2026-01-31T12:00:00.000Z,no prediction came within 60000 ms\n" +
        '"b,c",y_true,2,,2026-01-31T12:00:00.000Z,no prediction came within 60000 ms\n' +
        "d,y_pred,3,linear 1,2026-01-31T12:00:00.000Z,no label came within 60000 ms\n",
    );
    expect(lane.balance("y_true")).toEqual({ received: 2, unmatched: 2 });
    expect(lane.balance("y_pred")).toEqual({ received: 1, unmatched: 1 });
    expect(lane.join.state.pending.oldestArrival()).toBeUndefined();
    await lane.join.close();
  });

  test("an expired half that is sent again waits again", async () => {
    const lane = await TestLane.open(folder);
    lane.labels(["a", 1]);
    lane.clock.advance(RETENTION_MS + 10);
    lane.labels(["a", 1]);
    lane.spill();
    lane.predictions(["a", 1]);
    lane.commit();
    expect(records(LOG)).toEqual(["a,1,1,0"]);
    expect(lane.balance("y_true")).toEqual({ received: 2, logged: 1, unmatched: 1 });
    await lane.join.close();
  });

  test("a half that was joined in time does not expire", async () => {
    const lane = await TestLane.open(folder);
    lane.labels(["a", 1]);
    lane.spill();
    lane.predictions(["a", 1]);
    lane.clock.advance(RETENTION_MS * 2);
    expect(records("unmatched.csv")).toEqual([]);
    expect(lane.balance("y_true")).toEqual({ received: 1, logged: 1 });
    await lane.join.close();
  });

  test("after a restart halves expire by their time of arrival", async () => {
    let lane = await TestLane.open(folder);
    lane.labels(["a", 1]);
    lane.spill();
    lane = await lane.reopen(folder);
    lane.clock.advance(RETENTION_MS - 1_100);
    expect(records("unmatched.csv")).toEqual([]);
    lane.clock.advance(200);
    expect(records("unmatched.csv")).toHaveLength(1);
    await lane.join.close();
  });

  test("more halves than one commit takes expire in several", async () => {
    const lane = await TestLane.open(folder);
    for (let frame = 0; frame < 5; frame += 1) lane.labels(...Array.from({ length: 9_000 }, (_, i) => [`${frame}-${i}`, i] as const));
    lane.clock.advance(RETENTION_MS - 1);
    const before = lane.commits.length;
    lane.clock.advance(100);
    expect(lane.commits.length - before).toBe(2);
    expect(lane.balance("y_true")).toEqual({ received: 45_000, unmatched: 45_000 });
    expect(records("unmatched.csv")).toHaveLength(45_000);
    await lane.join.close();
  });
});

describe("rows that were refused", () => {
  test("are counted with the others of their message", async () => {
    const lane = await TestLane.open(folder);
    lane.send("y_true", [["a", 1]], 2);
    lane.predictions(["a", 1]);
    const nothing = lane.send("y_true", [], 1);
    lane.commit();
    expect(nothing.outcome).toEqual(DONE);
    expect(lane.balance("y_true")).toEqual({ received: 4, logged: 1, deadLettered: 3 });
    await lane.join.close();
  });
});

describe("the latest rows", () => {
  test("are those logged since the last call, at most 20, the latest last", async () => {
    const lane = await TestLane.open(folder);
    lane.labels(["a", 1], ["b", 2]);
    lane.predictions(["a", 1], ["b", 4]);
    lane.commit();
    expect(lane.join.cycle.takeLatest()).toEqual([
      { id: "a", y_true: 1, y_pred: 1, absolute_error: 0 },
      { id: "b", y_true: 2, y_pred: 4, absolute_error: 2 },
    ]);
    expect(lane.join.cycle.takeLatest()).toEqual([]);
    const many = Array.from({ length: 30 }, (_, i) => [`${i}`, i] as const);
    for (const send of [lane.labels.bind(lane), lane.predictions.bind(lane)]) send(["a", 1], ["c", 3], ...many, ["b", 2]);
    lane.commit();
    expect(lane.join.cycle.takeLatest().map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, i) => `${i + 10}`));
    await lane.join.close();
  });
});
