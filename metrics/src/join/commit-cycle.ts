import type { Outcome } from "@streamgauge/core";
import type { LaneAlarm } from "../alarm/raised-alarm.js";
import type { Clock } from "../clock.js";
import type { CommittedFile } from "../log/append-file.js";
import { SIDES, type Side } from "../state/half-table.js";
import type { Commit } from "../state/state-store.js";
import type { HalfFrame } from "./half-frame.js";
import { commitOf, type JoinState } from "./join-state.js";
import type { FigureRounds } from "../alerting/partitions/figure-rounds.js";
import { partitionedFigures } from "./partitioned-figures.js";
import { laneFiguresOf, type LatestModel } from "./state-figures.js";
import { Joiner } from "./joiner.js";
import type { WaitingRoom } from "./waiting-room.js";

/**
 * A half waits in memory, its message unanswered, until no half of its side has met a partner for this long. Then it spills to
 * the store. At full speed the labels lead by what is queued before and behind the model; storing them would double the work of
 * each row.
 */
const HOLD_MS = 1_000;
/** The longest wait in memory while other halves of the side still meet their partners. */
const MAX_HOLD_MS = 10_000;
/** Frames and rows of one side that wait in memory. Beyond this the oldest spill sooner. */
export const MAX_WAITING = { frames: 500, rows: 1_000_000 };
/** Rows taken in, and rows spilled, in one commit. More would delay readers and heartbeats without any gain. */
const MAX_ROWS = 131_072;
/**
 * The pause after a commit, in ms: the longer, the more rows it had. What comes meanwhile shares the two syncs of the next one, which is of use
 * if much comes; rows that come singly are in the log sooner.
 */
const PAUSE = { aRow: 1 / 20, least: 1, most: 15 };
/** Halves that expire in one commit. */
const MAX_EXPIRING = 20_000;

/** The result of one commit. */
export interface Committed {
  /** Frames whose messages were answered. */
  readonly frames: readonly HalfFrame[];
  /** Lines added to the log. */
  readonly logged: number;
  /** Labels that were corrected. */
  readonly corrected: number;
  /** Alarms on the error that the lines raised. */
  readonly alarms: readonly LaneAlarm[];
  /** Duration in ms. */
  readonly took: number;
}

/** A commit that failed. */
export interface Fault {
  readonly error: Error;
  /** Bytes of the log that could not be committed. */
  readonly bytes: number;
}

export interface CommitCycleOptions {
  /** The state as it was committed last. */
  readonly state: JoinState;
  readonly clock: Clock;
  /** How long a half waits in the store for its partner, in ms; at least 2,000. */
  readonly retentionMs: number;
  readonly onCommit: (committed: Committed) => void;
  /** How many dead letters there are; undefined while that is not known. For rules about them. */
  readonly deadLetters?: () => number | undefined;
  /** What the other partitions of the lane answer. Undefined: there are none, or another partition looks at the rules. */
  readonly rounds?: Pick<FigureRounds, "of" | "finished"> | undefined;
  /** Called once everything unanswered was sent back. The cycle has stopped. */
  readonly onFault: (fault: Fault) => void;
  /** Called at named places of a commit, at which tests of recovery end the process. */
  readonly failpoint: (name: string) => void;
}

/**
 * The heart of metrics. Each cycle joins the frames that came, writes and syncs the log, commits the store with the log's
 * length, and only then answers the messages. After a crash at any point the log is cut back to what is committed, and the
 * broker redelivers the messages.
 */
export class CommitCycle {
  readonly #options: CommitCycleOptions;
  readonly #retentionMs: number;
  readonly #maxHoldMs: number;
  readonly #joiner: Joiner;
  /** Frames for the next commits, and those of the current one. */
  #inbox: HalfFrame[] = [];
  #taken: readonly HalfFrame[] = [];
  /** How far the log is committed. */
  #committed: CommittedFile;
  #generations: Commit["generations"];
  /** Corrections that were applied so far. */
  #applied: number;
  /** Alarms on the error of the current commit. */
  #raised: readonly LaneAlarm[] = [];
  /** The model of the latest predictions. */
  #latest: LatestModel = { model: "", unit: "" };
  /** When frames of each side last met their partners, ms since 1970. */
  readonly #joinedAt: Record<Side, number> = { y_true: -Infinity, y_pred: -Infinity };
  /** When the next commit is due, and when the pause after the last one ends, by the steady clock. */
  #wakeAt = Infinity;
  #pauseUntil = -Infinity;
  #cancelWake: () => void = () => undefined;
  #stopped = false;

