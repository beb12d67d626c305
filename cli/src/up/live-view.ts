import { Writable } from "node:stream";
import { METRICS, OVERFLOW, printable, type Closable, type ErrorChange, type MetricName, type MetricNotice } from "@streamgauge/core";
import { cutTo, endOf, padTo } from "./terminal-text.js";

/** The terminal of a run: live predictions, with log lines above them. */
export interface LiveView extends Closable {
  /** A stream for log lines that keeps the view intact. */
  readonly logLines: Writable;
  show(notice: MetricNotice): void;
  /** Prints the summary; later output is ignored. */
  finish(summary: string): void;
}

type Row = MetricNotice["rows"][number];

/** Rows that are shown at once. */
const ROWS = 12;
/** Lines of the view besides its rows. */
const OTHER_LINES = 6;
/** The most plain lines per notice; the notice gives the number of rows. */
const PLAIN_ROWS = 2;
const COLUMNS = { id: 26, leastId: 6, number: 12 };

/** What the view needs of a stream such as standard output. */
export type Terminal = Pick<NodeJS.WriteStream, "isTTY" | "columns" | "rows"> & { write(text: string): unknown };

/** A view that is redrawn in place on a terminal; plain lines elsewhere. */
export function openLiveView(out: Terminal): LiveView {
  return out.isTTY ? new RedrawnView(out) : new PlainView(out);
}

class PlainView implements LiveView {
  readonly logLines: Writable;
  readonly #out: Terminal;
  #over = false;

  constructor(out: Terminal) {
    this.#out = out;
    this.logLines = linesTo((text) => out.write(text));
  }

  show({ statistics, rows }: MetricNotice): void {
    if (this.#over) return;
    const mae = statisticText(statistics, "mae");
    for (const { id, y_true, y_pred, absolute_error } of rows.slice(-PLAIN_ROWS)) {
      const values = `y_true ${figure(y_true)}  y_pred ${figure(y_pred)}  error ${errorText(absolute_error)}`;
      this.#out.write(`${printable(id)}  ${values}  MAE ${mae} of ${statistics.count}\n`);
    }
  }

  finish(summary: string): void {
    this.#over = true;
    this.#out.write(`\n${summary}\n`);
  }

  close(): void {
    this.#over = true;
  }
}

class RedrawnView implements LiveView {
  readonly logLines: Writable;
  readonly #out: Terminal;
  #rows: readonly Row[] = [];
  #latest: MetricNotice | undefined;
  /** The number of lines drawn now. */
  #height = 0;
  #over = false;

  constructor(out: Terminal) {
    this.#out = out;
    this.logLines = linesTo((text) => {
      this.#clear();
      out.write(text);
      this.#draw();
    });
  }

