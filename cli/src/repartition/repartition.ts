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
import { lanePaths } from "@streamgauge/core/metric-log";
import { DividedLane, LogInUseError, StateStore, WriterLock, type DivisionOptions } from "@streamgauge/metrics";
import { verifyPartitions, type LaneVerification } from "../verify/verify-partitions.js";
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
  // A change of which the number was not reached is begun anew.
  if (begun !== undefined && readPartitions(logsDir) === begun.to && begun.from !== begun.to) await finish(options, begun);
  const from = readPartitions(logsDir);
  if (from === to) {
    if (begun !== undefined) noteRepartition(logsDir, undefined);
    await bringQueues(options, lanesIn(logsDir, to));
    say(`${logsDir} has ${counted(to)}.`);
    return;
  }
  if (begun !== undefined && begun.to !== to && begun.to !== from)
    for (const lane of lanesIn(logsDir, from)) removeFiles(logsDir, lane, begun.to);
  await change(options, { from, to, archive: `partitions-of-${from}-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "")}` });
}

/** Changes the number. */
async function change(options: RepartitionOptions, next: Repartition): Promise<void> {
  const { logsDir, say, connect } = options;
  const lanes = lanesIn(logsDir, next.from);
  const inTheWay = readRepartition(logsDir) === undefined ? lanes.flatMap((lane) => filesOf(logsDir, lane, next.to)) : [];
  if (inTheWay.length > 0) throw new RepartitionError("The folder has files of that name: move them away. Nothing was changed.", inTheWay);
  const locks = locksOf(logsDir, lanes, next.from);
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
  } finally {
    for (const lock of locks) lock.close();
  }
  await finish(options, next);
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

/** What follows when the number has changed: the files and queues of before go. */
async function finish(options: RepartitionOptions, { from, to, archive }: Repartition): Promise<void> {
  const { logsDir, say } = options;
  const lanes = lanesIn(logsDir, to);
  for (const lane of lanes) archiveFiles(logsDir, lane, from, join(logsDir, archive));
  failpoint("repartition-after-archive");
  noteRepartition(logsDir, undefined);
  say(`${logsDir} has ${counted(to)}: start every service with PARTITIONS=${to}. The files of before are in ${join(logsDir, archive)}.`);
  await bringQueues({ ...options, to }, lanes);
  failpoint("repartition-after-queues");
}

function locksOf(logsDir: string, lanes: readonly string[], partitions: number): WriterLock[] {
  const locks: WriterLock[] = [];
  try {
    for (const lane of lanes)
      for (const partition of LanePartition.all(lane, partitions)) locks.push(new WriterLock(lanePaths(logsDir, partition)));
    return locks;
  } catch (error) {
    for (const lock of locks) lock.close();
    throw error instanceof LogInUseError
      ? new LogInUseError(error.log, "Stop metrics and the sources of rows first, then run this again.")
      : error;
  }
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

/** How the sums over all partitions differ: a half that expired meanwhile is unmatched in place of pending. */
function differences({ state: before }: LaneVerification, { state: after }: LaneVerification): string[] {
  const problems: string[] = [];
  const compare = (what: string, one: number, other: number) => {
    if (one !== other) problems.push(`${what}: ${one} before, ${other} after.`);
  };
  for (const side of ["y_true", "y_pred"] as const) {
    const [one, other] = [before.balance[side], after.balance[side]];
    for (const name of ["received", "logged", "deadLettered", "duplicates", "conflicts"] as const)
      compare(`${side}, ${name}`, one[name], other[name]);
    compare(`${side}, pending and unmatched`, before.pending[side] + one.unmatched, after.pending[side] + other.unmatched);
  }
  const [one, other] = [before.correctionBalance, after.correctionBalance];
  for (const name of ["received", "applied", "deadLettered", "duplicates", "conflicts"] as const)
    compare(`corrections, ${name}`, one[name], other[name]);
  return problems;
}

function lineDifferences(before: LineSum, after: LineSum): string[] {
  if (before.lines === after.lines && before.sums.every((sum, i) => sum === after.sums[i])) return [];
  return [`The lines differ: ${before.lines} before, ${after.lines} after, or others.`];
}

function counted(partitions: number): string {
  return partitions === 1 ? "one partition" : `${partitions} partitions`;
}
