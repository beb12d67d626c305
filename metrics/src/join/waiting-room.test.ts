import { DONE, Ids } from "@streamgauge/core";
import { expect, test } from "vitest";
import { HalfFrame } from "./half-frame.js";
import { WaitingRoom } from "./waiting-room.js";

function frame(...ids: string[]): HalfFrame {
  return new HalfFrame({
    side: "y_true",
    ids: Ids.of(ids),
    values: new Float64Array(ids.length),
    model: "",
    unit: "",
    receivedAt: 0,
    origin: 0,
    refused: 0,
    answer: () => undefined,
    outcome: DONE,
  });
}

function roomWith(...frames: HalfFrame[]): WaitingRoom {
  const room = new WaitingRoom();
  for (const each of frames) room.add(each);
  return room;
}

test("counts the frames and rows that wait, and knows the oldest", () => {
  const [first, second] = [frame("a", "b"), frame("c")];
  const room = roomWith(first, second);
  expect([room.size, room.rows, room.oldest]).toEqual([2, 3, first]);
  room.remove(first);
  room.remove(first);
  expect([room.size, room.rows, room.oldest]).toEqual([1, 1, second]);
  room.remove(second);
  expect([room.size, room.rows, room.oldest]).toEqual([0, 0, undefined]);
});

test("a twin has the same ids in the same order, and is whole", () => {
  const [first, second, other] = [frame("a", "b", "z"), frame("a", "b", "z"), frame("a", "c", "z")];
  const room = roomWith(other, first, second);
  expect(room.twinOf(frame("a", "b", "z"))).toBe(first);
  expect(room.twinOf(frame("z", "b", "a"))).toBeUndefined();
  expect(room.twinOf(frame("a", "b"))).toBeUndefined();
  first.settle(1);
  expect(room.twinOf(frame("a", "b", "z"))).toBe(second);
  room.remove(second);
  expect(room.twinOf(frame("a", "b", "z"))).toBeUndefined();
});

test("ids that concatenate to the same text are different", () => {
  expect(roomWith(frame("ab", "c", "d")).twinOf(frame("ab", "cd", "d"))).toBeUndefined();
  expect(roomWith(frame("ab", "c")).twinOf(frame("a", "bc"))).toBeUndefined();
});

test("a row is found by its id while it is open", () => {
  const [first, second] = [frame("a", "b"), frame("c")];
  const room = roomWith(first, second);
  expect(room.find("b")).toEqual({ frame: first, row: 1 });
  expect(room.find("c")).toEqual({ frame: second, row: 0 });
  expect(room.find("d")).toBeUndefined();
  first.settle(1);
  expect(room.find("b")).toBeUndefined();
  room.remove(second);
  expect(room.find("c")).toBeUndefined();
});

test("rows that come after a look-up are found too, and settled ones are not", () => {
  const room = roomWith(frame("a"));
  expect(room.find("b")).toBeUndefined();
  const late = frame("b", "c");
  late.settle(1);
  room.add(late);
  expect(room.find("b")).toEqual({ frame: late, row: 0 });
  expect(room.find("c")).toBeUndefined();
});

test("the first row of an id is found, and the next one after that is settled", () => {
  const [first, second, third] = [frame("a"), frame("a"), frame("a")];
  const room = roomWith(first, second);
  expect(room.find("a")).toEqual({ frame: first, row: 0 });
  first.settle(0);
  room.add(third);
  expect(room.find("a")).toEqual({ frame: third, row: 0 });
});

test("a frame with 65,536 rows of one id is indexed and removed without a quadratic search", () => {
  const same = frame(...Array.from({ length: 65_536 }, () => "a"));
  const room = roomWith(same);
  expect(room.find("a")).toEqual({ frame: same, row: 0 });
  room.remove(same);
  expect(room.find("a")).toBeUndefined();
});

test("a row of a large frame is found by its id, whichever of the others were looked for before", () => {
  const large = (prefix: string) => frame(...Array.from({ length: 100 }, (_, row) => `${prefix}${String(99 - row).padStart(2, "0")}`));
  const [first, second] = [large("a"), large("c")];
  const room = roomWith(first, second);
  expect(room.find("b50")).toBeUndefined();
  expect(room.find("c99")).toEqual({ frame: second, row: 0 });
  expect(room.find("a00")).toEqual({ frame: first, row: 99 });
  const late = large("b");
  room.add(late);
  expect(room.find("b50")).toEqual({ frame: late, row: 49 });
  room.remove(late);
  expect(room.find("b50")).toBeUndefined();
});

test("of an id in two large frames the first copy is found, also if the second was looked at before", () => {
  const ids = Array.from({ length: 100 }, (_, row) => `m${row}`);
  const [first, second] = [frame(...ids), frame(...ids, "z")];
  const room = roomWith(first, second);
  expect(room.find("z")).toEqual({ frame: second, row: 100 });
  expect(room.find("m7")).toEqual({ frame: first, row: 7 });
});

test("one range serves all ids that are looked for together", () => {
  const ids = Array.from({ length: 100 }, (_, row) => `m${row}`);
  const [waiting, among] = [frame(...ids), { least: "m1", greatest: "z" }];
  const room = roomWith(waiting);
  expect(room.find("m1", among)).toEqual({ frame: waiting, row: 1 });
  const late = frame("q");
  room.add(late);
  expect(room.find("q", among)).toEqual({ frame: late, row: 0 });
});
