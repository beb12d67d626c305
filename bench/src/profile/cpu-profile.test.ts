import { expect, test } from "vitest";
import { stackTimes, topSelfTimes } from "./cpu-profile.js";

const URL = "file:///home/someone/streamgauge/node_modules/amqplib/lib/codec.js";
/** From 1 s on, a sample each ms: main, encode, encode, idle, main. */
const PROFILE = {
  nodes: [
    { id: 1, callFrame: { functionName: "(root)", url: "", lineNumber: -1 }, children: [2, 4] },
    { id: 2, callFrame: { functionName: "main", url: "file:///home/someone/streamgauge/core/dist/main.js", lineNumber: 4 }, children: [3] },
    { id: 3, callFrame: { functionName: "", url: URL, lineNumber: 70 } },
    { id: 4, callFrame: { functionName: "(idle)", url: "", lineNumber: -1 } },
  ],
  startTime: 1_000_000,
  samples: [2, 3, 3, 4, 2],
  timeDeltas: [0, 1_000, 1_000, 1_000, 1_000],
};

function named(from: number, to: number) {
  return stackTimes(PROFILE, from, to).map(({ stack, ms }) => [stack.map(({ functionName }) => functionName).join(" < "), ms]);
}

test("a sample lasts until the next, and waiting is no work", () => {
  expect(named(0, Infinity)).toEqual([
    ["main < (root)", 1],
    [" < main < (root)", 2],
  ]);
});

test("only what lies within the window counts", () => {
  expect(named(1_001, 1_002)).toEqual([[" < main < (root)", 1]]);
  expect(named(2_000, 3_000)).toEqual([]);
});

test("functions by the time in themselves", () => {
  expect(topSelfTimes(stackTimes(PROFILE, 0, Infinity), 1)).toEqual([
    { name: "(anonymous)", where: "amqplib/lib/codec.js:71", share: 2 / 3 },
  ]);
  expect(topSelfTimes(stackTimes(PROFILE, 0, Infinity), 9)[1]).toEqual({ name: "main", where: "core/dist/main.js:5", share: 1 / 3 });
});
