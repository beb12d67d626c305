import type { AlreadyLogged } from "../log/metric-log.js";
import { NOT_COUNTED, SIDES, type Side } from "../state/half-table.js";
import type { CountedPrediction, ExpiredHalves, RowHalf } from "../state/pending-halves.js";
import type { RowCode } from "../state/row-code.js";
import type { HalfFrame } from "./half-frame.js";
import type { JoinState } from "./join-state.js";
import { LatestRows } from "./latest-rows.js";
import { rangeOf, type WaitingRow } from "./waiting-room.js";

/** Columns of `unmatched.csv`: halves whose partner did not come in time. */
export const UNMATCHED_COLUMNS = ["id", "field", "value", "model", "received_at", "reason"];
/** Columns of `conflicts.csv`: values that were refused because the id already had another one. */
export const CONFLICT_COLUMNS = ["id", "field", "kept", "refused", "model", "received_at"];

/** One half, from memory or from the store. */
interface Half {
  readonly side: Side;
  readonly id: string;
  readonly value: number;
  readonly model: string;
  readonly receivedAt: number;
}

/** The bins of the i-th row's features; undefined if they are not known. */
type CodeOf = (i: number) => RowCode | undefined;

/** The partners of rows that are logged, in the rows' order. */
interface Partners {
  /** Shape [n]. */
  readonly values: Float64Array;
  /** The model of all of them, or of the i-th; empty if they are labels. */
  readonly model: string | ((i: number) => string);
  /** When each came in, ms since 1970. */
  readonly receivedAt: Float64Array;
  /** Of predictions: when their rows happened, ms since 1970, and their tenths in the windows. */
  readonly eventTimes: Float64Array;
  readonly tenths: Uint8Array;
  /** Of predictions: half the widths of their intervals; undefined if none has one. */
  readonly halfWidths: Float64Array | undefined;
  /** Of predictions: the bins of the i-th; undefined if none has any. */
  readonly codeOf: CodeOf | undefined;
  /** The i-th; asked for only if the log already has its id. */
  half(i: number): Half;
}

/** For an index out of range, which does not occur. */
const NONE: RowHalf = {
  row: 0,
  half: { value: 0, receivedAt: 0, model: "", eventTime: 0, tenth: NOT_COUNTED, halfWidth: Number.NaN, code: undefined },
};

/**
 * The join, within one commit. Each half is settled once, in one of these ways:
 * - its partner is in the store or waits in memory: the pair is logged. If the log already has the id, each half is a duplicate
 *   or a conflict instead;
 * - it has waited long enough in memory: it is a duplicate or a conflict if the log or the store has its id. Otherwise it spills
 *   to the store;
 * - it has waited too long in the store: it is unmatched.
 *
 * So a half is compared with the log when it is settled, not when it comes. A frame whose partner has the same ids in the same
 * order is joined with no look-up of its rows except in the log's index.
 */
export class Joiner {
  readonly #state: JoinState;
  /** Frames that this commit settles completely, to be answered after it. Others wait in their room. */
  finished: HalfFrame[] = [];
  readonly #latest = new LatestRows();
  /** Rows that came in since the log was started, with the refused ones. */
  readonly #arrived: Record<Side, number>;

  constructor(state: JoinState) {
    this.#state = state;
    const { y_true, y_pred } = state.balance;
    this.#arrived = { y_true: y_true.received, y_pred: y_pred.received };
  }

