import { forEachMetric, type ErrorChange, type MetricNotice } from "@streamgauge/core";
import { describe, expect, test } from "vitest";
import { FakeTerminal } from "./fixtures/fake-terminal.js";
import { openLiveView, type Terminal } from "./live-view.js";

function row(id: string, y_true: number, y_pred: number): MetricNotice["rows"][number] {
  return { id, y_true, y_pred, absolute_error: Math.abs(y_true - y_pred) };
}

function notice(count: number, rows: MetricNotice["rows"], more: Partial<MetricNotice["statistics"]> = {}): MetricNotice {
  const statistics = {
    count,
    ...forEachMetric(() => 0),
    mae: 43.27745262,
    rmse: 53.47612,
    r2: 0.51774842,
    p95: 98.37612,
    ...more,
  };
  return { lane: "champion", model: "diabetes@ca12cffa9dbb", unit: "", statistics, rows };
}

/** Rows `first` … `last`, called r1, r2, … */
function numbered(first: number, last: number): MetricNotice["rows"] {
  return Array.from({ length: last - first + 1 }, (_, i) => row(`r${first + i}`, 151, 150));
}

/** The first word of each line of the table. */
function idsIn(lines: readonly string[]): string[] {
  return lines.flatMap((line) => /^r\d+/.exec(line)?.[0] ?? []);
}

const VIEW = [
  "",
  "id                              y_true      y_pred       error",
  "mwpixsni7y4z-0000000029            151     150.025       0.975",
  "mwpixsni7y4z-0000000030       -0.00012   1.235e+25   1.235e+25",
  "",
  "1,474 rows logged   MAE 43.2775   RMSE 53.4761   R² 0.517748   p95 98.3761",
  "model diabetes@ca12cffa9dbb   Ctrl-C ends",
];
const SHOWN = notice(1_474, [
  row("mwpixsni7y4z-0000000029", 151, 150.025),
  { id: "mwpixsni7y4z-0000000030", y_true: -0.00012, y_pred: 1.235e25, absolute_error: 1.235e25 },
]);

