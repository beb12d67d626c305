import { Ids, type Outcome } from "@streamgauge/core";
import { TAIL_BYTES, type CommittedState } from "../state/state-store.js";
import type { HalfFrame } from "./half-frame.js";
import { hashIds } from "./id-hash.js";
import { Joiner, type JoinState } from "./joiner.js";

/** How long a half may wait in memory, its message unanswered, before it goes to the store. */
const HOLD_MS = 1_000;
/** More waiting frames or rows than this on one side, and the oldest go to the store sooner. */
const MAX_WAITING = { frames: 500, rows: 1_000_000 };
/** Rows of one commit: more would make readers of the log wait for no gain. */
const MAX_ROWS = 131_072;
/** The least pause from one commit to the next: what comes meanwhile shares the next one's two syncs. */
const PAUSE_MS = 2;
/** Halves that expire in one commit. */
const MAX_EXPIRING = 20_000;

/** What is told after each commit. */
export interface Committed {
  /** Frames whose messages were answered. */
  readonly frames: readonly HalfFrame[];
  /** ms that the commit took. */
  readonly took: number;
}

export interface CommitCycleOptions {
  readonly state: JoinState;
  readonly retentionMs: number;
  readonly generations: CommittedState["generations"];
  readonly onCommit: (committed: Committed) => void;
  /** Something could not be written. Everything unanswered was sent back; the cycle does nothing more. */
  readonly onFault: (error: Error) => void;
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
  readonly #joiner: Joiner;
  #inbox: HalfFrame[] = [];
  #generations: CommittedState["generations"];
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #lastEnd = 0;
  #over = false;

  constructor(options: CommitCycleOptions) {
    this.#options = options;
    this.#joiner = new Joiner(options.state);
    this.#generations = options.generations;
    this.#scheduleWaiting();
  }

  /** Takes in a frame; it is answered when all its rows are durable. */
  receive(frame: HalfFrame): void {
    if (this.#over) {
      frame.answer(AGAIN);
      return;
    }
    this.#inbox.push(frame);
    this.#schedule();
  }

  /** The statistics before a new generation of the index, kept so that a start need not read the whole log. */
  beginGeneration(start: { readonly offset: number; readonly lines: number }): void {
    this.#generations = [...this.#generations, { ...start, statistics: this.#options.state.log.statistics.save() }].slice(-2);
  }

  #schedule(): void {
    if (this.#immediate !== undefined || this.#over) return;
    const pause = this.#lastEnd + PAUSE_MS - performance.now();
    if (pause > 0) {
      this.#wakeIn(pause);
      return;
    }
    this.#immediate = setImmediate(() => {
      this.#immediate = undefined;
      this.#run();
    });
  }

  #wakeIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#run(), Math.min(ms, 2 ** 31 - 1));
  }

  /** Wakes when the next half has waited long enough, in memory or in the store. */
  #scheduleWaiting(): void {
    if (this.#over) return;
    if (this.#inbox.length > 0) {
      this.#schedule();
      return;
    }
    const { rooms, store } = this.#options.state;
    const due = [rooms.y_true.oldest, rooms.y_pred.oldest].map((frame) => (frame === undefined ? Infinity : frame.receivedAt + HOLD_MS));
    const arrival = store.oldestArrival();
    if (arrival !== undefined) due.push(arrival + this.#options.retentionMs);
    const next = Math.min(...due) - Date.now();
    if (Number.isFinite(next)) this.#wakeIn(Math.max(next + 1, PAUSE_MS));
    else clearTimeout(this.#timer);
  }

  #run(): void {
    if (this.#over) return;
    const began = performance.now();
    try {
      if (this.#commit(Date.now())) this.#answer(performance.now() - began);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#lastEnd = performance.now();
    this.#scheduleWaiting();
  }

  /** @returns whether there was anything to commit. */
  #commit(now: number): boolean {
    const { state, retentionMs, failpoint } = this.#options;
    const frames = this.#takeInbox();
    const arrival = state.store.oldestArrival();
    const expiring = arrival !== undefined && arrival + retentionMs <= now;
    if (frames.length === 0 && !expiring && this.#old(now).next().done === true) return false;
    state.store.commit(() => {
      for (const frame of frames) this.#joiner.take(frame);
      for (const frame of this.#old(now)) this.#joiner.putAway(frame);
      if (expiring) this.#expire(now);
      failpoint("before-write");
      state.log.write();
      state.unmatched.write();
      state.conflicts.write();
      failpoint("after-sync");
      return { state: this.#snapshot(), tail: state.log.tail(TAIL_BYTES) };
    });
    failpoint("after-commit");
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

  /** Frames that have waited long enough, or for which there is no room; oldest first. Taking one out is the caller's. */
  *#old(now: number): Generator<HalfFrame, void> {
    for (const room of [this.#options.state.rooms.y_true, this.#options.state.rooms.y_pred]) {
      for (let frame = room.oldest; frame !== undefined; frame = room.oldest) {
        if (frame.receivedAt + HOLD_MS > now && room.size <= MAX_WAITING.frames && room.rows <= MAX_WAITING.rows) break;
        yield frame;
      }
    }
  }

  #expire(now: number): void {
    const { store, log } = this.#options.state;
    for (const { side, receivedAt, ids: keys } of store.takeDue(now - this.#options.retentionMs, MAX_EXPIRING)) {
      const ids = Ids.of(keys.map((key) => key.toString("utf8")));
      const hashes = hashIds(ids);
      for (const [row, key] of keys.entries()) {
        const half = store.get(side, key);
        // It was joined meanwhile, or came again later.
        if (half?.receivedAt !== receivedAt) continue;
        const reason = `no ${side === "y_true" ? "prediction" : "label"} came within ${this.#options.retentionMs} ms`;
        this.#joiner.expire({ side, id: ids.at(row), ...half }, key, hashes.low[row] ?? 0, log.find(ids, hashes, row), reason);
      }
    }
  }

  #snapshot(): CommittedState {
    const { log, unmatched, conflicts, balance, pending } = this.#options.state;
    return {
      version: 1,
      log: { length: log.length, lines: log.lines },
      unmatched: unmatched.committed,
      conflicts: conflicts.committed,
      balance,
      pending: { ...pending },
      generations: this.#generations,
    };
  }

  #answer(took: number): void {
    const frames = this.#joiner.finished;
    this.#joiner.finished = [];
    for (const frame of frames) frame.answer(frame.outcome);
    this.#options.onCommit({ frames, took });
  }

  /** See `Joiner.takeLatest`. */
  takeLatest() {
    return this.#joiner.takeLatest();
  }

  #fail(error: Error): void {
    this.close();
    this.#options.onFault(error);
  }

  /** Stops; messages that are not answered go back to their queues. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    const { rooms } = this.#options.state;
    const open = [...this.#inbox, ...this.#joiner.finished];
    for (const room of [rooms.y_true, rooms.y_pred]) {
      for (let frame = room.oldest; frame !== undefined; frame = room.oldest) {
        room.remove(frame);
        open.push(frame);
      }
    }
    for (const frame of open) frame.answer(AGAIN);
  }
}

const AGAIN: Outcome = { kind: "retry", reason: "metrics had to stop before it was committed" };