  constructor(options: CommitCycleOptions) {
    const { state, retentionMs } = options;
    this.#options = options;
    // So a copy of an id spills while the first half is still in the store, where it is recognised as a duplicate.
    this.#retentionMs = Math.max(retentionMs, 2 * HOLD_MS);
    this.#maxHoldMs = Math.min(MAX_HOLD_MS, this.#retentionMs / 2);
    this.#joiner = new Joiner(state);
    this.#generations = state.log.generations;
    this.#committed = extentOf(state.log);
    this.#applied = state.corrections.balance.applied;
    this.#scheduleNext();
  }

  /** Whether it takes frames: false after a fault, and after `close`. */
  get isRunning(): boolean {
    return !this.#stopped;
  }

  /** Frames that no commit has taken yet. */
  get untaken(): number {
    return this.#inbox.length;
  }

  /** Takes a frame. It is answered when all its rows are durable. */
  receive(frame: HalfFrame): void {
    if (this.#stopped) {
      frame.answer(REDELIVER);
      return;
    }
    this.#inbox.push(frame);
    this.#wakeIn(0);
  }

  /** Commits soon if the rules have something to store. */
  wake(): void {
    if (!this.#stopped) this.#wakeIn(0);
  }

  #wakeIn(ms: number): void {
    const { clock } = this.#options;
    const at = Math.max(clock.steady() + ms, this.#pauseUntil);
    if (at >= this.#wakeAt) return;
    this.#cancelWake();
    this.#wakeAt = at;
    this.#cancelWake = clock.after(at - clock.steady(), () => {
      this.#wakeAt = Infinity;
      this.#run();
    });
  }