  /** Joins the rows of a new frame that have a partner. The other rows wait in memory. Corrections are settled at once. */
  take(frame: HalfFrame): void {
    if (frame.correction !== undefined) {
      this.#state.corrections.take(frame);
      frame.settleAll();
      this.finished.push(frame);
      return;
    }
    const { side, refused, model, heldOut } = frame;
    if (heldOut !== undefined) {
      this.#state.alarms.predicted(model, heldOut);
      this.#state.monitor.heldOut(model, heldOut.mae);
    }
    this.#arrived[side] += frame.length + refused;
    this.#state.balance[side].deadLettered += refused;
    this.#joinWithPending(frame);
    if (frame.open > 0 && !this.#joinWithTwin(frame)) this.#joinWithRows(frame);
    if (frame.open > 0) this.#state.rooms[side].add(frame);
    else this.finished.push(frame);
  }

  #joinWithPending(frame: HalfFrame): void {
    const side = other(frame.side);
    const taken = this.#state.pending.take(side, frame);
    if (taken.length === 0) return;
    const at = (i: number): RowHalf => taken[i] ?? NONE;
    this.#log(
      frame,
      taken.map(({ row }) => row),
      {
        values: Float64Array.from(taken, ({ half }) => half.value),
        model: (i) => at(i).half.model,
        receivedAt: Float64Array.from(taken, ({ half }) => half.receivedAt),
        eventTimes: Float64Array.from(taken, ({ half }) => half.eventTime),
        tenths: Uint8Array.from(taken, ({ half }) => half.tenth),
        halfWidths: Float64Array.from(taken, ({ half }) => half.halfWidth),
        codeOf: (i) => at(i).half.code,
        half: (i) => ({ side, id: frame.ids.at(at(i).row), ...at(i).half }),
      },
    );
  }

  #joinWithTwin(frame: HalfFrame): boolean {
    if (!frame.isWhole) return false;
    const room = this.#state.rooms[other(frame.side)];
    const twin = room.twinOf(frame);
    if (twin === undefined) return false;
    room.remove(twin);
    this.finished.push(twin);
    this.#log(frame, undefined, {
      values: twin.values,
      model: twin.model,
      receivedAt: new Float64Array(twin.length).fill(twin.receivedAt),
      eventTimes: twin.allEventTimes(),
      tenths: notCounted(twin.length),
      halfWidths: twin.halfWidths,
      codeOf: this.#codesOf(twin),
      half: (row) => halfOf(twin, row),
    });
    twin.settleAll();
    return true;
  }

  #joinWithRows(frame: HalfFrame): void {
    const room = this.#state.rooms[other(frame.side)];
    if (room.size === 0) return;
    const partners: WaitingRow[] = [];
    const rows: number[] = [];
    const among = rangeOf(frame.ids);
    for (let row = 0; row < frame.length; row += 1) {
      if (!frame.isOpen(row)) continue;
      const partner = room.find(frame.ids.at(row), among);
      if (partner === undefined) continue;
      partner.frame.settle(partner.row);
      partners.push(partner);
      rows.push(row);
    }
    if (rows.length === 0) return;
    const at = (i: number): WaitingRow => partners[i] ?? { frame, row: 0 };
    this.#log(frame, rows, {
      values: Float64Array.from(partners, (partner) => partner.frame.values[partner.row] ?? 0),
      model: (i) => at(i).frame.model,
      receivedAt: Float64Array.from(partners, (partner) => partner.frame.receivedAt),
      eventTimes: Float64Array.from(partners, (partner) => partner.frame.eventTimeOf(partner.row)),
      tenths: notCounted(partners.length),
      halfWidths: Float64Array.from(partners, (partner) => partner.frame.halfWidthOf(partner.row)),
      codeOf: (i) => this.#codesOf(at(i).frame)?.(at(i).row),
      half: (i) => halfOf(at(i).frame, at(i).row),
    });
    for (const partner of new Set(partners.map((waiting) => waiting.frame))) {
      if (partner.open > 0) continue;
      room.remove(partner);
      this.finished.push(partner);
    }
  }

  /** Logs pairs of rows of `frame` and their partners. @param rows - which rows; undefined for all. */
  #log(frame: HalfFrame, rows: readonly number[] | undefined, partners: Partners): void {
    const { balance, log, versions, monitor, alarms, corrections } = this.#state;
    const own = rows === undefined ? frame : pickRows(frame, rows);
    const [yTrue, yPred] = frame.side === "y_true" ? [own.values, partners.values] : [partners.values, own.values];
    const pairs = { ids: own.ids, hashes: own.hashes, yTrue, yPred };
    const known = log.stage(pairs);
    const logged = own.ids.length - known.length;
    for (const side of SIDES) balance[side].logged += logged;
    for (const already of known) {
      this.#settleKnown(halfOf(frame, rows?.[already.row] ?? already.row), already);
      this.#settleKnown(partners.half(already.row), already);
    }
    if (rows === undefined) frame.settleAll();
    else for (const row of rows) frame.settle(row);
    const model = frame.side === "y_pred" ? frame.model : partners.model;
    versions.addLogged(pairs, known, model);
    const codeOf = frame.side === "y_pred" ? this.#codesOf(frame, rows) : partners.codeOf;
    const lines = { ids: own.ids, hashes: own.hashes, yTrue, yPred, model, codeOf, ...timesOf(frame, rows, partners) };
    monitor.logged(lines, known);
    alarms.logged(lines, known);
    if (corrections.waiting > 0) corrections.logged(pairs, known);
    this.#latest.add(pairs, known);
  }

  /** The bins of the rows of a frame. @param rows - which rows; undefined for all. */
  #codesOf({ codes }: HalfFrame, rows?: readonly number[]): CodeOf | undefined {
    if (codes === undefined) return undefined;
    const { layout, bytes, unseen } = codes;
    const { width } = layout;
    const number = this.#state.store.features.layouts.numberOf(layout.text);
    return (i) => {
      const row = rows?.[i] ?? i;
      return { layout: number, width, bytes, at: row * width, unseen: unseen?.[row] ?? null };
    };
  }

  /** Settles a half whose id is in the log. */
  #settleKnown(half: Half, { line }: Pick<AlreadyLogged, "line">): void {
    this.#settleAgainst(half, half.side === "y_true" ? line.yTrue : line.yPred);
  }

  /** Settles a half whose id already has a value on its side. The first value stays, or the one of a correction. */
  #settleAgainst(half: Half, kept: number): void {
    const { corrections } = this.#state;
    const balance = this.#state.balance[half.side];
    if (half.value === kept || (half.side === "y_true" && corrections.isInForce(half.id, kept, half.value))) {
      balance.duplicates += 1;
      return;
    }
    balance.conflicts += 1;
    this.#state.conflicts.stage([half.id, half.side, kept, half.value, half.model, new Date(half.receivedAt).toISOString()]);
  }

  /** Moves the open rows of a frame out of memory: to the store, unless the log or the store already has their ids. */
  spill(frame: HalfFrame): void {
    const { rooms, pending, log } = this.#state;
    const { side, ids, hashes } = frame;
    rooms[side].remove(frame);
    this.finished.push(frame);
    const unlogged: number[] = [];
    for (const row of frame.openRows()) {
      frame.settle(row);
      const line = log.find(ids, hashes, row);
      if (line === undefined) unlogged.push(row);
      else this.#settleKnown(halfOf(frame, row), { line });
    }
    const count = side === "y_true" ? undefined : this.#countPredictions(frame);
    for (const { row, half } of pending.put(frame, unlogged, count)) this.#settleAgainst(halfOf(frame, row), half.value);
  }

  /** Counts the prediction of a row. */
  #countPredictions(frame: HalfFrame): (row: number) => CountedPrediction {
    const { model, values, receivedAt } = frame;
    const codeOf = this.#codesOf(frame);
    return (row) => {
      const code = codeOf?.(row);
      return { tenth: this.#state.monitor.predicted(model, values[row] ?? 0, frame.eventTimeOf(row), receivedAt, code), code };
    };
  }

  /** Settles halves that have waited too long. @param reason - for those that the log does not have. */
  expire({ side, ids, hashes, halves }: ExpiredHalves, reason: string): void {
    const { log, balance, unmatched, monitor } = this.#state;
    for (const [row, stored] of halves.entries()) {
      const half = { side, id: ids.at(row), ...stored };
      const line = log.find(ids, hashes, row);
      if (line !== undefined) {
        monitor.retracted(stored);
        this.#settleKnown(half, { line });
        continue;
      }
      monitor.expired(stored.eventTime, stored.tenth);
      balance[side].unmatched += 1;
      unmatched.stage([half.id, side, half.value, half.model, new Date(half.receivedAt).toISOString(), reason]);
    }
  }

  /**
   * Counts the received rows: all that came in, except those that wait in memory, which are redelivered after a crash. The count
   * is independent of the outcomes, so that their sum shows a lost row.
   */
  countReceived(): void {
    const { rooms, balance } = this.#state;
    for (const side of SIDES) {
      let waiting = 0;
      for (const { open } of rooms[side].frames) waiting += open;
      balance[side].received = this.#arrived[side] - waiting;
    }
  }

  /** @see LatestRows.take */
  takeLatest() {
    return this.#latest.take();
  }
}

