import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { open, type Database, type RootDatabase } from "lmdb";
import { syncFolder } from "@streamgauge/core";
import { FileChangedError } from "../log/append-file.js";
import type { AlertingChanges } from "../alerting/alerting.js";
import { ALERT_HISTORY_FORMAT, ALERTING_FORMAT, type SavedAlertHistory, type SavedAlerting } from "../alerting/saved-alerting.js";
import { HALF_DATABASES, HalfTable, type PendingHalf, type Side } from "./half-table.js";
import { PendingHalves } from "./pending-halves.js";
import type { AlarmChanges } from "../alarm/alarms.js";
import { ALARM_FORMAT, ALARM_STATE_FORMAT, type AlarmState, type SavedAlarm } from "../alarm/saved-alarms.js";
import {
  GENERATIONS_FORMAT,
  LOG_DAY_FORMAT,
  REPLACED_FORMAT,
  STATE_FORMAT,
  type CommittedState,
  type SavedReplaced,
} from "./saved-state.js";
import { CORRECTION_DATABASES, CorrectionTable } from "./correction-table.js";
import { FEATURE_DATABASES, FeatureTables } from "./feature-tables.js";
import { JOURNAL_DATABASE, JournalTable } from "./journal-table.js";
import { NumberedNames, NAME_DATABASE } from "./numbered-names.js";
import { GRID_DATABASE, PairGrids } from "./pair-grids.js";
import { WINDOW_DATABASE, WindowTable } from "./window-table.js";
import { MONITOR_FORMAT, type SavedMonitor } from "../monitoring/saved-monitor.js";
import type { Generation } from "../log/metric-log.js";

/** The LMDB databases of a store, by name. */
export const DATABASES: readonly string[] = [
  ...HALF_DATABASES,
  "meta",
  WINDOW_DATABASE,
  JOURNAL_DATABASE,
  NAME_DATABASE,
  GRID_DATABASE,
  ...CORRECTION_DATABASES,
  ...FEATURE_DATABASES,
];

/** Databases for which a store has room. */
const MAX_DATABASES = 32;

/** Alarms that are kept: the last of them. */
export const KEPT_ALARMS = 1_000;

/** What one transaction records, besides the halves. */
export interface Commit {
  readonly state: CommittedState;
  /** What monitoring keeps; undefined if it has not changed. */
  readonly monitor: SavedMonitor | undefined;
  /** What rules and alerts changed; undefined if there are none. */
  readonly alerting?: AlertingChanges | undefined;
  /** What the alarm on the error changed; undefined if no line was logged. */
  readonly alarms?: AlarmChanges | undefined;
  /** The statistics of corrections; undefined if they have not changed. */
  readonly corrections?: SavedReplaced | undefined;
  /** The last bytes of the log, to restore them if it loses them. */
  readonly tail: Buffer;
  /** The generations of the log's index; undefined if they have not changed. */
  readonly generations: readonly Generation[] | undefined;
  /** The UTC day of the last commit of the log, as `20260131`; undefined if that is not known. */
  readonly logDay?: string | undefined;
}

/**
 * The durable state of metrics, in LMDB: the pending halves, and how far the files are committed. Each commit cycle changes it in
 * one transaction, which is on disk when `commit` returns. Other processes may read it meanwhile.
 */
export class StateStore {
  readonly #root: RootDatabase;
  readonly #path: string;
  readonly #inode: number;
  #size: number;
  /** Commits that belong to one transaction; undefined while each has its own. */
  #together: Commit[] | undefined;
  readonly #halves: HalfTable;
  #pending: PendingHalves | undefined;
  /** As it was put last. */
  #logDay: string | undefined;
  readonly #meta: Database<Buffer, string>;
  readonly windows: WindowTable;
  readonly journal: JournalTable;
  readonly modelNames: NumberedNames;
  readonly pairGrids: PairGrids;
  readonly correctionTable: CorrectionTable;
  readonly features: FeatureTables;