  show(notice: MetricNotice): void {
    if (this.#over) return;
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
    if (this.#latest === undefined || this.#over) return;
    // A line that wraps or scrolls away cannot be erased. A terminal of unknown size reports 0.
    const columns = this.#out.columns || 80;
    const height = (this.#out.rows || 24) - 1;
    const rows = this.#rows.slice(-Math.max(1, height - OTHER_LINES));
    const lines = linesOf(this.#latest, rows, columns - 1).slice(-height);
    this.#out.write(lines.map(({ text, dim }) => `${styled(cutTo(text, columns - 1), dim)}\n`).join(""));
    this.#height = lines.length;
  }

  finish(summary: string): void {
    this.#leave();
    this.#out.write(`\n${summary}\n`);
  }

  close(): void {
    this.#leave();
  }

  /** Leaves the drawn lines on the screen. */
  #leave(): void {
    this.#height = 0;
    this.#over = true;
  }
}

function linesTo(take: (text: string) => void): Writable {
  return new Writable({
    decodeStrings: false,
    write: (chunk: string | Buffer, _encoding, done) => {
      take(String(chunk));
      done();
    },
  });
}

interface Line {
  readonly text: string;
  readonly dim: boolean;
}

function linesOf(
  { statistics, corrected, model, alarm, hour, interval }: MetricNotice,
  rows: readonly Row[],
  columns: number,
): readonly Line[] {
  const { count } = statistics;
  const total = `${count.toLocaleString("en")} ${count === 1 ? "row" : "rows"} logged${headlinesOf(statistics)}`;
  // A narrow terminal cuts the start of the id, because the ends of ids differ within a run.
  const idColumns = Math.min(COLUMNS.id, Math.max(COLUMNS.leastId, columns - 3 * COLUMNS.number));
  const idOf = ({ id }: Row) => (idColumns < COLUMNS.id ? endOf(printable(id), idColumns) : printable(id));
  const tableLine = (id: string, numbers: readonly string[]) =>
    `${padTo(id, idColumns)}${numbers.map((number) => ` ${number.padStart(COLUMNS.number - 1)}`).join("")}`;
  return [
    { text: "", dim: false },
    { text: tableLine("id", ["y_true", "y_pred", "error"]), dim: true },
    ...rows.map((row) => ({
      text: tableLine(idOf(row), [figure(row.y_true), figure(row.y_pred), errorText(row.absolute_error)]),
      dim: false,
    })),
    { text: "", dim: false },
    { text: total, dim: false },
    ...(corrected === undefined ? [] : [{ text: correctedText(corrected), dim: false }]),
    ...(hour === undefined ? [] : [{ text: `${hourText(hour)}${intervalText(interval)}`, dim: false }]),
    { text: `model ${printable(model)}${alarmText(alarm)}   Ctrl-C ends`, dim: !isOn(alarm) },
  ];
}

function headlinesOf(statistics: Statistics): string {
  const headlines = METRICS.filter(({ isHeadline }) => isHeadline);
  return headlines.map(({ name, title }) => `   ${title} ${statisticText(statistics, name)}`).join("");
}

function correctedText({ corrections, statistics }: NonNullable<MetricNotice["corrected"]>): string {
  return `${corrections.toLocaleString("en")} ${corrections === 1 ? "label" : "labels"} corrected${headlinesOf(statistics)}`;
}

function hourText({ predicted, labelled, mae }: NonNullable<MetricNotice["hour"]>): string {
  const coverage = predicted === 0 ? "–" : `${((100 * labelled) / predicted).toFixed(1)} %`;
  return `last hour   MAE ${mae === null ? "–" : figure(mae)}   coverage ${coverage} of ${predicted.toLocaleString("en")} predictions`;
}

/** The interval of predictions, behind the last hour. */
function intervalText(interval: MetricNotice["interval"]): string {
  if (interval === undefined) return "";
  return `   ±${figure(interval.half_width)} (${Number((100 * interval.coverage).toPrecision(4))} %)`;
}

/** Whether the alarm on the error is on. */
function isOn(alarm: MetricNotice["alarm"]): boolean {
  return alarm?.state === "worse" || alarm?.state === "better";
}

/** The alarm on the error, behind the model. */
function alarmText(alarm: MetricNotice["alarm"]): string {
  if (alarm === undefined) return "";
  if (!isOn(alarm)) return alarm.state === "ok" ? "   no alarm" : "   alarm learns";
  const { state, row, change } = alarm;
  // An earlier metrics says only which row raised it last.
  const last = row === undefined ? "" : `, row ${row.toLocaleString("en")}`;
  return `   ALARM: error is ${state}${change === undefined ? last : ` since ${sinceText(change)}`}`;
}

function sinceText({ since_time: time, since_row: row }: ErrorChange): string {
  return time === null ? `row ${row.toLocaleString("en")}` : `${time.slice(0, 16).replace("T", " ")} UTC`;
}

/** Six digits are enough to watch; the log has all. */
function figure(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** null stands for an absolute error beyond a double, which JSON cannot carry. */
function errorText(error: number | null): string {
  return error === null ? OVERFLOW : figure(error);
}

type Statistics = MetricNotice["statistics"];

/** A statistic; a dash if there are too few rows for it. */
function statisticText(statistics: Statistics, name: MetricName): string {
  const value = statistics[name];
  if (value !== null) return figure(value);
  return statistics.overflowed?.includes(name) === true ? OVERFLOW : "–";
}

function styled(text: string, dim: boolean): string {
  return dim ? `\x1b[2m${text}\x1b[22m` : text;
}
