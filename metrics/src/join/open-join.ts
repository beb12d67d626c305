import { existsSync } from "node:fs";
import { SavedValueError, type Closable, errorText } from "@streamgauge/core";
import { readCorrectionRecords } from "../log/correction-records.js";
import { CORRECTION_COLUMNS, Corrections } from "../corrections/corrections.js";
import { restoreCorrections } from "../corrections/restore-corrections.js";
import { DEFAULT_ALARM, type AlarmSettings } from "../alarm/alarm-settings.js";
import { Alarms } from "../alarm/alarms.js";
import { SYSTEM_CLOCK, type Clock } from "../clock.js";
import { setAside, SYSTEM_DISK, type Disk } from "../log/append-file.js";
import { RecordFile } from "../log/record-file.js";
import { recoverLog } from "../log/recovery.js";
import type { Rotation } from "../log/rotation.js";
import type { LanePaths } from "@streamgauge/core/metric-log";
import { CodeRecords } from "../monitoring/code-records.js";
import { LatestDrift } from "../monitoring/latest-drift.js";
import { LineRecords } from "../monitoring/line-records.js";
import { Monitor } from "../monitoring/monitor.js";
import { DEFAULT_COVERAGE } from "../intervals/intervals.js";
import { damageOf, isDamage } from "../state/inspect-store.js";
import type { Side } from "../state/half-table.js";
import { EMPTY_BALANCE, type CommittedState } from "../state/saved-state.js";
import { DATABASES, StateStore } from "../state/state-store.js";
import { VersionStatistics } from "../statistics/version-statistics.js";
import { Alerting, type AlertingOptions } from "../alerting/alerting.js";
import { CommitCycle, type CommitCycleOptions } from "./commit-cycle.js";
import { commitOf, type JoinState } from "./join-state.js";
import { CONFLICT_COLUMNS, UNMATCHED_COLUMNS } from "./joiner.js";
import { WaitingRoom } from "./waiting-room.js";

/** The join of a lane, recovered from disk and ready for frames. */
export interface OpenJoin extends Closable {
  readonly state: JoinState;
  readonly cycle: CommitCycle;
  /** What was found and repaired on disk, each a sentence for the user. */
  readonly findings: readonly string[];
  close(): Promise<void>;
}

export interface JoinOptions extends Pick<
  CommitCycleOptions,
  "retentionMs" | "onCommit" | "onFault" | "failpoint" | "deadLetters" | "rounds"
> {
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Default: the system's. */
  readonly disk?: Disk;
  /** How the alarm on the error is set; its reference is that of the windows too. Default: the defaults of the settings. */
  readonly alarm?: AlarmSettings;
  /** The share of rows whose announced interval is to hold the label. Default: 0.9. */
  readonly intervalCoverage?: number;
  /** When the state of a new store is made, ms since 1970. Default: now, by the clock. */
  readonly madeAt?: number;
  /** Whether what is committed must outlive a power failure. Default: true. */
  readonly isDurable?: boolean;
  /** Windows are stored at least so often while they change, in ms. Default: once a second. */
  readonly storeEveryMs?: number;
  /** Ids in one generation of the log's index. Default: 10 million. */
  readonly generationIds?: number;
  /** When a part of the log is finished. Default: never. */
  readonly rotation?: Rotation | undefined;
  /** The rules of the lane. Default: none. */
  readonly alerting?: Omit<AlertingOptions, "saved" | "history" | "openedAt"> | undefined;
  /** Describes the damage of a store before it is opened; undefined if it is sound. Default: another process opens it first. */
  readonly damageOf?: (folder: string, databases: readonly string[]) => string | undefined;
}

/** Opens the state and the files of a lane and restores what was committed last. */
export async function openJoin(paths: LanePaths, options: JoinOptions): Promise<OpenJoin> {
  try {
    return await openWith(paths, options, options.damageOf ?? damageOf);
  } catch (error) {
    const damage = damageBy(error);
    if (damage === undefined || !existsSync(paths.state)) throw error;
    return openWith(paths, options, () => damage);
  }
}