export function other(side: Side): Side {
  return side === "y_true" ? "y_pred" : "y_true";
}

function halfOf({ side, ids, values, model, receivedAt }: HalfFrame, row: number): Half {
  return { side, id: ids.at(row), value: values[row] ?? 0, model, receivedAt };
}

/** When pairs happened, were predicted and were labelled, and the intervals of the predictions. @param rows - which rows of the frame; undefined for all. */
function timesOf(frame: HalfFrame, rows: readonly number[] | undefined, { receivedAt, eventTimes, tenths, halfWidths }: Partners) {
  const count = receivedAt.length;
  if (frame.side === "y_true") {
    const labelledAt = new Float64Array(count).fill(frame.receivedAt);
    return { eventTimes, labelledAt, tenths, halfWidths, predictedAt: receivedAt };
  }
  const own = rows === undefined ? frame.allEventTimes() : Float64Array.from(rows, (row) => frame.eventTimeOf(row));
  const predictedAt = new Float64Array(count).fill(frame.receivedAt);
  const ownWidths = rows === undefined ? frame.halfWidths : Float64Array.from(rows, (row) => frame.halfWidthOf(row));
  return { eventTimes: own, labelledAt: receivedAt, tenths: notCounted(count), halfWidths: ownWidths, predictedAt };
}

/** The tenths of predictions that were not counted yet. */
function notCounted(count: number): Uint8Array {
  return new Uint8Array(count).fill(NOT_COUNTED);
}

/** The ids, hashes and values of some rows. */
function pickRows({ ids, hashes, values, length }: HalfFrame, rows: readonly number[]) {
  if (rows.length === length) return { ids, hashes, values };
  return {
    ids: ids.take(rows),
    hashes: { low: Uint32Array.from(rows, (row) => hashes.low[row] ?? 0), high: Uint32Array.from(rows, (row) => hashes.high[row] ?? 0) },
    values: Float64Array.from(rows, (row) => values[row] ?? 0),
  };
}
