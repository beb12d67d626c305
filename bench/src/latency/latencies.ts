import { LOG_HEADER, readLogLines, type Readable } from "@streamgauge/core/metric-log";
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

/**
 * How long each row took from the source to the committed log.
 *
 * @param log - the log; ids are `<anything>-<row>`, rows numbered from 0.
 * @param commits - in order of time. @param sent - when row i left the source, ms; shape [rows].
 * @returns ms, shape [rows]; NaN for a row that is not in the log.
 */
export function latenciesOf(log: Readable, commits: readonly CommitTime[], sent: Float64Array): Float64Array {
  const took = new Float64Array(sent.length).fill(Number.NaN);
  let commit = 0;
  for (const { ids, offsets } of readLogLines(log, LOG_HEADER.length)) {
    for (const [i, offset] of offsets.entries()) {
      // A commit ends with a line: what is longer than the line's offset has all of it.
      while ((commits[commit]?.length ?? Infinity) <= offset) commit += 1;
      const row = rowIn(ids.at(i));
      took[row] = (commits[commit]?.at ?? Number.NaN) - (sent[row] ?? Number.NaN);
    }
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
