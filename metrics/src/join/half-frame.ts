import type { Correction, HeldOutError, Ids, Outcome, RowCodes, TraceSpan } from "@streamgauge/core";
import type { Side } from "../state/half-table.js";
import { hashIds, type IdHashes } from "../log/id-hash.js";

/** The halves of one message, and which of its rows are not settled yet. */
export class HalfFrame {
  readonly side: Side;
  readonly ids: Ids;
  /** Shape [n], in the target's unit. */
  readonly values: Float64Array;
  /** Of predictions: the model that made them. */
  readonly model: string;
  /** Of predictions: their unit. */
  readonly unit: string;
  /** When it came in, ms since 1970. */
  readonly receivedAt: number;
  /** When its oldest row left the source, ms since 1970. */
  readonly origin: number;
  /** Of predictions: when their rows happened, ms since 1970, shape [n]; NaN for a row that does not say. Undefined if none does. */
  readonly eventTimes: Float64Array | undefined;
  /** Of predictions: half the widths of the intervals that were announced with them, shape [n]; NaN for a row without. Undefined if none has one. */
  readonly halfWidths: Float64Array | undefined;
  /** Of predictions: the bins of their rows' features; undefined if they are not known. */
  readonly codes: RowCodes | undefined;
  /** Of predictions: the error of their model on rows that it was not fitted on, if it says. */
  readonly heldOut: HeldOutError | undefined;
  /** Undefined unless these labels correct earlier ones. */
  readonly correction: Correction | undefined;
  /** Refused rows of the message, which are not in `ids`. */
  readonly refused: number;
  /** Whether the broker holds most other messages of its queue back until this one is answered, since it may be what kills its readers. */
  readonly isAlone: boolean;
  /** The handling of the message, if the service is traced. */
  readonly span: TraceSpan | undefined;
  /** Answers the message. */
  readonly answer: (outcome: Outcome) => void;
  /** The answer once all rows are durable. */
  readonly outcome: Outcome;
  #hashes: IdHashes | undefined;
  /** 1 for each settled row; undefined while there is none. */
  #settled: Uint8Array | undefined;
  #open: number;

  constructor(
    parts: Pick<HalfFrame, "side" | "ids" | "values" | "model" | "unit" | "receivedAt" | "origin" | "refused" | "answer" | "outcome"> & {
      readonly eventTimes?: Float64Array | undefined;
      readonly halfWidths?: Float64Array | undefined;
      readonly codes?: RowCodes | undefined;
      readonly heldOut?: HeldOutError | undefined;
      readonly correction?: Correction | undefined;
      readonly isAlone?: boolean;
      readonly span?: TraceSpan | undefined;
    },
  ) {
    this.side = parts.side;
    this.ids = parts.ids;
    this.values = parts.values;
    this.model = parts.model;
    this.unit = parts.unit;
    this.receivedAt = parts.receivedAt;
    this.origin = parts.origin;
    this.eventTimes = parts.eventTimes;
    this.halfWidths = parts.halfWidths;
    this.codes = parts.codes;
    this.heldOut = parts.heldOut;
    this.correction = parts.correction;
    this.refused = parts.refused;
    this.isAlone = parts.isAlone ?? false;
    this.span = parts.span;
    this.answer = parts.answer;
    this.outcome = parts.outcome;
    this.#open = parts.ids.length;
  }

  get length(): number {
    return this.ids.length;
  }

  /** When a row happened, ms since 1970; when its message left the source if the row does not say. */
  eventTimeOf(row: number): number {
    const time = this.eventTimes?.[row] ?? Number.NaN;
    return Number.isNaN(time) ? this.origin : time;
  }

  /** When each row happened, as `eventTimeOf` says it. */
  allEventTimes(): Float64Array {
    const { eventTimes, origin, length } = this;
    if (eventTimes === undefined) return new Float64Array(length).fill(origin);
    return eventTimes.map((time) => (Number.isNaN(time) ? origin : time));
  }

  /** Half the width of the interval that was announced with a row; NaN if none was. */
  halfWidthOf(row: number): number {
    return this.halfWidths?.[row] ?? Number.NaN;
  }

  /** How many rows are not settled. */
  get open(): number {
    return this.#open;
  }

  /** Whether none of its rows is settled. */
  get isWhole(): boolean {
    return this.#open === this.length;
  }

  get hashes(): IdHashes {
    this.#hashes ??= hashIds(this.ids);
    return this.#hashes;
  }

  isOpen(row: number): boolean {
    return this.#open > 0 && this.#settled?.[row] !== 1;
  }

  settle(row: number): void {
    this.#settled ??= new Uint8Array(this.length);
    if (this.#settled[row] === 1) return;
    this.#settled[row] = 1;
    this.#open -= 1;
  }

  settleAll(): void {
    this.#open = 0;
  }

  /** The indices of the rows that are not settled, in order. */
  openRows(): number[] {
    return Array.from({ length: this.length }, (_, row) => row).filter((row) => this.isOpen(row));
  }
}
