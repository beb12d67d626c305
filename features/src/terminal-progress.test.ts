import { captureLog } from "@streamgauge/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { showProgress } from "./terminal-progress.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const progress = { run: "r1", rows: 1_500, sent: 1_000, unlabelled: 0, malformed: 0 };

function terminal(isTTY: boolean, columns: number) {
  const written: string[] = [];
  const write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  return { written, out: { isTTY, columns, write } };
}

describe("on a terminal", () => {
  test("one line is kept up to date, and is left when it ends", () => {
    const { written, out } = terminal(true, 120);
    const { log, lines } = captureLog();
    const live = { progress };
    const shown = showProgress(live, 0, log, out);
    vi.advanceTimersByTime(250);
    live.progress = { run: "r1", rows: 2_500, sent: 2_000, unlabelled: 0, malformed: 3 };
    vi.advanceTimersByTime(250);
    void shown.close();
    vi.advanceTimersByTime(5_000);
    expect(written).toEqual([
      "\r\x1b[2KRun r1: 1,500 rows sent, 4,000 rows/s",
      "\r\x1b[2KRun r1: 2,500 rows sent, 4,000 rows/s, 3 malformed lines",
      "\r\x1b[2KRun r1: 2,500 rows sent, 4,000 rows/s, 3 malformed lines",
      "\n",
    ]);
    expect(lines).toEqual([]);
  });

  test.each([
    [20, "Run r1: 1,500 of 2,"],
    [0, "Run r1: 1,500 of 2,000 rows sent, 4,000 rows/s"],
  ])("of %i columns the line does not wrap", (columns, line) => {
    const { written, out } = terminal(true, columns);
    const shown = showProgress({ progress }, 2_000, captureLog().log, out);
    vi.advanceTimersByTime(250);
    void shown.close();
    expect(written[0]).toBe(`\r\x1b[2K${line}`);
  });
});

describe("elsewhere", () => {
  test("a log line comes now and then, and at the end", () => {
    const { written, out } = terminal(false, 0);
    const { log, lines } = captureLog();
    const shown = showProgress({ progress }, 2_000, log, out);
    vi.advanceTimersByTime(10_000);
    expect(lines).toEqual([expect.stringContaining("Run r1: 1,500 of 2,000 rows sent, 100 rows/s")]);
    void shown.close();
    vi.advanceTimersByTime(60_000);
    expect(lines).toHaveLength(2);
    expect(written).toEqual([]);
  });

  test("what ends at once has no pace", () => {
    const { log, lines } = captureLog();
    void showProgress({ progress }, 0, log, terminal(false, 0).out).close();
    expect(lines).toEqual([expect.stringContaining("Run r1: 1,500 rows sent, 0 rows/s")]);
  });
});
