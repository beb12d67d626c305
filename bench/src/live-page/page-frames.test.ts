import { expect, test } from "vitest";
import { frameFigures } from "./page-frames.js";

const task = (tid: number, ms: number, cpuMs: number, name = "RunTask") => ({
  name,
  ph: "X",
  pid: 7,
  tid,
  dur: ms * 1_000,
  tdur: cpuMs * 1_000,
});

test("tasks of a millisecond or more of the page's main thread count", () => {
  const traceEvents = [
    { name: "thread_name", ph: "M", pid: 7, tid: 1, args: { name: "CrRendererMain" } },
    { name: "thread_name", ph: "M", pid: 7, tid: 2, args: { name: "Compositor" } },
    task(1, 4, 3),
    task(1, 40, 12),
    task(1, 8, 8),
    task(1, 0.5, 0.5),
    task(1, 90, 90, "FunctionCall"),
    task(2, 70, 70),
  ];
  expect(frameFigures(Buffer.from(JSON.stringify({ traceEvents })))).toEqual({
    tasks: 3,
    clock: { p50: 8, p99: 40, longest: 40 },
    processor: { p50: 8, p99: 12, longest: 12 },
  });
});
