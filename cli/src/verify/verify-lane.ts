import { partitionsOfIds, type LanePartition } from "@streamgauge/core";
import { NoStateError } from "../lane-state.js";
import { existsSync } from "node:fs";
import {
  BlockedGzipError,
  firstLineOf,
  lanePaths,
  LOG_HEADER,
  MAX_LINE_BYTES,
  PartChangedError,
  type LanePaths,
  readLogLines,
  withLog,
  type Readable,
} from "@streamgauge/core/metric-log";
import {
  hashIds,
  WholeLogIndex,
  SIDES,
  StateStore,
  committedLane,
  correctionProblems,
  readCorrectionRecords,
  whyNotCounted,
  windowProblems,
  type CommittedLane,
  type CommittedState,
  type Side,
} from "@streamgauge/metrics";
import { countRecords } from "./count-records.js";

/** What was checked, and what does not add up. */
export interface Verification {
  readonly state: CommittedState;
  /** One sentence each; empty if everything adds up. */
  readonly problems: readonly string[];
  /** What could not be checked, one sentence each. */
  readonly unchecked: readonly string[];
  /** Why windows could not be checked, one sentence each, though all lines are there. */
  readonly uncheckedWindows: readonly string[];
}

/** Problems of one kind that are listed one by one. */
const LISTED = 20;

/**
 * Checks a lane's log against its state, while it runs or not: committed data does not change during the check.
 *
 * - received = logged + pending + unmatched + dead-lettered + duplicates + conflicts, for labels and for predictions;
 * - the log has as many lines as were logged, each well-formed with an error that follows from its values, each id once, and none of another partition;
 * - the store has as many halves as are pending;
 * - `unmatched.csv`, `conflicts.csv` and `corrections.csv` have as many lines as were counted;
 * - corrections received = applied + waiting + duplicates + conflicts + unmatched + dead-lettered, and each record of `corrections.csv` follows from the
 *   log and the records before it;
 * - every window holds what the log, its records and the pending predictions give, to the last bit; so does every hour of features, with the bins of the
 *   rows. A prediction whose label did not come in time keeps no bins: of these only their number counts.
 *
 * Lines of a part of the log that was deleted are not checked, nor the windows that they are in.
 *
 * @throws NoStateError
 */
export async function verifyLane(logsDir: string, partition: LanePartition): Promise<Verification> {
  const paths = lanePaths(logsDir, partition);
  if (!existsSync(paths.state)) throw new NoStateError(logsDir, partition);
  const store = StateStore.openReadOnly(paths.state);
  try {
    // Read in one turn of the event loop, so from one snapshot of the store.
    const state = store.state();
    if (state === undefined) throw new NoStateError(logsDir, partition);
    const pending = { y_true: store.count("y_true"), y_pred: store.count("y_pred") };
    const problems = SIDES.flatMap((side) => balanceProblems(state, side, pending[side]));
    problems.push(...correctionBalanceProblems(state));
    const histories = new Map(store.correctionTable.histories());
    const windows = committedLane(store);
    const unchecked: string[] = [];
    problems.push(...logProblems(paths, state, partition, unchecked));
    const uncheckedWindows: string[] = [];
    if (problems.length === 0) problems.push(...problemsOfWindows(paths, state, windows, uncheckedWindows));
    for (const [path, committed] of [
      [paths.unmatched, state.unmatched],
      [paths.conflicts, state.conflicts],
      [paths.corrections, state.corrections],
    ] as const) {
      const { records, broken } = await countRecords(path, committed.length);
      if (records !== committed.lines) problems.push(`${path} has ${records} lines; ${committed.lines} are committed.`);
      problems.push(...broken.slice(0, LISTED).map(({ line, problem }) => `${path}, line ${line}: ${problem}.`));
    }
    const records = await readCorrectionRecords(paths.corrections, state.corrections.length);
    if (hasLog(paths)) problems.push(...problemsOfCorrections(paths, state, histories, records).slice(0, LISTED));
    return { state, problems: [...new Set(problems)], unchecked, uncheckedWindows };
  } finally {
    await store.close();
  }
}

/** @param unchecked - gets why they were not counted again, if they were not. */
function problemsOfWindows(
  paths: LanePaths,
  { log: { length } }: CommittedState,
  lane: CommittedLane | undefined,
  unchecked: string[],
): string[] {
  if (lane === undefined) return [];
  const files = [[paths.lines, lane.recordsLength] as const, [paths.codes, lane.features?.codes.length ?? 0] as const];
  const missing = files.filter(([path, bytes]) => bytes > 0 && !existsSync(path));
  if (missing.length > 0) return missing.map(([path, bytes]) => `${path} is missing; ${bytes} bytes are committed.`);
  const why = whyNotCounted(lane, paths);
  if (why !== undefined) unchecked.push(why);
  return windowProblems(lane, paths, length);
}

function problemsOfCorrections(
  paths: LanePaths,
  { log: { length } }: CommittedState,
  ...[histories, records]: [Parameters<typeof correctionProblems>[0], Parameters<typeof correctionProblems>[1]]
): string[] {
  return orProblemOfPart(() => withLog(paths.log, (log) => correctionProblems(histories, records, log, paths.corrections), length));
}

