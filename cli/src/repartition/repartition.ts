import { join } from "node:path";
import {
  failpoint,
  lanesIn,
  LanePartition,
  noteRepartition,
  openInLogsDir,
  readPartitions,
  readRepartition,
  writePartitions,
  type Repartition,
} from "@streamgauge/core";
import { lanePaths, type LanePaths } from "@streamgauge/core/metric-log";
import { DividedLane, LogInUseError, SIDES, StateStore, WriterLock, type DivisionOptions, type Side } from "@streamgauge/metrics";
import { verifyPartitions, type LaneVerification, type VerifiedSums } from "../verify/verify-partitions.js";
import { bringBrokerTo, requireEmptyQueues, type Connect } from "./divided-queues.js";
import { archiveFiles, filesOf, lineSum, removeFiles, type LineSum } from "./lane-files.js";

export interface RepartitionOptions extends Omit<DivisionOptions, "lane" | "lines"> {
  /** undefined: there is no broker. */
  readonly connect: Connect | undefined;
  /** Says a sentence to the user. */
  readonly say: (text: string) => void;
}

/** There is nothing to divide. */
export class NoLaneError extends Error {
  override readonly name = "NoLaneError";
  readonly logsDir: string;

  constructor(logsDir: string) {
    super(`${logsDir} has no lane: metrics has not run there. Set LOGS_DIR to the folder of the logs. Nothing was changed.`);
    this.logsDir = logsDir;
  }
}

/** The rows do not add up, before or after. */
export class RepartitionError extends Error {
  override readonly name = "RepartitionError";
  readonly problems: readonly string[];

