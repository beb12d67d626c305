import { expect, test } from "vitest";
import { stageOf, timeByStage } from "./stages.js";

const APP = "file:///home/someone/streamgauge";
const LIBRARY = `${APP}/node_modules`;

function frame(functionName: string, url = "") {
  return { functionName, url, line: 1 };
}

const SOCKET = [frame("emit", "node:events"), frame("onStreamRead", "node:internal/stream_base_commons"), frame("(root)")];
const RECEIVED = [
  frame("#receive", `${APP}/core/dist/bus/rabbit/consumer.js`),
  frame("dispatchMessage", `${LIBRARY}/amqplib/lib/channel.js`),
  ...SOCKET,
];
const COMMIT = [
  frame("", `${APP}/metrics/dist/join/commit-cycle.js`),
  frame("transactionSync", `${LIBRARY}/lmdb/write.js`),
  frame("commit", `${APP}/metrics/dist/state/state-store.js`),
  frame("#run", `${APP}/metrics/dist/join/commit-cycle.js`),
  frame("processImmediate", "node:internal/timers"),
];

test.each([
  [
    "decode",
    [
      frame("parse"),
      frame("parseJsonBody", `${APP}/core/dist/frames/json-body.js`),
      frame("read", `${APP}/core/dist/frames/label-contract.js`),
      ...RECEIVED,
    ],
  ],
  [
    "encode",
    [
      frame("at", `${APP}/core/dist/frames/ids.js`),
      frame("write", `${APP}/core/dist/frames/scalar-frames.js`),
      frame("#send", `${APP}/features/dist/service.js`),
    ],
  ],
  ["broker", RECEIVED],
  ["broker", [frame("writeBuffer"), frame("Socket._write", "node:net")]],
  ["infer", [frame("", `${LIBRARY}/onnxruntime-node/dist/backend.js`)]],
  ["source", [frame("runIds", `${APP}/features/dist/run-ids.js`)]],
  ["join", COMMIT],
  ["join", [frame("at", `${APP}/core/dist/frames/ids.js`), frame("stage", `${APP}/metrics/dist/log/metric-log.js`), ...COMMIT]],
  [
    "format",
    [frame("formatLine", `${APP}/metrics/dist/log/log-line.js`), frame("stage", `${APP}/metrics/dist/log/metric-log.js`), ...COMMIT],
  ],
  ["sync", [frame("fdatasync"), frame("sync", `${APP}/metrics/dist/log/append-file.js`), ...COMMIT]],
  ["sync", COMMIT.slice(1)],
  ["draw", [frame("fillText"), frame("draw", `${LIBRARY}/chart.js/dist/chart.js`), frame("draw", `${APP}/plot/dist/service.js`)]],
  ["garbage", [frame("(garbage collector)"), frame("(root)")]],
  ["other", [frame("(program)"), frame("(root)")]],
] as const)("%s, case %#", (expected, stack) => {
  expect(stageOf(stack)).toBe(expected);
});

test("time of the same stage is added", () => {
  const times = [
    { stack: RECEIVED, ms: 2 },
    { stack: SOCKET, ms: 1 },
    { stack: COMMIT, ms: 4 },
  ];
  expect([...timeByStage(times)]).toEqual([
    ["broker", 3],
    ["join", 4],
  ]);
});