  private constructor(root: RootDatabase, folder: string) {
    this.#root = root;
    this.#halves = new HalfTable(root);
    this.#meta = root.openDB({ name: "meta", encoding: "binary" });
    this.windows = new WindowTable(root);
    this.journal = new JournalTable(root);
    this.modelNames = new NumberedNames(root, NAME_DATABASE);
    this.pairGrids = new PairGrids(root, (number) => this.modelNames.nameOf(number));
    this.correctionTable = new CorrectionTable(root);
    this.features = new FeatureTables(root);
    this.#path = dataFile(folder);
    const { ino, size } = statSync(this.#path);
    this.#inode = ino;
    this.#size = size;
  }

  /** Whether a folder has a store, or what a copy of one consists of. */
  static isAt(folder: string): boolean {
    return existsSync(dataFile(folder));
  }

  /** Whether the files of a store exist. */
  static wasUsed(folder: string): boolean {
    return existsSync(dataFile(folder)) && existsSync(join(folder, "lock.mdb"));
  }

  /**
   * @param folder - created if missing. Inspect it first: some damage crashes the process. @param isDurable - whether commits must outlive a power failure.
   * @throws the error of LMDB on other damage.
   */
  static open(folder: string, isDurable = true): StateStore {
    const isNew = !existsSync(dataFile(folder));
    mkdirSync(folder, { recursive: true });
    // With overlappingSync a commit would be on disk only some time after it returns.
    const store = new StateStore(
      open({ path: folder, noSubdir: false, overlappingSync: false, noSync: !isDurable, maxDbs: MAX_DATABASES }),
      folder,
    );
    // LMDB syncs the file but not its name, and the folders may be new too.
    if (isNew) for (const named of [folder, dirname(folder), dirname(dirname(folder))]) syncFolder(named);
    return store;
  }

  /** Opens the store for reading, whether metrics runs or not. @throws if the folder has no state. */
  static openReadOnly(folder: string): StateStore {
    // LMDB would create the folder.
    if (!existsSync(dataFile(folder))) throw new Error(`${folder} has no state of metrics.`);
    return new StateStore(open({ path: folder, noSubdir: false, readOnly: true, maxDbs: MAX_DATABASES }), folder);
  }

  /** The state that was committed last; undefined in a new store. @throws SavedValueError, LaterVersionError */
  state(): CommittedState | undefined {
    const bytes = this.#meta.getBinary("state");
    return bytes === undefined ? undefined : STATE_FORMAT.read(bytes.toString("utf8"));
  }

  /** What monitoring committed last; undefined in a store without it. @throws SavedValueError, LaterVersionError */
  monitor(): SavedMonitor | undefined {
    const bytes = this.#meta.getBinary("monitor");
    return bytes === undefined ? undefined : MONITOR_FORMAT.read(bytes.toString("utf8"));
  }

  /** The last bytes of the committed log. */
  tail(): Buffer {
    return this.#meta.getBinary("tail") ?? Buffer.alloc(0);
  }

  /** The generations of the log's index; empty in a new store. @throws SavedValueError, LaterVersionError */
  generations(): readonly Generation[] {
    const bytes = this.#meta.getBinary("generations");
    return bytes === undefined ? [] : GENERATIONS_FORMAT.read(bytes.toString("utf8")).generations;
  }

  /** The UTC day on which a line was committed last, as `20260131`; undefined in a store without it. @throws SavedValueError, LaterVersionError */
  logDay(): string | undefined {
    const bytes = this.#meta.getBinary("log-day");
    return bytes === undefined ? undefined : LOG_DAY_FORMAT.read(bytes.toString("utf8")).day;
  }

  /** The alarm on the error; undefined in a store without it. @throws SavedValueError, LaterVersionError */
  alarms(): AlarmState | undefined {
    const bytes = this.#meta.getBinary("alarms");
    return bytes === undefined ? undefined : ALARM_STATE_FORMAT.read(bytes.toString("utf8"));
  }

  /** The alarms that were raised last, at most `KEPT_ALARMS`, in their order. @throws SavedValueError, LaterVersionError */
  raisedAlarms(): readonly SavedAlarm[] {
    const { count = 0 } = this.alarms() ?? {};
    const raised: SavedAlarm[] = [];
    for (let number = Math.max(1, count - KEPT_ALARMS + 1); number <= count; number += 1) {
      const bytes = this.#meta.getBinary(alarmKey(number));
      if (bytes !== undefined) raised.push(ALARM_FORMAT.read(bytes.toString("utf8")));
    }
    return raised;
  }

  #putAlarms({ state, raised }: AlarmChanges): void {
    this.#meta.putSync("alarms", Buffer.from(ALARM_STATE_FORMAT.write(state)));
    for (const alarm of raised.slice(-KEPT_ALARMS))
      this.#meta.putSync(alarmKey(alarm.number), Buffer.from(ALARM_FORMAT.write({ version: 1, ...alarm })));
  }

  /** The rules and the alerts on their way; undefined in a store without them. @throws SavedValueError, LaterVersionError */
  alerting(): SavedAlerting | undefined {
    const bytes = this.#meta.getBinary("alerting");
    return bytes === undefined ? undefined : ALERTING_FORMAT.read(bytes.toString("utf8"));
  }

