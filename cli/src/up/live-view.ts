import { Writable } from "node:stream";
import type { Closable, MetricNotice } from "@streamgauge/core";

/** The terminal of a run: live predictions, with log lines above them. */
export interface LiveView extends Closable {
  /** Where log lines go, so that they do not tear the view. */
  readonly logLines: Writable;
  show(notice: MetricNotice | undefined): void;
  /** The last words of a run. */
  finish(summary: string): void;
}

/** Rows in view at once. */
const ROWS = 12;
/** Plain lines in one notice, at most; the notice says how many rows there are. */
const PLAIN_ROWS = 2;
const COLUMNS = { id: 26, number: 12 };

/** One tidy view that is redrawn in place on a terminal; plain lines elsewhere. */
export function openLiveView(out: NodeJS.WriteStream): LiveView {
  return out.isTTY ? new RedrawnView(out) : new PlainView(out);
}

class PlainView implements LiveView {
  readonly logLines: Writable;
  readonly #out: NodeJS.WriteStream;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
    this.logLines = out;
  }

  show(notice: MetricNotice | undefined): void {
    if (notice === undefined) return;
    const { mae, count } = notice.statistics;
    for (const row of notice.rows.slice(-PLAIN_ROWS)) {
      this.#out.write(
        `${row.id}  y_true ${figure(row.y_true)}  y_pred ${figure(row.y_pred)}  error ${figure(row.absolute_error)}  MAE ${figure(mae)} of ${count}\n`,
      );
    }
  }

  finish(summary: string): void {
    this.#out.write(`\n${summary}\n`);
  }

  close(): void {
    // Lines are written as they come.
  }
}

class RedrawnView implements LiveView {
  readonly logLines: Writable;
  readonly #out: NodeJS.WriteStream;
  #rows: MetricNotice["rows"] = [];
  #latest: MetricNotice | undefined;
  #height = 0;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
    this.logLines = new Writable({
      decodeStrings: false,
      write: (chunk: string, _encoding, done) => {
        this.#clear();
        out.write(chunk);
        this.#draw();
        done();
      },
    });
  }

  show(notice: MetricNotice | undefined): void {
    if (notice === undefined) return;
    this.#latest = notice;
    this.#rows = [...this.#rows, ...notice.rows].slice(-ROWS);
    this.#clear();
    this.#draw();
  }

  #clear(): void {
    if (this.#height > 0) this.#out.write(`\x1b[${this.#height}A\x1b[0J`);
    this.#height = 0;
  }

  #draw(): void {
    if (this.#latest === undefined) return;
    const { statistics, model } = this.#latest;
    // A terminal that does not know its width says 0.
    const width = this.#out.columns || 80;
    const lines = [
      "",
      dim(`${"id".padEnd(COLUMNS.id)}${["y_true", "y_pred", "error"].map((name) => name.padStart(COLUMNS.number)).join("")}`),
      ...this.#rows.map(
        (row) =>
          `${shortened(row.id).padEnd(COLUMNS.id)}${[row.y_true, row.y_pred, row.absolute_error].map((value) => figure(value).padStart(COLUMNS.number)).join("")}`,
      ),
      "",
      `${statistics.count.toLocaleString("en")} rows logged   MAE ${figure(statistics.mae)}   RMSE ${figure(statistics.rmse)}   R² ${figure(statistics.r2)}   p95 ${figure(statistics.p95)}`,
      dim(`model ${model}   Ctrl-C ends`),
    ];
    // A line that wraps would make the view taller than it is counted.
    this.#out.write(lines.map((line) => `${cut(line, width)}\n`).join(""));
    this.#height = lines.length;
  }

  finish(summary: string): void {
    this.#clear();
    this.#draw();
    this.#height = 0;
    this.#latest = undefined;
    this.#out.write(`\n${summary}\n`);
  }

  close(): void {
    this.#height = 0;
    this.#latest = undefined;
  }
}

function figure(value: number | null): string {
  return value === null ? "–" : value.toLocaleString("en", { maximumFractionDigits: 3, minimumFractionDigits: 0, useGrouping: false });
}

function shortened(id: string): string {
  return id.length < COLUMNS.id ? id : `${id.slice(0, COLUMNS.id - 2)}…`;
}

function dim(text: string): string {
  return `\x1b[2m${text}\x1b[22m`;
}

/** Cut to the width of the terminal, escape sequences not counted. */
function cut(line: string, width: number): string {
  // oxlint-disable-next-line no-control-regex -- the escape sequence of `dim`
  const visible = line.replace(/\x1b\[\d+m/g, "");
  return visible.length <= width ? line : visible.slice(0, width - 1);
}
