import type { Outcome } from "@streamgauge/core";
import type { Clock } from "../clock.js";
import type { CommittedFile } from "../log/append-file.js";
import { SIDES, type Side } from "../state/half-table.js";
import type { Commit } from "../state/state-store.js";
import type { HalfFrame } from "./half-frame.js";
import { commitOf, type JoinState } from "./join-state.js";
import { Joiner } from "./joiner.js";
import type { WaitingRoom } from "./waiting-room.js";

/**
 * How long a half waits in memory, its message unanswered, before it goes to the store: until for `HOLD_MS` no half of its
 * side has met its partner. At full speed the labels are ahead by what waits in the queues before and behind the model, and
 * the store would double the work of each row.
 */
const HOLD_MS = 1_000;
/** And not longer than this, while others of its side do meet theirs. */
const MAX_HOLD_MS = 10_000;
/** More waiting frames or rows than this on one side, and the oldest go to the store sooner. */
export const MAX_WAITING = { frames: 500, rows: 1_000_000 };
/** Rows of one commit, of those that come and of those that go to the store: more would hold up readers and heartbeats for no gain. */
const MAX_ROWS = 131_072;
/** The least pause from one commit to the next: what comes meanwhile shares the next one's two syncs. */
const PAUSE_MS = 5;
/** Halves that expire in one commit. */
const MAX_EXPIRING = 20_000;

/** What is told after each commit. */
export interface Committed {
  /** Frames whose messages were answered. */
  readonly frames: readonly HalfFrame[];
  /** Lines that the log has more than before. */
  readonly logged: number;
  /** ms that the commit took. */
  readonly took: number;
}

/** Something could not be written. */
export interface Fault {
  readonly error: Error;
  /** Bytes of the log that could not be committed. */
  readonly bytes: number;
}

export interface CommitCycleOptions {
  /** As it is committed. */
  readonly state: JoinState;
  readonly clock: Clock;
  /** How long a half waits in the store for its partner, in ms; below two seconds it is two. */
  readonly retentionMs: number;
  readonly onCommit: (committed: Committed) => void;
  /** Everything unanswered was sent back; the cycle does nothing more. */
  readonly onFault: (fault: Fault) => void;
  /** Where to stop to be killed, in tests of recovery. */
  readonly failpoint: (name: string) => void;
}

/**
 * The heart of metrics: takes in frames of both sides, and again and again joins what came, writes and syncs the log,
 * commits the store with the log's length, and only then answers the messages. A crash anywhere between leaves a log
 * that is cut back to what is committed, and messages that the broker delivers again.
 */
export class CommitCycle {
  readonly #options: CommitCycleOptions;
  readonly #retentionMs: number;
  readonly #maxHoldMs: number;
  readonly #joiner: Joiner;
  /** Frames that were not looked at yet, and those that this commit looks at. */
  #inbox: HalfFrame[] = [];
  #taken: readonly HalfFrame[] = [];
  /** How far the log is committed. */
  #committed: CommittedFile;
  #generations: Commit["generations"];
  /** When frames of each side last met their partners, ms since 1970. */
  readonly #joinedAt: Record<Side, number> = { y_true: -Infinity, y_pred: -Infinity };
  /** When the next commit is due, and when the pause after the last one ends; both by the steady clock. */
  #wakeAt = Infinity;
  #pauseUntil = -Infinity;
  #cancelWake: () => void = () => undefined;
  #stopped = false;

  constructor(options: CommitCycleOptions) {
    const { state, retentionMs } = options;
    this.#options = options;
    // Copies of an id that wait in memory meet it in the store, or are gone from memory before it expires.
    this.#retentionMs = Math.max(retentionMs, 2 * HOLD_MS);
    this.#maxHoldMs = Math.min(MAX_HOLD_MS, this.#retentionMs / 2);
    this.#joiner = new Joiner(state);
    this.#generations = state.log.generations;
    this.#committed = extentOf(state.log);
    this.#scheduleNext();
  }

  /** Whether it takes in frames: not after a fault, or after it was closed. */
  get isRunning(): boolean {
    return !this.#stopped;
  }

  /** Takes in a frame; it is answered when all its rows are durable. */
  receive(frame: HalfFrame): void {
    if (this.#stopped) {
      frame.answer(REDELIVER);
      return;
    }
    this.#inbox.push(frame);
    this.#wakeIn(0);
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

  /** Wakes when there is more to do: at once, or when the next half has waited long enough, in memory or in the store. */
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
    const arrival = state.pending.oldestArrival();
    if (arrival !== undefined) this.#wakeIn(arrival + this.#retentionMs - now);
  }