function correctionBalanceProblems({ correctionBalance, waitingCorrections, corrections }: CommittedState): string[] {
  const { received, applied, duplicates, conflicts, unmatched, deadLettered } = correctionBalance;
  const problems: string[] = [];
  const sum = applied + waitingCorrections + duplicates + conflicts + unmatched + deadLettered;
  if (received !== sum) {
    problems.push(
      `corrections: ${received} were received, but ${applied} applied + ${waitingCorrections} waiting + ${duplicates} duplicates + ${conflicts} conflicts + ` +
        `${unmatched} unmatched + ${deadLettered} dead-lettered = ${sum}.`,
    );
  }
  if (applied !== corrections.lines)
    problems.push(`corrections: ${applied} were applied; corrections.csv has ${corrections.lines} lines committed.`);
  return problems;
}

function balanceProblems({ balance, pending, log }: CommittedState, side: Side, stored: number): string[] {
  const { received, logged, unmatched, deadLettered, duplicates, conflicts } = balance[side];
  const problems: string[] = [];
  const sum = logged + pending[side] + unmatched + deadLettered + duplicates + conflicts;
  if (received !== sum) {
    problems.push(
      `${side}: ${received} rows were received, but ${logged} logged + ${pending[side]} pending + ${unmatched} unmatched + ` +
        `${deadLettered} dead-lettered + ${duplicates} duplicates + ${conflicts} conflicts = ${sum}.`,
    );
  }
  if (logged !== log.lines) problems.push(`${side}: ${logged} rows were logged; the log has ${log.lines} lines committed.`);
  if (stored !== pending[side]) problems.push(`${side}: ${pending[side]} halves are pending; the store holds ${stored}.`);
  return problems;
}

function hasLog({ log, parts }: LanePaths): boolean {
  return existsSync(log) || existsSync(parts);
}

/** @param unchecked - gets what is missing. */
function logProblems(paths: LanePaths, { log }: CommittedState, partition: LanePartition, unchecked: string[]): string[] {
  const path = paths.log;
  if (!hasLog(paths)) return [`${path} is missing; ${log.lines} lines are committed.`];
  return orProblemOfPart(() => {
    const { length, gaps = [] } = withLog(path, (file) => file);
    if (length < log.length) return [`${path} has ${length} bytes; ${log.length} are committed.`];
    unchecked.push(
      ...gaps.map((gap) => `${gap.path} is missing: its ${gap.lines} lines were not checked, nor the windows that they are in.`),
    );
    return withLog(path, (file) => lineProblems(path, file, log.lines, partition), log.length);
  });
}

/** A part of the log that was changed or is damaged is a problem, too. */
function orProblemOfPart(check: () => string[]): string[] {
  try {
    return check();
  } catch (error) {
    if (error instanceof PartChangedError || error instanceof BlockedGzipError) return [error.message];
    throw error;
  }
}

function lineProblems(path: string, file: Readable, committedLines: number, { index, of }: LanePartition): string[] {
  const start = file.read(0, LOG_HEADER.length).toString("utf8");
  if (start !== LOG_HEADER) return [`${path} begins with ${JSON.stringify(start)}, not with the header of a log.`];
  const seen = new WholeLogIndex(LOG_HEADER.length, committedLines);
  const doubled = new Findings<string>();
  let lines = 0;
  const foreign = new Findings<string>();
  const malformed = new Findings<number>();
  for (const { ids, offsets, malformed: malformedAt, skipped } of readLogLines(file, LOG_HEADER.length)) {
    const hashes = hashIds(ids);
    for (const [row, offset] of offsets.entries()) {
      const [low, high] = [hashes.low[row] ?? 0, hashes.high[row] ?? 0];
      if (seen.find(low, high, (at) => firstLineOf(file.read(at, MAX_LINE_BYTES))?.id === ids.at(row)) >= 0) doubled.add(ids.at(row));
      else seen.add(low, high, offset);
    }
    if (of > 1) for (const [row, own] of partitionsOfIds(ids, of).entries()) if (own !== index) foreign.add(ids.at(row));
    lines += skipped + ids.length;
    for (const offset of malformedAt) malformed.add(offset);
  }
  const problems = doubled.listed.map((id) => `${path} has the id ${JSON.stringify(id)} more than once.`);
  if (doubled.more > 0) problems.push(`${path} has ${doubled.more} more ids more than once.`);
  problems.push(...foreign.listed.map((id) => `${path} has the id ${JSON.stringify(id)} of another partition.`));
  if (foreign.more > 0) problems.push(`${path} has ${foreign.more} more ids of other partitions.`);
  for (const offset of malformed.listed)
    problems.push(
      `${path}, byte ${offset}: ${JSON.stringify(textAt(file, offset))} is no line of a log, or its absolute_error does not follow from its values.`,
    );
  if (malformed.more > 0) problems.push(`${path} has ${malformed.more} more such lines.`);
  if (lines !== committedLines) problems.push(`${path} has ${lines} lines; ${committedLines} are committed.`);
  return problems;
}

/** Problems of one kind: lists the first, and counts the others. */
class Findings<T> {
  readonly listed: T[] = [];
  /** The number of problems not listed. */
  more = 0;

  add(finding: T): void {
    if (this.listed.length < LISTED) this.listed.push(finding);
    else this.more += 1;
  }
}

/** The beginning of the line at `offset`. */
function textAt(file: Readable, offset: number): string {
  const [line = ""] = file.read(offset, 100).toString("utf8").split("\n");
  return line;
}