describe("on a terminal", () => {
  test("the view is drawn", () => {
    const terminal = new FakeTerminal(80, 24);
    openLiveView(terminal).show(SHOWN);
    expect(terminal.lines).toEqual([...VIEW, ""]);
  });

  test("corrected figures have a line of their own", () => {
    const terminal = new FakeTerminal(80, 24);
    const { statistics } = notice(1_474, [], { mae: 42, r2: null });
    openLiveView(terminal).show({ ...SHOWN, corrected: { corrections: 1_200, statistics } });
    expect(terminal.lines).toContain("1,200 labels corrected   MAE 42   RMSE 53.4761   R² –   p95 98.3761");
    openLiveView(terminal).show({ ...SHOWN, corrected: { corrections: 1, statistics } });
    expect(terminal.lines).toContain("1 label corrected   MAE 42   RMSE 53.4761   R² –   p95 98.3761");
  });

  const CHANGE: ErrorChange = {
    kind: "worse",
    model: "diabetes@ca12cffa9dbb",
    since_row: 4_002,
    since_time: "2026-11-29T05:51:00.000Z",
    row: 4_057,
    time: "2026-11-29T05:52:00.000Z",
    mean_before: 43,
    mean_since: 94,
    mean_since_low: 55,
    mean_since_high: 133,
    raised_again: 3,
  };

  test.each([
    [{ state: "reference" } as const, "model diabetes@ca12cffa9dbb   alarm learns   Ctrl-C ends"],
    [{ state: "ok" } as const, "model diabetes@ca12cffa9dbb   no alarm   Ctrl-C ends"],
    [{ state: "worse", row: 1_234 } as const, "model diabetes@ca12cffa9dbb   ALARM: error is worse, row 1,234   Ctrl-C ends"],
    [
      { state: "worse", row: 1_234, change: CHANGE } as const,
      "model diabetes@ca12cffa9dbb   ALARM: error is worse since 2026-11-29 05:51 UTC   Ctrl-C ends",
    ],
    [
      { state: "worse", change: { ...CHANGE, since_time: null } } as const,
      "model diabetes@ca12cffa9dbb   ALARM: error is worse since row 4,002   Ctrl-C ends",
    ],
  ])("the alarm on the error is behind the model: %j", (alarm, line) => {
    const terminal = new FakeTerminal(120, 24);
    openLiveView(terminal).show({ ...SHOWN, alarm });
    expect(terminal.lines).toContain(line);
  });

  test.each([
    [{ predicted: 3_600, labelled: 1_102, mae: 39.87 }, "last hour   MAE 39.87   coverage 30.6 % of 3,600 predictions"],
    [{ predicted: 5, labelled: 0, mae: null }, "last hour   MAE –   coverage 0.0 % of 5 predictions"],
  ])("the last hour has a line of its own: %j", (hour, line) => {
    const terminal = new FakeTerminal(80, 24);
    openLiveView(terminal).show({ ...SHOWN, hour });
    expect(terminal.lines).toContain(line);
  });

  test("the interval of predictions is behind the last hour", () => {
    const terminal = new FakeTerminal(80, 24);
    const hour = { predicted: 3_600, labelled: 1_102, mae: 39.87 };
    openLiveView(terminal).show({ ...SHOWN, hour, interval: { coverage: 0.9, half_width: 89.1 } });
    expect(terminal.lines).toContain("last hour   MAE 39.87   coverage 30.6 % of 3,600 predictions   ±89.1 (90 %)");
  });

  test("what is beyond the largest double is an overflow, and what has too few rows a dash", () => {
    const terminal = new FakeTerminal(90, 24);
    const huge = { id: "huge", y_true: 1.7e308, y_pred: -1.7e308, absolute_error: null };
    openLiveView(terminal).show(notice(2, [huge], { mae: null, rmse: null, r2: null, overflowed: ["mae", "rmse"] }));
    expect(terminal.lines[2]).toMatch(/^huge +1\.7e\+308 +-1\.7e\+308 +overflow$/);
    expect(terminal.lines).toContain("2 rows logged   MAE overflow   RMSE overflow   R² –   p95 98.3761");
  });

  test("the view is redrawn in place, with the last twelve rows", () => {
    const terminal = new FakeTerminal(80, 24);
    const view = openLiveView(terminal);
    for (let last = 5; last <= 200; last += 5) view.show(notice(last, numbered(last - 4, last)));
    expect(idsIn(terminal.lines)).toEqual(numbered(189, 200).map(({ id }) => id));
    expect(terminal.lines.filter((line) => line.includes("rows logged"))).toEqual([expect.stringMatching(/^200 rows logged/)]);
  });

  test("log lines stand above it, each once, whole", () => {
    const terminal = new FakeTerminal(80, 24);
    const view = openLiveView(terminal);
    view.logLines.write("first\n");
    view.show(SHOWN);
    view.logLines.write("second\n");
    view.logLines.write(Buffer.from("third\n"));
    view.show(SHOWN);
    expect(terminal.lines.slice(0, 4)).toEqual(["first", "second", "third", ""]);
    expect(terminal.lines.filter((line) => line.startsWith("id "))).toHaveLength(1);
    expect(terminal.lines.at(-2)).toBe("model diabetes@ca12cffa9dbb   Ctrl-C ends");
  });

  test("many log lines scroll by above it", () => {
    const terminal = new FakeTerminal(80, 24);
    const view = openLiveView(terminal);
    const said = Array.from({ length: 60 }, (_, i) => `line ${i}`);
    for (const [i, line] of said.entries()) {
      view.logLines.write(`${line}\n`);
      if (i % 7 === 0) view.show(notice(i, numbered(i, i)));
    }
    expect(terminal.lines.filter((line) => line.startsWith("line"))).toEqual(said);
    expect(terminal.lines.filter((line) => line.includes("rows logged"))).toHaveLength(1);
  });

  test.each([
    [10, 24],
    [30, 24],
    [62, 24],
    [63, 24],
    [80, 8],
    [80, 5],
    [80, 3],
    [20, 3],
    [200, 60],
  ])("of %i columns and %i rows it neither wraps nor leaves anything behind", (columns, rows) => {
    const terminal = new FakeTerminal(columns, rows);
    const view = openLiveView(terminal);
    for (let i = 1; i <= 40; i += 1) view.show(notice(i, numbered(i, i)));
    void view.close();
    expect(terminal.wraps).toBe(0);
    const [last] = idsIn(terminal.lines).slice(-1);
    expect(terminal.lines.length).toBeLessThanOrEqual(rows);
    expect(terminal.lines.filter((line) => line.startsWith("model"))).toHaveLength(1);
    // Three rows are too few for the view even without its data rows.
    expect(last).toBe(rows < 5 ? undefined : "r40");
  });

  test("that is narrow shows all numbers, and of ids the end", () => {
    const terminal = new FakeTerminal(48, 24);
    openLiveView(terminal).show(SHOWN);
    expect(terminal.lines.slice(1, 3)).toEqual([
      "id               y_true      y_pred       error",
      "…0000000029         151     150.025       0.975",
    ]);
  });

  test("that does not know its size is taken for one of 80 columns and 24 rows", () => {
    const written: string[] = [];
    const terminal: Terminal = { isTTY: true, columns: 0, rows: 0, write: (text) => written.push(text) };
    openLiveView(terminal).show(SHOWN);
    const dim = (text: string) => `\u001b[2m${text}\u001b[22m`;
    const [blank, head, one, other, space, total, model = ""] = VIEW;
    expect(written.join("").split("\n")).toEqual([blank, dim(head ?? ""), one, other, space, total, dim(model), ""]);
  });

  test("ids can neither control it nor make it wrap", () => {
    const terminal = new FakeTerminal(50, 24);
    const view = openLiveView(terminal);
    const rows = [row("\u001b[2Jtwo\nlines", 1, 1), row("東京".repeat(30), 1, 1), row("x".repeat(128), 1, 1), row("🙂", 1, 1)];
    for (let i = 0; i < 3; i += 1) view.show(notice(i, rows));
    expect(terminal.wraps).toBe(0);
    expect(terminal.lines[2]).toMatch(/^…o\\u000alines +1 +1 +0$/);
    expect(terminal.lines[3]).toMatch(/^…東京東京東京 +1 +1 +0$/);
    expect(terminal.lines.filter((line) => line.includes("rows logged"))).toHaveLength(1);
  });

  test("what is not known yet is a dash", () => {
    const terminal = new FakeTerminal(80, 24);
    openLiveView(terminal).show(notice(1, numbered(1, 1), { r2: null }));
    expect(terminal.lines.at(-3)).toBe("1 row logged   MAE 43.2775   RMSE 53.4761   R² –   p95 98.3761");
  });

  test("the summary is the end: nothing is drawn after it", () => {
    const terminal = new FakeTerminal(80, 24);
    const view = openLiveView(terminal);
    view.show(SHOWN);
    view.finish("rows sent  2\nlogged     2");
    view.show(SHOWN);
    view.logLines.write("bye\n");
    void view.close();
    expect(terminal.lines).toEqual([...VIEW, "", "rows sent  2", "logged     2", "bye", ""]);
  });

  test("what is logged while it ends does not clear the view", () => {
    const terminal = new FakeTerminal(80, 24);
    const view = openLiveView(terminal);
    view.show(SHOWN);
    void view.close();
    view.logLines.write("bye\n");
    expect(terminal.lines).toEqual([...VIEW, "bye", ""]);
  });
});

describe("elsewhere", () => {
  function plain() {
    const written: string[] = [];
    const out: Terminal = { isTTY: false, columns: 0, rows: 0, write: (text) => written.push(text) };
    return { view: openLiveView(out), written };
  }

  test("the last two rows of each notice are plain lines", () => {
    const { view, written } = plain();
    view.show(notice(3, [row("a", 1, 2), row("b\n", 151, 150.025), row("c", 3, 3)]));
    expect(written).toEqual([
      "b\\u000a  y_true 151  y_pred 150.025  error 0.975  MAE 43.2775 of 3\n",
      "c  y_true 3  y_pred 3  error 0  MAE 43.2775 of 3\n",
    ]);
  });

  test("log lines are passed on, and nothing of the view comes after the summary", () => {
    const { view, written } = plain();
    view.logLines.write("a line\n");
    view.finish("rows sent  2");
    view.show(SHOWN);
    void view.close();
    view.logLines.write("bye\n");
    expect(written).toEqual(["a line\n", "\nrows sent  2\n", "bye\n"]);
  });
});