  #run(): void {
    if (this.#stopped) return;
    const { clock } = this.#options;
    const began = clock.steady();
    try {
      if (this.#commit(clock.now())) this.#answer(clock.steady() - began);
      this.#pauseUntil = clock.steady() + PAUSE_MS;
      this.#scheduleNext();
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** @returns whether there was anything to commit. */
  #commit(now: number): boolean {
    const { state, failpoint } = this.#options;
    const { log, store, pending, unmatched, conflicts } = state;
    store.assertUntouched();
    this.#taken = this.#takeInbox();
    const arrival = pending.oldestArrival();
    const expiring = arrival !== undefined && arrival + this.#retentionMs <= now;
    if (this.#taken.length === 0 && !expiring && this.#nextToSpill(now) === undefined) return false;
    store.commit(() => {
      for (const frame of this.#taken) this.#joiner.take(frame);
      for (const { side } of this.#joiner.finished) this.#joinedAt[side] = now;
      const allSpilled = this.#spillDue(now);
      if (expiring && allSpilled) this.#expire(now);
      failpoint("before-write");
      log.write();
      failpoint("after-log");
      unmatched.write();
      conflicts.write();
      failpoint("after-sync");
      this.#joiner.countReceived();
      return commitOf(state, this.#generations);
    });
    failpoint("after-commit");
    this.#generations = log.generations;
    return true;
  }

  #takeInbox(): HalfFrame[] {
    let rows = 0;
    let count = 0;
    while (count < this.#inbox.length && rows < MAX_ROWS) rows += this.#inbox[count++]?.length ?? 0;
    const taken = this.#inbox.slice(0, count);
    this.#inbox = this.#inbox.slice(count);
    return taken;
  }

  /** @returns false where some are left for the next commit. */
  #spillDue(now: number): boolean {
    let rows = 0;
    for (let frame = this.#nextToSpill(now); frame !== undefined; frame = this.#nextToSpill(now)) {
      if (rows >= MAX_ROWS) return false;
      rows += frame.open;
      this.#joiner.spill(frame);
    }
    return true;
  }

  /** A frame that has waited long enough, or for which there is no room; the oldest of its side. */
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
    const held = waited(frame, now);
    return Math.min(this.#maxHoldMs - held, HOLD_MS - Math.min(held, now - this.#joinedAt[frame.side]));
  }

  #expire(now: number): void {
    for (const halves of this.#options.state.pending.expire(now - this.#retentionMs, MAX_EXPIRING)) {
      const partner = halves.side === "y_true" ? "prediction" : "label";
      this.#joiner.expire(halves, `no ${partner} came within ${this.#retentionMs} ms`);
    }
  }

  #answer(took: number): void {
    const frames = this.#joiner.finished;
    this.#joiner.finished = [];
    this.#taken = [];
    for (const frame of frames) frame.answer(frame.outcome);
    const before = this.#committed;
    this.#committed = extentOf(this.#options.state.log);
    this.#options.onCommit({ frames, logged: this.#committed.lines - before.lines, took });
  }

  /** See `Joiner.takeLatest`. */
  takeLatest() {
    return this.#joiner.takeLatest();
  }

  #fail(error: Error): void {
    const { log } = this.#options.state;
    this.close();
    this.#options.onFault({ error, bytes: log.length - this.#committed.length });
  }

  /** Stops; messages that are not answered go back to their queues. */
  close(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancelWake();
    const { rooms } = this.#options.state;
    // Looked for here because a set of all that is in hand costs a third more CPU at one row a message (Node 20).
    const unanswered = [...this.#inbox, ...this.#taken, ...this.#joiner.finished, ...rooms.y_true.frames, ...rooms.y_pred.frames];
    for (const frame of new Set(unanswered)) frame.answer(REDELIVER);
  }
}

const REDELIVER: Outcome = { kind: "retry", reason: "metrics had to stop before it was committed" };

/** How long a frame has waited, in ms; for ever where the clock was set back since it came. */
function waited({ receivedAt }: HalfFrame, now: number): number {
  return now < receivedAt ? Infinity : now - receivedAt;
}

function extentOf({ length, lines }: CommittedFile): CommittedFile {
  return { length, lines };
}

function isFull({ size, rows }: WaitingRoom): boolean {
  return size > MAX_WAITING.frames || rows > MAX_WAITING.rows;
}