  constructor(text: string, problems: readonly string[]) {
    super(`${text}\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

/**
 * Divides the lanes of LOGS_DIR into another number of partitions. New files are written beside the present ones and compared with them; then the
 * number changes, in one step; then the present ones are moved aside. Killed anywhere, it goes on from there when it is called again.
 *
 * @throws LogsDirError; NoRoomError when the logs are divided, and queues are not; NoLaneError if there is none; LogInUseError while metrics runs; MessagesWaitError, RepartitionError: nothing has changed then.
 */
export async function repartition(options: RepartitionOptions): Promise<void> {
  await openInLogsDir(options.logsDir, () => divideOrFinish(options));
}

async function divideOrFinish(options: RepartitionOptions): Promise<void> {
  const { logsDir, to, say } = options;
  const begun = readRepartition(logsDir);
  if (begun === undefined && readPartitions(logsDir) === 1 && lanesIn(logsDir, 1).length === 0) throw new NoLaneError(logsDir);
  // metrics may run while only the queues are brought to the number.
  const hasFilesToChange = begun !== undefined || readPartitions(logsDir) !== to;
  const wasChanged = hasFilesToChange && (await withLocks(logsDir, () => bringFiles(options)));
  await bringQueues(options, lanesIn(logsDir, to));
  failpoint("repartition-after-queues");
  if (!wasChanged) say(`${logsDir} has ${counted(to)}.`);
}

/** Brings the files to the number. @returns whether any were moved or written */
async function bringFiles(options: RepartitionOptions): Promise<boolean> {
  const { logsDir, to } = options;
  const wasFinished = settleBegun(options);
  const from = readPartitions(logsDir);
  if (from === to) return wasFinished;
  await change(options, { from, to, archive: `partitions-of-${from}-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "")}` });
  return true;
}

/** Finishes an interrupted change if its number was reached; takes it back if not. @returns whether it was finished */
function settleBegun(options: RepartitionOptions): boolean {
  const { logsDir } = options;
  const begun = readRepartition(logsDir);
  if (begun === undefined) return false;
  const present = readPartitions(logsDir);
  if (present === begun.to && begun.from !== begun.to) {
    finish(options, begun);
    return true;
  }
  if (present !== begun.to) for (const lane of lanesIn(logsDir, present)) removeFiles(logsDir, lane, begun.to);
  noteRepartition(logsDir, undefined);
  return false;
}

/** Changes the number. */
async function change(options: RepartitionOptions, next: Repartition): Promise<void> {
  const { logsDir, say, connect } = options;
  const lanes = lanesIn(logsDir, next.from);
  const inTheWay = lanes.flatMap((lane) => filesOf(logsDir, lane, next.to));
  if (inTheWay.length > 0) throw new RepartitionError("The folder has files of that name: move them away. Nothing was changed.", inTheWay);
  try {
    if (connect !== undefined) await requireEmpty(connect, lanes, next.from);
    noteRepartition(logsDir, next);
    for (const lane of lanes) say(await divide(options, lane, next));
    failpoint("repartition-before-number");
    writePartitions(logsDir, next.to);
    failpoint("repartition-after-number");
  } catch (error) {
    undo(logsDir, lanes, next);
    throw error;
  }
  finish(options, next);
}

/** Removes what was written, if the number has not changed. If that fails, the note stays, and the next run does it. */
function undo(logsDir: string, lanes: readonly string[], { from, to }: Repartition): void {
  try {
    if (readPartitions(logsDir) !== from) return;
    for (const lane of lanes) removeFiles(logsDir, lane, to);
    noteRepartition(logsDir, undefined);
  } catch {
    // The error that led here says why.
  }
}

async function requireEmpty(connect: Connect, lanes: readonly string[], partitions: number): Promise<void> {
  const bus = await bringBrokerTo(connect, lanes, partitions);
  try {
    await requireEmptyQueues(bus, lanes, partitions);
  } finally {
    await bus.close();
  }
}

/** Brings the queues to the number, too. */
async function bringQueues({ connect, to, say }: RepartitionOptions, lanes: readonly string[]): Promise<void> {
  if (connect === undefined)
    return say(
      `AMQP_URL is not set, so queues were not looked at. If the services use RabbitMQ, run "streamgauge repartition --to ${to}" again with AMQP_URL as they have it.`,
    );
  const bus = await bringBrokerTo(connect, lanes, to, { say });
  await bus.close();
}

/** What follows when the number has changed: the files of before go. */
function finish({ logsDir, say }: RepartitionOptions, { from, to, archive }: Repartition): void {
  const lanes = lanesIn(logsDir, to);
  for (const lane of lanes) archiveFiles(logsDir, lane, from, join(logsDir, archive));
  failpoint("repartition-after-archive");
  noteRepartition(logsDir, undefined);
  say(`${logsDir} has ${counted(to)}: start every service with PARTITIONS=${to}. The files of before are in ${join(logsDir, archive)}.`);
}

/** Does something while no metrics and no other repartition can write. */
async function withLocks<T>(logsDir: string, work: () => Promise<T>): Promise<T> {
  const locks = lockLanes(logsDir);
  try {
    return await work();
  } finally {
    closeAll(locks);
  }
}

/** Locks all partitions that there are: while a change is finished, those of before too. */
function lockLanes(logsDir: string): WriterLock[] {
  const numbers = numbersIn(logsDir);
  const locks: WriterLock[] = [];
  try {
    for (const paths of partitionsOf(logsDir, numbers)) locks.push(new WriterLock(paths));
  } catch (error) {
    closeAll(locks);
    throw error instanceof LogInUseError
      ? new LogInUseError(error.log, "Stop metrics and the sources of rows first, then run this again.")
      : error;
  }
  if (numbersIn(logsDir).join() === numbers.join()) return locks;
  // Another repartition ended just before.
  closeAll(locks);
  return lockLanes(logsDir);
}

function numbersIn(logsDir: string): readonly number[] {
  const present = readPartitions(logsDir);
  return [...new Set([present, readRepartition(logsDir)?.from ?? present])];
}

/** The partitions of all lanes, in each of these numbers: files of a number may be partly moved. */
function partitionsOf(logsDir: string, numbers: readonly number[]): readonly LanePaths[] {
  const lanes = [...new Set(numbers.flatMap((number) => lanesIn(logsDir, number)))];
  return lanes.flatMap((lane) =>
    numbers.flatMap((number) => LanePartition.all(lane, number).map((partition) => lanePaths(logsDir, partition))),
  );
}

function closeAll(locks: readonly WriterLock[]): void {
  for (const lock of locks) lock.close();
}

/** Writes the new partitions of a lane and compares. @returns what was done, as a sentence. @throws RepartitionError */
async function divide(options: RepartitionOptions, lane: string, { from, to }: Repartition): Promise<string> {
  const { logsDir } = options;
  const before = await verifyPartitions(logsDir, lane, from);
  if (before.problems.length > 0) throw new RepartitionError(`Lane ${lane} does not add up before: nothing was changed.`, before.problems);
  if (before.unchecked.length > 0)
    throw new RepartitionError(`Lane ${lane} cannot be divided, for parts of its log are missing: nothing was changed.`, before.unchecked);
  removeFiles(logsDir, lane, to);
  await writeDivided(options, lane, from);
  failpoint("repartition-after-files");
  const after = await verifyPartitions(logsDir, lane, to);
  const problems = [
    ...after.problems,
    ...differences(before, after),
    ...lineDifferences(sumOf(logsDir, lane, from), sumOf(logsDir, lane, to)),
  ];
  if (problems.length > 0) throw new RepartitionError(`Lane ${lane} would not add up after: nothing was changed.`, problems);
  return `Lane ${lane}: ${after.state.log.lines} lines and ${after.state.pending.y_true + after.state.pending.y_pred} pending halves in ${counted(to)}, compared with those of ${counted(from)}.`;
}

async function writeDivided(options: RepartitionOptions, lane: string, from: number): Promise<void> {
  const { logsDir, to, alarm, intervalCoverage, retentionMs, rotation, generationIds } = options;
  const partitions = LanePartition.all(lane, from).map((partition) => {
    const paths = lanePaths(logsDir, partition);
    return { paths, store: StateStore.openReadOnly(paths.state) };
  });
  try {
    const lines = partitions.reduce((sum, { store }) => sum + (store.state()?.log.lines ?? 0), 0);
    const sized = generationIds === undefined ? { lines } : { lines, generationIds };
    const divided = await DividedLane.open({ logsDir, lane, to, alarm, intervalCoverage, retentionMs, rotation, ...sized });
    try {
      await divided.takeAll(partitions);
      if (divided.unsettled > 0)
        throw new RepartitionError("Halves were not stored: nothing was changed.", [`${divided.unsettled} frames wait.`]);
    } finally {
      await divided.close();
    }
  } finally {
    for (const { store } of partitions) await store.close();
  }
}

function sumOf(logsDir: string, lane: string, partitions: number): LineSum {
  return lineSum(
    LanePartition.all(lane, partitions).map((partition) => {
      const { log: path, state } = lanePaths(logsDir, partition);
      const store = StateStore.openReadOnly(state);
      const length = store.state()?.log.length ?? 0;
      void store.close();
      return { path, length };
    }),
  );
}

/**
 * How the sums over all partitions differ. A half or correction may have become another kind of refused, expired or settled one: the new index of ids
 * knows early lines that the one of metrics had forgotten, and time has passed. A correction that counts must go on to count.
 */
function differences({ state: before }: LaneVerification, { state: after }: LaneVerification): string[] {
  const problems: string[] = [];
  const compare = (what: string, one: number, other: number) => {
    if (one !== other) problems.push(`${what}: ${one} before, ${other} after.`);
  };
  for (const side of SIDES) {
    for (const name of ["received", "logged", "deadLettered"] as const)
      compare(`${side}, ${name}`, before.balance[side][name], after.balance[side][name]);
    compare(`${side}, pending, unmatched, duplicates and conflicts`, unloggedOf(before, side), unloggedOf(after, side));
  }
  const [one, other] = [before.correctionBalance, after.correctionBalance];
  for (const name of ["received", "deadLettered"] as const) compare(`corrections, ${name}`, one[name], other[name]);
  compare("corrections, applied, waiting, unmatched, duplicates and conflicts", correctionsOf(before), correctionsOf(after));
  if (other.applied < one.applied) problems.push(`corrections, applied: ${one.applied} before, ${other.applied} after.`);
  return problems;
}

function unloggedOf({ balance, pending }: VerifiedSums, side: Side): number {
  const { unmatched, duplicates, conflicts } = balance[side];
  return pending[side] + unmatched + duplicates + conflicts;
}

function correctionsOf({ correctionBalance, waitingCorrections }: VerifiedSums): number {
  const { applied, unmatched, duplicates, conflicts } = correctionBalance;
  return applied + waitingCorrections + unmatched + duplicates + conflicts;
}

function lineDifferences(before: LineSum, after: LineSum): string[] {
  if (before.lines === after.lines && before.sums.every((sum, i) => sum === after.sums[i])) return [];
  return [`The lines differ: ${before.lines} before, ${after.lines} after, or others.`];
}

function counted(partitions: number): string {
  return partitions === 1 ? "one partition" : `${partitions} partitions`;
}
