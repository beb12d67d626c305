import { compareRows, MOST_SEGMENT_ROWS, type CodesInColumn, type FoundRows, type RowOrder, type SegmentRow } from "@streamgauge/core";
import { lengthOf, startOf } from "@streamgauge/core/windows";
import type { CodedLines } from "../monitoring/code-records.js";
import type { LineRecord } from "../monitoring/line-records.js";
import type { CommittedLines } from "./committed-lines.js";

/** Lines that are looked at in one go, and at the most. */
const BLOCK_LINES = 4_096;
const MOST_LINES = 2_000_000;
const HOUR_MS = lengthOf("1h");

/** Which rows to look for. */
export interface RowsQuestion {
  readonly model: string;
  /** The layout of its codes, as text. */
  readonly layout: string;
  /** A row is in the segment if it has one of the codes in each of these columns. */
  readonly where: readonly CodesInColumn[];
  /** Hours of event time that begin in `from` or later and before `to`; ms since 1970. */
  readonly from: number;
  readonly to: number;
  readonly order: RowOrder;
  readonly limit: number;
}

/**
 * The rows of a segment among the latest lines of a log: those whose codes are in it. Only lines that match are read from the log.
 *
 * @param pause - is awaited between blocks of lines, so that a running service goes on meanwhile.
 */
export async function searchRows(lines: CommittedLines, question: RowsQuestion, pause: () => Promise<void>): Promise<FoundRows> {
  const first = Math.max(lines.first, lines.end - MOST_LINES);
  const found = new FirstRows(question.order, Math.min(question.limit, MOST_SEGMENT_ROWS));
  for (let from = first; from < lines.end; from += BLOCK_LINES) {
    if (from > first) await pause();
    searchBlock(lines, question, from, Math.min(lines.end, from + BLOCK_LINES), found);
  }
  return { rows: found.rows, count: found.count, lookedAt: Math.max(0, lines.end - first), isWhole: first === lines.first };
}

function searchBlock(lines: CommittedLines, question: RowsQuestion, from: number, to: number, found: FirstRows): void {
  const records = lines.records(from, to);
  for (const coded of lines.codes(from, to)) {
    if (lines.layoutOf(coded.layout) !== question.layout) continue;
    for (const line of matching(coded, question.where)) {
      const record = records[line - from];
      if (record === undefined || !isAskedFor(record, lines, question)) continue;
      const row = lines.row(line);
      if (row === undefined) continue;
      const at = (line - coded.line) * coded.width;
      found.add({ ...row, line, eventTime: record.eventTime, codes: Array.from(coded.bytes.subarray(at, at + coded.width)) });
    }
  }
}

function isAskedFor({ eventTime, model }: LineRecord, lines: CommittedLines, question: RowsQuestion): boolean {
  const hour = startOf(eventTime, HOUR_MS);
  return hour >= Math.max(question.from, lines.keptFrom) && hour < question.to && lines.modelOf(model) === question.model;
}

/** The numbers of the lines that have one of the codes in each column. */
function* matching({ line, width, bytes }: CodedLines, where: readonly CodesInColumn[]): Generator<number> {
  const columns = where.map(({ column, codes }) => ({ column, codes: new Set(codes) }));
  if (columns.some(({ column }) => column >= width)) return;
  for (let at = 0, i = line; at + width <= bytes.length; at += width, i += 1)
    if (columns.every(({ column, codes }) => codes.has(bytes[at + column] ?? 0))) yield i;
}

/** The first rows of an order among many. */
class FirstRows {
  count = 0;
  readonly rows: SegmentRow[] = [];
  readonly #order: RowOrder;
  readonly #limit: number;

  constructor(order: RowOrder, limit: number) {
    this.#order = order;
    this.#limit = limit;
  }

  add(row: SegmentRow): void {
    this.count += 1;
    const last = this.rows[this.#limit - 1];
    if (last !== undefined && compareRows(row, last, this.#order) > 0) return;
    const at = this.rows.findIndex((each) => compareRows(row, each, this.#order) < 0);
    this.rows.splice(at === -1 ? this.rows.length : at, 0, row);
    if (this.rows.length > this.#limit) this.rows.pop();
  }
}
