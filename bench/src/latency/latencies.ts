import { percentile } from "../percentile.js";

/** When a part of the log was seen to be committed. */
export interface CommitTime {
  /** ms */
  readonly at: number;
  /** The log was at least so long then, in bytes. */
  readonly length: number;
}

/** A share of rows took at most so long, in ms. */
export interface LatencyPercentiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

const NEWLINE = 0x0a;
const COMMA = 0x2c;

/**
 * How long each row took from the source to the committed log.
 *
 * @param log - the log, its header included; ids are `<anything>-<row>`, rows numbered from 0, and need no quotes.
 * @param commits - in order of time. @param sent - when row i left the source, ms; shape [rows].
 * @returns ms, shape [rows]; NaN for a row that is not in the log.
 */
export function latenciesOf(log: Buffer, commits: readonly CommitTime[], sent: Float64Array): Float64Array {
  const took = new Float64Array(sent.length).fill(Number.NaN);
  let commit = 0;
  let start = log.indexOf(NEWLINE) + 1;
  for (let end = log.indexOf(NEWLINE, start); end >= 0; end = log.indexOf(NEWLINE, start)) {
    while ((commits[commit]?.length ?? Infinity) <= end) commit += 1;
    const row = rowIn(log.toString("latin1", start, log.indexOf(COMMA, start)));
    took[row] = (commits[commit]?.at ?? Number.NaN) - (sent[row] ?? Number.NaN);
    start = end + 1;
  }
  return took;
}

function rowIn(id: string): number {
  return Number(id.slice(id.lastIndexOf("-") + 1));
}

export function latencyPercentiles(took: Float64Array): LatencyPercentiles {
  const sorted = took.toSorted();
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), p999: percentile(sorted, 0.999) };
}