  /** Wakes at once if there is more to do, or when the next half is due to spill or to expire. */
  #scheduleNext(): void {
    const { state, clock } = this.#options;
    const now = clock.now();
    if (this.#inbox.length > 0 || this.#nextToSpill(now) !== undefined) {
      this.#wakeIn(0);
      return;
    }
    for (const side of SIDES) {
      const { oldest } = state.rooms[side];
      if (oldest !== undefined) this.#wakeIn(this.#holdFor(oldest, now));
    }
    const arrival = this.#oldestArrival();
    if (arrival !== undefined) this.#wakeIn(arrival + this.#retentionMs - now);
    if (state.alerting !== undefined) this.#wakeIn(state.alerting.dueIn(now));
    const { dueAt } = state.monitor;
    if (dueAt !== undefined) this.#wakeIn(Math.max(0, dueAt - now));
  }

  #run(): void {
    if (this.#stopped) return;
    const { clock } = this.#options;
    const began = clock.steady();
    try {
      const isCommitted = this.#commit(clock.now());
      const rows = this.#rowsTaken();
      if (isCommitted) this.#answer(clock.steady() - began);
      this.#pauseUntil = clock.steady() + Math.min(PAUSE.most, Math.max(PAUSE.least, rows * PAUSE.aRow));
      this.#scheduleNext();
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** @returns false if there was nothing to commit. */
  #commit(now: number): boolean {
    const { state, failpoint } = this.#options;
    const { log, store, unmatched, conflicts, corrections, monitor, alarms, records } = state;
    store.assertUntouched();
    this.#taken = this.#takeInbox();
    this.#latest = this.#taken.findLast(({ model, length }) => model !== "" && length > 0) ?? this.#latest;
    const arrival = this.#oldestArrival();
    const expiring = arrival !== undefined && arrival + this.#retentionMs <= now;
    const isDue = now >= (monitor.dueAt ?? Infinity);
    const isIdle = this.#taken.length === 0 && !expiring && !isDue && this.#nextToSpill(now) === undefined;
    if (isIdle && !this.#lookAtRules(now)) return false;
    store.commit(() => {
      monitor.begin(now, this.#rowsTaken());
      alarms.begin(now);
      for (const frame of this.#taken) this.#joiner.take(frame);
      for (const { side, correction } of this.#joiner.finished) if (correction === undefined) this.#joinedAt[side] = now;
      const allSpilled = this.#spillDue(now);
      if (expiring && allSpilled) this.#expire(now);
      failpoint("before-write");
      log.finishPart(now, failpoint);
      log.write();
      failpoint("after-log");
      unmatched.write();
      conflicts.write();
      corrections.write();
      const changes = { monitor: monitor.write(records), alarms: alarms.takeChanges() };
      this.#raised = changes.alarms?.raised ?? [];
      failpoint("after-sync");
      this.#joiner.countReceived();
      this.#lookAtRules(now);
      return commitOf(state, changes, this.#generations);
    });
    failpoint("after-commit");
    this.#generations = log.generations;
    return true;
  }

  /** When the oldest half or correction in the store came, ms since 1970; undefined if there is none. */
  #oldestArrival(): number | undefined {
    const { pending, corrections } = this.#options.state;
    const oldest = Math.min(pending.oldestArrival() ?? Infinity, corrections.oldestArrival() ?? Infinity);
    return oldest === Infinity ? undefined : oldest;
  }

  /** @returns whether they have something to store. */
  #lookAtRules(now: number): boolean {
    const { state, deadLetters, rounds } = this.#options;
    if (state.alerting?.isDue(now) !== true) return false;
    const own = laneFiguresOf(state, this.#latest, deadLetters?.());
    return state.alerting.look(rounds === undefined ? own : partitionedFigures(own, state, rounds), now);
  }

  #takeInbox(): HalfFrame[] {
    let rows = 0;
    let count = 0;
    while (count < this.#inbox.length && rows < MAX_ROWS) rows += this.#inbox[count++]?.length ?? 0;
    const taken = this.#inbox.slice(0, count);
    this.#inbox = this.#inbox.slice(count);
    return taken;
  }

  #rowsTaken(): number {
    return this.#taken.reduce((sum, { length }) => sum + length, 0);
  }

  /** @returns false if frames are left for the next commit. */
  #spillDue(now: number): boolean {
    let rows = 0;
    for (let frame = this.#nextToSpill(now); frame !== undefined; frame = this.#nextToSpill(now)) {
      if (rows >= MAX_ROWS) return false;
      rows += frame.open;
      this.#joiner.spill(frame);
    }
    return true;
  }

  /** The oldest frame of a side, if it has waited long enough or the side is full. */
  #nextToSpill(now: number): HalfFrame | undefined {
    const { rooms } = this.#options.state;
    for (const side of SIDES) {
      const { oldest } = rooms[side];
      if (oldest !== undefined && (this.#holdFor(oldest, now) <= 0 || isFull(rooms[side]))) return oldest;
    }
    return undefined;
  }

  /** How much longer a frame may wait in memory, in ms. */
  #holdFor(frame: HalfFrame, now: number): number {
    if (frame.isAlone) return 0;
    const held = waited(frame, now);
    return Math.min(this.#maxHoldMs - held, HOLD_MS - Math.min(held, now - this.#joinedAt[frame.side]));
  }

  #expire(now: number): void {
    const { pending, corrections } = this.#options.state;
    for (const halves of pending.expire(now - this.#retentionMs, MAX_EXPIRING)) {
      const partner = halves.side === "y_true" ? "prediction" : "label";
      this.#joiner.expire(halves, `no ${partner} came within ${this.#retentionMs} ms`);
    }
    corrections.expire(now - this.#retentionMs, MAX_EXPIRING, `no label to correct was logged within ${this.#retentionMs} ms`);
  }

  #answer(took: number): void {
    const frames = this.#joiner.finished;
    this.#joiner.finished = [];
    this.#taken = [];
    for (const frame of frames) frame.answer(frame.outcome);
    const { log, corrections } = this.#options.state;
    const [before, appliedBefore] = [this.#committed, this.#applied];
    this.#committed = extentOf(log);
    this.#applied = corrections.balance.applied;
    const [logged, corrected] = [this.#committed.lines - before.lines, this.#applied - appliedBefore];
    this.#options.onCommit({ frames, logged, corrected, alarms: this.#raised, took });
  }

  /** The model version and the unit of the latest predictions. */
  get latest(): LatestModel {
    return this.#latest;
  }

  /** @see Joiner.takeLatest */
  takeLatest() {
    return this.#joiner.takeLatest();
  }

  #fail(error: Error): void {
    const { log } = this.#options.state;
    this.close();
    this.#options.onFault({ error, bytes: log.length - this.#committed.length });
  }

  /** Stops. Unanswered messages go back to their queues. */
  close(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancelWake();
    const { rooms } = this.#options.state;
    // Collected here: a set of all unanswered frames, kept up to date, costs a third more CPU at one row a message (Node 20).
    const unanswered = [...this.#inbox, ...this.#taken, ...this.#joiner.finished, ...rooms.y_true.frames, ...rooms.y_pred.frames];
    for (const frame of new Set(unanswered)) frame.answer(REDELIVER);
  }
}

const REDELIVER: Outcome = { kind: "retry", reason: "metrics stopped before it was committed" };

/** How long a frame has waited, in ms; Infinity if the clock was set back since it came. */
function waited({ receivedAt }: HalfFrame, now: number): number {
  return now < receivedAt ? Infinity : now - receivedAt;
}

function extentOf({ length, lines }: CommittedFile): CommittedFile {
  return { length, lines };
}

function isFull({ size, rows }: WaitingRoom): boolean {
  return size > MAX_WAITING.frames || rows > MAX_WAITING.rows;
}
