import { expect, test } from "vitest";
import { runLimited } from "./limited-script.js";

const WAIT = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(process.argv[1]));";

test("a script gets its arguments, and what it prints is read", () => {
  const ended = runLimited("process.stdout.write(process.argv.slice(1).join())", ["a", "b"], { processorMs: 10_000, ms: 20_000 });
  expect(ended).toEqual({ end: "finished", signal: null, stdout: "a,b" });
});

test("a script that only computes is endless", () => {
  expect(runLimited("for (;;);", [], { processorMs: 1_000, ms: 25_000 }).end).toBe("endless");
});

test("a script that waits is not, as long as its time has not passed", () => {
  expect(runLimited(WAIT, ["2000"], { processorMs: 1_500, ms: 20_000 }).end).toBe("finished");
  expect(runLimited(WAIT, ["60000"], { processorMs: 10_000, ms: 1_500 }).end).toBe("stalled");
});