/** The damage of a store by the error of its reader; undefined if the error means something else. */
function damageBy(error: unknown): string | undefined {
  const reason = error instanceof SavedValueError ? error.problem : errorText(error);
  return error instanceof SavedValueError || isDamage(reason) ? reason : undefined;
}

/** @param inspect - what is wrong with the store, if it is damaged. */
async function openWith(paths: LanePaths, options: JoinOptions, inspect: NonNullable<JoinOptions["damageOf"]>): Promise<OpenJoin> {
  const { clock = SYSTEM_CLOCK, disk = SYSTEM_DISK, generationIds, alarm = DEFAULT_ALARM } = options;
  const now = new Date(clock.now());
  const opened: Closable[] = [];
  const close = async () => {
    const results = await Promise.allSettled(
      opened
        .splice(0)
        .reverse()
        .map(async (part) => part.close()),
    );
    for (const result of results) if (result.status === "rejected") throw result.reason;
  };
  const own = <T extends Closable>(part: T): T => {
    opened.push(part);
    return part;
  };
  try {
    const { store, committed, findings } = await openStore(paths.state, inspect, now, options.isDurable);
    own(store);
    const ofStore = { tail: store.tail(), generations: store.generations(), day: store.logDay() };
    const known = committed === undefined ? undefined : { ...committed.log, ...ofStore };
    const {
      log,
      continues,
      findings: ofLog,
    } = recoverLog(paths.log, known, { disk, now, rotation: options.rotation, ...(generationIds === undefined ? {} : { generationIds }) });
    own(log);
    if (committed === undefined && findings.length === 0 && log.lines > 0) {
      findings.push(
        `${paths.log} has ${log.lines} lines but no state beside it: new rows are appended; halves that were pending are lost.`,
      );
    }
    const unmatched = RecordFile.open(paths.unmatched, UNMATCHED_COLUMNS, committed?.unmatched, disk, now);
    own(unmatched.records);
    const conflicts = RecordFile.open(paths.conflicts, CONFLICT_COLUMNS, committed?.conflicts, disk, now);
    own(conflicts.records);
    const corrected = RecordFile.open(paths.corrections, CORRECTION_COLUMNS, committed?.corrections, disk, now);
    own(corrected.records);

    const { pending, windows: table, journal, modelNames: names, pairGrids: grids, features: featureTables } = store;
    const savedMonitor = store.monitor();
    const monitor = new Monitor({
      table,
      journal,
      names,
      grids,
      featureTables,
      retentionMs: options.retentionMs,
      coverage: options.intervalCoverage ?? DEFAULT_COVERAGE,
      referenceRows: alarm.referenceRows,
      saved: savedMonitor,
      now: now.getTime(),
      madeAt: options.madeAt ?? now.getTime(),
      lines: log.lines,
      storeEveryMs: options.storeEveryMs,
    });
    const expected = { length: savedMonitor?.recordsLength, lines: log.lines, journalLines: monitor.journalLines };
    let codes: ReturnType<typeof CodeRecords.open> | undefined;
    const openCodes = (end: number) => (codes = CodeRecords.open(paths.codes, featureTables, savedMonitor?.codes, end, disk, now)).codes;
    const lines = LineRecords.open(paths.lines, expected, openCodes, disk, now);
    own(lines.records);
    if (lines.hasLost) monitor.loseRecords();

    const alarms = new Alarms(alarm, log.lines);
    const anew = alarms.restore(store.alarms(), store.raisedAlarms());
    const versions = new VersionStatistics();
    // Those of another log are not in the figures of this one.
    versions.restore(continues ? (committed?.versions ?? []) : []);
    const savedCorrections = store.corrections();
    const corrections = new Corrections({
      table: store.correctionTable,
      log,
      monitor,
      lineRecords: lines.records,
      records: corrected.records,
      unmatched: unmatched.records,
      conflicts: conflicts.records,
      balance: committed?.correctionBalance,
      saved: continues ? savedCorrections : undefined,
      isOfOtherLog: !continues && savedCorrections !== undefined,
    });
    const toRestore = continues ? [] : await readCorrectionRecords(paths.corrections);
    const state: JoinState = {
      log,
      store,
      pending,
      rooms: { y_true: new WaitingRoom(), y_pred: new WaitingRoom() },
      unmatched: unmatched.records,
      conflicts: conflicts.records,
      balance: {
        y_true: balanceOf(committed?.balance.y_true, log.lines, pending.counts.y_true),
        y_pred: balanceOf(committed?.balance.y_pred, log.lines, pending.counts.y_pred),
      },
      corrections,
      versions,
      records: lines.records,
      monitor,
      drift: new LatestDrift(monitor, () => clock.now()),
      alarms,
      alerting: alertingOf(options, store, now.getTime()),
    };
    // From here on, bytes beyond these lengths count as not written, in a new store too.
    store.commit(() => {
      // Where lines without records had theirs, other lines will have them.
      if (codes?.hasLost === true) featureTables.clearRuns();
      monitor.begin(now.getTime(), toRestore.length);
      if (!continues) store.correctionTable.forgetLogged();
      const strangers = restoreCorrections(corrections, log, toRestore);
      if (strangers > 0)
        findings.push(`${paths.corrections} corrects ${strangers} labels that are not in ${paths.log}: they do not count.`);
      // Nothing is stored that need not be: a start shall work on a full disk too.
      return commitOf(state, { monitor: monitor.write(lines.records), alarms: undefined }, undefined);
    });
    const cycle = own(new CommitCycle({ ...options, clock, state }));
    return {
      state,
      cycle,
      findings: [
        ...findings,
        ...ofLog,
        ...unmatched.findings,
        ...conflicts.findings,
        ...corrected.findings,
        ...lines.findings,
        ...(codes?.findings ?? []),
        ...anew,
      ],
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface OpenedStore {
  readonly store: StateStore;
  readonly committed: CommittedState | undefined;
  readonly findings: string[];
}

/** Opens the store. A damaged one is set aside, so that the log can go on without it. */
async function openStore(
  folder: string,
  inspect: NonNullable<JoinOptions["damageOf"]>,
  now: Date,
  isDurable?: boolean,
): Promise<OpenedStore> {
  const damage = inspect(folder, DATABASES);
  return damage === undefined ? { ...(await readStore(folder, isDurable)), findings: [] } : replaceStore(folder, damage, now);
}

async function replaceStore(folder: string, reason: string, now: Date): Promise<OpenedStore> {
  const finding =
    `The state in ${folder} cannot be read (${reason}). It is kept as ${setAside(folder, now)}; halves that were pending in it ` +
    "are lost unless it can be repaired. The log is kept.";
  return { ...(await readStore(folder)), findings: [finding] };
}

async function readStore(folder: string, isDurable?: boolean): Promise<Omit<OpenedStore, "findings">> {
  const store = StateStore.open(folder, isDurable);
  try {
    const committed = store.state();
    // Read here, so that what is unreadable is found before any message is taken.
    store.windows.readAll();
    store.generations();
    store.logDay();
    store.monitor();
    store.corrections();
    store.alarms();
    store.alerting();
    store.alertHistory();
    return { store, committed };
  } catch (error) {
    await store.close();
    throw error;
  }
}

function alertingOf({ alerting }: JoinOptions, store: StateStore, openedAt: number): Alerting | undefined {
  if (alerting === undefined) return undefined;
  return new Alerting({ ...alerting, saved: store.alerting(), history: store.alertHistory(), openedAt });
}

/** The balance by what the log and the store really hold, even if they were changed from outside; the rest as committed. */
function balanceOf(
  committed: CommittedState["balance"][Side] = EMPTY_BALANCE,
  logged: number,
  pending: number,
): JoinState["balance"][Side] {
  const { unmatched, deadLettered, duplicates, conflicts } = committed;
  const received = logged + pending + unmatched + deadLettered + duplicates + conflicts;
  return { received, logged, unmatched, deadLettered, duplicates, conflicts };
}
