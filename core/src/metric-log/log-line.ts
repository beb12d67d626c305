import { lineEnd } from "./line-end.js";
import { LineScanner } from "./line-scanner.js";

/** The columns of a metric log, in order. */
export const LOG_COLUMNS = ["id", "y_true", "y_pred", "absolute_error"] as const;

/** The first line of a metric log. */
export const LOG_HEADER = `${LOG_COLUMNS.join(",")}\n`;

/** A line of the log, read back. */
export interface LogLine {
  readonly id: string;
  readonly yTrue: number;
  readonly yPred: number;
}

/**
 * A line of the log. Numbers are in the shortest form that reads back to the same double, which is what JavaScript writes
 * (ECMA-262, Number::toString); -0 is written as 0.
 *
 * @param field - the id, quoted if needed: see `csvField`.
 */
export function formatLine(field: string, yTrue: number, yPred: number): string {
  return `${field},${yTrue},${yPred},${Math.abs(yTrue - yPred)}\n`;
}

const scanner = new LineScanner("exact");

/**
 * Reads a whole line, without its line break.
 *
 * @returns undefined if the line is malformed; it is if its absolute error does not follow from its other values.
 */
export function parseLine(line: string): LogLine | undefined {
  if (!scanner.scan(line, 0, line.length)) return undefined;
  const id = line.slice(scanner.idFrom, scanner.idTo);
  return { id: scanner.isEscaped ? id.replaceAll('""', '"') : id, yTrue: scanner.yTrue, yPred: scanner.yPred };
}

/** Reads the line that begins these bytes; undefined if it is malformed or not whole. */
export function firstLineOf(bytes: Buffer): LogLine | undefined {
  const end = lineEnd(bytes, 0);
  return end < 0 ? undefined : parseLine(bytes.toString("utf8", 0, end));
}