  /** The last alerts that were resolved; undefined in a store without any. @throws SavedValueError, LaterVersionError */
  alertHistory(): SavedAlertHistory | undefined {
    const bytes = this.#meta.getBinary("alert-history");
    return bytes === undefined ? undefined : ALERT_HISTORY_FORMAT.read(bytes.toString("utf8"));
  }

  /** The statistics of corrections; undefined in a store without any. @throws SavedValueError, LaterVersionError */
  corrections(): SavedReplaced | undefined {
    const bytes = this.#meta.getBinary("corrections");
    return bytes === undefined ? undefined : REPLACED_FORMAT.read(bytes.toString("utf8"));
  }

  /** Once a day. */
  #putLogDay(day: string | undefined): void {
    if (day === undefined || day === this.#logDay) return;
    this.#meta.putSync("log-day", Buffer.from(LOG_DAY_FORMAT.write({ version: 1, day })));
    this.#logDay = day;
  }

  /** Runs `work` as one transaction and makes it durable. If `work` throws, nothing in the store changes. */
  commit(work: () => Commit): void {
    if (this.#together !== undefined) {
      const commit = work();
      this.#together.push(commit);
    } else this.#root.transactionSync(() => this.#put([work()]));
  }

  /** Runs commits that belong to one transaction, because they need not outlive the process one by one. What each stores in the place of the one before is put once. */
  together(commits: () => void): void {
    this.#root.transactionSync(() => {
      const all: Commit[] = [];
      this.#together = all;
      try {
        commits();
      } finally {
        this.#together = undefined;
      }
      if (all.length > 0) this.#put(all);
    });
  }

  /** Stores what the last of several commits left, and all that they raised. */
  #put(commits: readonly Commit[]): void {
    const latest = <K extends keyof Commit>(key: K) => commits.findLast((commit) => commit[key] !== undefined)?.[key];
    const put = (key: string, text: string | undefined) => {
      if (text !== undefined) this.#meta.putSync(key, Buffer.from(text));
    };
    const [state, monitor, corrections] = [latest("state"), latest("monitor"), latest("corrections")];
    const [tail, generations, alarms] = [latest("tail"), latest("generations"), latest("alarms")];
    const alerting = commits.findLast((commit) => commit.alerting?.state !== undefined)?.alerting?.state;
    const history = commits.findLast((commit) => commit.alerting?.history !== undefined)?.alerting?.history;
    put("state", state && STATE_FORMAT.write(state));
    put("monitor", monitor && MONITOR_FORMAT.write(monitor));
    put("alerting", alerting && ALERTING_FORMAT.write(alerting));
    put("alert-history", history && ALERT_HISTORY_FORMAT.write(history));
    if (alarms !== undefined) this.#putAlarms({ state: alarms.state, raised: commits.flatMap((commit) => commit.alarms?.raised ?? []) });
    put("corrections", corrections && REPLACED_FORMAT.write(corrections));
    if (tail !== undefined) this.#meta.putSync("tail", tail);
    this.#putLogDay(latest("logDay"));
    put("generations", generations && GENERATIONS_FORMAT.write({ version: GENERATIONS_FORMAT.version, generations }));
  }

  /**
   * Call this before each use: writes to a deleted store are lost, and reading a part that was cut off crashes the process.
   *
   * @throws FileChangedError
   */
  assertUntouched(): void {
    const now = statSync(this.#path, { throwIfNoEntry: false });
    if (now === undefined) throw new FileChangedError(this.#path, "was deleted");
    if (now.ino !== this.#inode) throw new FileChangedError(this.#path, "was replaced");
    if (now.size < this.#size) throw new FileChangedError(this.#path, `shrank from ${this.#size} to ${now.size} bytes`);
    this.#size = now.size;
  }

  /**
   * The pending halves, and the only way to change them. The first call reads all their ids. After a failed `commit` they no longer
   * agree with the store: open it anew.
   */
  get pending(): PendingHalves {
    return (this.#pending ??= new PendingHalves(this.#halves));
  }

  /** How many halves of a side are pending, counted by LMDB. */
  count(side: Side): number {
    return this.#halves.count(side);
  }

  /** The predictions that wait for their labels. */
  pendingPredictions(): Iterable<PendingHalf> {
    return this.#halves.halves("y_pred");
  }

  /** The halves of a side that wait for their partners, with their ids. */
  pendingHalves(side: Side): Iterable<{ readonly id: Buffer; readonly half: PendingHalf }> {
    return this.#halves.entries(side);
  }

  async close(): Promise<void> {
    await this.#root.close();
  }
}

function dataFile(folder: string): string {
  return join(folder, "data.mdb");
}

/** An alarm takes the place of the one `KEPT_ALARMS` before it. */
function alarmKey(number: number): string {
  return `alarm ${number % KEPT_ALARMS}`;
}
