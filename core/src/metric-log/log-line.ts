/** The header of a metric log. */
export const LOG_HEADER = "id,y_true,y_pred,absolute_error\n";

/** More than any line has: an id of 128 characters of 4 bytes in quotes, and three numbers of 24 characters. */
export const MAX_LINE_BYTES = 1_024;

/** One line of the log, read back. */
export interface LogLine {
  readonly id: string;
  readonly yTrue: number;
  readonly yPred: number;
}

const NEEDS_QUOTES = /[",\r\n]/;

/** Whether a frame's ids, as one text, can be written as they are. */
export function isPlain(ids: string): boolean {
  return !NEEDS_QUOTES.test(ids);
}

/** A field as RFC 4180 wants it: in quotes where it holds a comma, a quote or a line break. */
export function csvField(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * One line of the log. Numbers are in the shortest form that reads back to the same double, which is what
 * JavaScript writes (ECMA-262, Number::toString); -0 is written as 0.
 *
 * @param field - the id, quoted where it needs it.
 */
export function formatLine(field: string, yTrue: number, yPred: number): string {
  return `${field},${yTrue},${yPred},${Math.abs(yTrue - yPred)}\n`;
}

/**
 * Reads one whole line, without its line break; undefined where it is no line of a metric log.
 * An absolute error that does not follow from the other two makes it none.
 */
export function parseLine(line: string): LogLine | undefined {
  let id: string;
  let rest: string;
  if (line.startsWith('"')) {
    const end = /^"((?:[^"]|"")*)",/.exec(line);
    if (end === null) return undefined;
    id = (end[1] ?? "").replaceAll('""', '"');
    rest = line.slice(end[0].length);
  } else {
    const comma = line.indexOf(",");
    if (comma < 0) return undefined;
    id = line.slice(0, comma);
    if (id.includes('"')) return undefined;
    rest = line.slice(comma + 1);
  }
  const first = rest.indexOf(",");
  const second = rest.indexOf(",", first + 1);
  if (first <= 0 || second <= first + 1 || second + 1 >= rest.length || id === "") return undefined;
  const yTrue = Number(rest.slice(0, first));
  const yPred = Number(rest.slice(first + 1, second));
  const error = Number(rest.slice(second + 1));
  if (error !== Math.abs(yTrue - yPred)) return undefined;
  return { id, yTrue, yPred };
}
