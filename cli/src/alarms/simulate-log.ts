import { errorText, quote, sentence } from "@streamgauge/core";
import { LOG_HEADER, readLogLines, withReadable, type Readable } from "@streamgauge/core/metric-log";
import { ModelAlarm, type AlarmSettings, type Baseline, type RaisedAlarm } from "@streamgauge/metrics";

/** What the alarm would have raised over a log. */
export interface Simulation {
  readonly rows: number;
  /** undefined if the log is shorter than the reference. */
  readonly baseline: Baseline | undefined;
  /** The baseline at the end of the log, with what the rows behind the reference add. */
  readonly sharpened: Baseline | undefined;
  /** The row with which the reference ended; 0 if it did not. */
  readonly referenceUntilRow: number;
  /** Rows that are watched together because they depend on each other. */
  readonly blockRows: number;
  readonly alarms: readonly RaisedAlarm[];
  /** Where the malformed lines, which were left out, begin in the file: how many, and the first. */
  readonly malformed: { readonly lines: number; readonly first: number };
}

/** A file that cannot be read as a metric log. */
export class NoMetricLogError extends Error {
  override readonly name = "NoMetricLogError";
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`${path} ${problem}`, options);
    this.path = path;
  }
}

const HEADER = LOG_HEADER.trimEnd();
const CHUNK_BYTES = 1 << 20;
const LINE_BREAK = Buffer.from("\n");

/**
 * Runs the alarm over a log of any size, as one version of a model. Errors are read as they are written; rows have no times.
 *
 * @throws NoMetricLogError
 */
export function simulateAlarms(path: string, settings: AlarmSettings): Simulation {
  try {
    return withReadable(path, (file) => simulateOver(path, file, settings));
  } catch (error) {
    if (error instanceof NoMetricLogError) throw error;
    const problem = `cannot be read: ${sentence(errorText(error))} Name a metric log, such as metric_log.csv in LOGS_DIR.`;
    throw new NoMetricLogError(path, problem, { cause: error });
  }
}

function simulateOver(path: string, file: Readable, settings: AlarmSettings): Simulation {
  const alarm = new ModelAlarm(settings);
  const alarms: RaisedAlarm[] = [];
  const malformed = { lines: 0, first: -1 };
  let rows = 0;
  for (const lines of readLogLines(withLastLineBreak(file), headerLength(path, file), CHUNK_BYTES, "written")) {
    const { absoluteErrors: errors } = lines;
    const numbers = errors.map((_, i) => rows + i + 1);
    alarms.push(...alarm.add({ errors, rows: numbers, times: new Float64Array(errors.length).fill(Number.NaN) }, 0));
    rows += errors.length;
    if (malformed.lines === 0) malformed.first = lines.malformed[0] ?? -1;
    malformed.lines += lines.malformed.length;
  }
  if (rows === 0 && malformed.lines > 0)
    throw new NoMetricLogError(path, `is no metric log: none of its ${malformed.lines} lines is one of a log.`);
  const { baseline, sharpened, referenceUntilRow, blockRows } = alarm;
  return { rows, baseline, sharpened, referenceUntilRow, blockRows, alarms, malformed };
}

/** The length of the header with its line break. @throws NoMetricLogError if the file begins otherwise. */
function headerLength(path: string, file: Readable): number {
  const [first = ""] = file
    .read(0, HEADER.length + 2)
    .toString("utf8")
    .split(/\r?\n/);
  if (first !== HEADER) throw new NoMetricLogError(path, `is no metric log: it begins with ${quote(first)}, not with ${quote(HEADER)}.`);
  return Math.min(file.length, HEADER.length + (file.read(HEADER.length, 1).toString() === "\r" ? 2 : 1));
}

/** The file with a line break at its end: the last line of a log that another program wrote may have none. */
function withLastLineBreak(file: Readable): Readable {
  const { length } = file;
  if (file.read(length - 1, 1).equals(LINE_BREAK)) return file;
  return {
    length: length + 1,
    read(offset, most) {
      const bytes = file.read(offset, Math.min(most, Math.max(0, length - offset)));
      return offset + most > length ? Buffer.concat([bytes, LINE_BREAK]) : bytes;
    },
  };
}
