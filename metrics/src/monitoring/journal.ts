import { SavedValueError } from "@streamgauge/core";
import { decodeRowCode, encodeRowCode, type RowCode } from "../state/row-code.js";

/** What happened to a prediction. */
export const EVENT = {
  /** It is stored until its label comes. */
  predicted: 1,
  /** It and its label were logged together. */
  pair: 2,
  /** The label of a stored prediction came, and both were logged. */
  labelled: 3,
  /** The label of a stored prediction did not come in time. */
  expired: 4,
  /** A stored prediction was found to be a copy of a logged one. */
  retracted: 5,
  /** The label of a logged pair was corrected: `yTrue` takes the place of the one in `predictedAt`; the first one is in `labelledAt`. */
  corrected: 6,
  /** A label of a logged pair was refused, because a correction that was made later is in force. As of `corrected`; the refused label is `yTrue`. */
  refused: 7,
} as const;
/** Before an event: the codes of its row. A head with the layout and the bytes of the codes, then as many doubles as they need. */
const CODES = 254;
/** Of the head: the row is counted in pairs. */
const PAIRED = 1 << 8;
/** Before an event: which row it is of. A head with the bytes of the id, the number of the line, and as many doubles as the id needs. */
const NAME = 255;
const NAME_DOUBLES = 2;

export type EventKind = (typeof EVENT)[keyof typeof EVENT];

/** An event, and what windows need to know of its row. Times in ms since 1970. */
export interface MonitorEvent {
  readonly kind: EventKind;
  /** The tenth of the prediction, as it was stored with it; not of `predicted` and `pair`, whose tenth follows from the reference. */
  readonly tenth: number;
  /** The number of the model version; see `NumberedNames`. */
  readonly model: number;
  readonly eventTime: number;
  /** When the prediction and the label came in; NaN where the event has none. Of `corrected`, `predictedAt` is the label before and `labelledAt` the first one. */
  readonly predictedAt: number;
  readonly labelledAt: number;
  readonly yTrue: number;
  readonly yPred: number;
  /** Of the interval that was announced with the prediction; NaN if none was. */
  readonly halfWidth: number;
  /** Its row, if that may be among the worst of a window. */
  readonly row: NamedRow | undefined;
  /** The bins of its features, if they are known. */
  readonly code: RowCode | undefined;
  /** Whether the row is counted in pairs of features. */
  readonly isPaired: boolean;
}

/** Which row an event is of. */
export interface NamedRow {
  readonly id: string;
  /** The number of its line in the log, from 0. */
  readonly line: number;
}

/** Doubles of an event: kind, tenth and `WITH_WIDTH` (uint8), a zero and model (uint32) in the first, then five numbers; in the byte order of the machine. */
const EVENT_DOUBLES = 6;
/** The event has one more number: the half width. */
const WITH_WIDTH = 1;
/** Before the events of a commit: its time. */
const HEAD_DOUBLES = 1;
/** Bytes of an event in the journal, at the most. */
export const EVENT_BYTES: number = 8 * (EVENT_DOUBLES + 1);
/** Events for which there is room at first. */
const FIRST_EVENTS = 256;

/** The events of one commit, as bytes in their order. */
export class Journal {
  #doubles = new Float64Array(HEAD_DOUBLES + FIRST_EVENTS * EVENT_DOUBLES);
  #words = new Uint32Array(this.#doubles.buffer);
  #length = HEAD_DOUBLES;

  /** Begins a commit. @param now - ms since 1970. */
  begin(now: number): void {
    this.#doubles[0] = now;
    this.#length = HEAD_DOUBLES;
  }

  /** See `MonitorEvent`. */
  add(
    kind: EventKind,
    tenth: number,
    model: number,
    eventTime: number,
    predictedAt: number,
    labelledAt: number,
    yTrue: number,
    yPred: number,
    halfWidth: number = Number.NaN,
  ): void {
    const at = this.#length;
    if (this.#doubles.length < at + EVENT_DOUBLES + 1) this.#grow();
    const doubles = this.#doubles;
    const hasWidth = !Number.isNaN(halfWidth);
    this.#words[2 * at] = kind | (tenth << 8) | (hasWidth ? WITH_WIDTH << 16 : 0);
    this.#words[2 * at + 1] = model;
    doubles[at + 1] = eventTime;
    doubles[at + 2] = predictedAt;
    doubles[at + 3] = labelledAt;
    doubles[at + 4] = yTrue;
    doubles[at + 5] = yPred;
    if (hasWidth) doubles[at + EVENT_DOUBLES] = halfWidth;
    this.#length = at + EVENT_DOUBLES + (hasWidth ? 1 : 0);
  }

  /** The row of the next event. */
  name({ id, line }: NamedRow): void {
    const bytes = Buffer.from(id);
    const at = this.#length;
    const end = at + NAME_DOUBLES + doublesFor(bytes.length);
    while (this.#doubles.length < end) this.#grow();
    this.#words[2 * at] = NAME;
    this.#words[2 * at + 1] = bytes.length;
    this.#doubles[at + 1] = line;
    bytes.copy(new Uint8Array(this.#doubles.buffer), 8 * (at + NAME_DOUBLES));
    this.#length = end;
  }

  /** The codes of the row of the next event. */
  code(code: RowCode, isPaired: boolean): void {
    const bytes = encodeRowCode(code);
    const at = this.#length;
    const end = at + 1 + doublesFor(bytes.length);
    while (this.#doubles.length < end) this.#grow();
    this.#words[2 * at] = CODES | (isPaired ? PAIRED : 0);
    this.#words[2 * at + 1] = bytes.length;
    bytes.copy(new Uint8Array(this.#doubles.buffer), 8 * (at + 1));
    this.#length = end;
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#doubles.length);
    larger.set(this.#doubles);
    this.#doubles = larger;
    this.#words = new Uint32Array(larger.buffer);
  }

  /** Whether the commit has no events. */
  get isEmpty(): boolean {
    return this.#length === HEAD_DOUBLES;
  }

  /** The events so far. Valid until the next one is added. */
  get bytes(): Buffer {
    return Buffer.from(this.#doubles.buffer, 0, 8 * this.#length);
  }
}

/** The events of a commit, read. */
export interface JournalledCommit {
  /** When it was, ms since 1970. */
  readonly now: number;
  readonly events: readonly MonitorEvent[];
}

/** Reads the bytes of a `Journal`. @throws SavedValueError if they have an event of an unknown kind. */
export function readJournal(bytes: Buffer): JournalledCommit {
  // A copy: the bytes may lie at any address.
  const doubles = new Float64Array(new Uint8Array(bytes).buffer);
  const words = new Uint32Array(doubles.buffer);
  const events: MonitorEvent[] = [];
  let row: NamedRow | undefined;
  let code: RowCode | undefined;
  let isPaired = false;
  for (let at = HEAD_DOUBLES; at + EVENT_DOUBLES <= doubles.length; at += EVENT_DOUBLES) {
    let [head = 0, model = 0] = words.subarray(2 * at, 2 * at + 2);
    while (head === NAME || (head & 0xff) === CODES) {
      if (head !== NAME) {
        code = decodeRowCode(Buffer.from(doubles.buffer, 8 * (at + 1), model), 0).code;
        isPaired = (head & PAIRED) !== 0;
        at += 1 + doublesFor(model);
        [head = 0, model = 0] = words.subarray(2 * at, 2 * at + 2);
        continue;
      }
      row = { id: Buffer.from(doubles.buffer, 8 * (at + NAME_DOUBLES), model).toString("utf8"), line: doubles[at + 1] ?? 0 };
      at += NAME_DOUBLES + doublesFor(model);
      [head = 0, model = 0] = words.subarray(2 * at, 2 * at + 2);
    }
    const [eventTime = 0, predictedAt = 0, labelledAt = 0, yTrue = 0, yPred = 0] = doubles.subarray(at + 1, at + EVENT_DOUBLES);
    const hasWidth = ((head >> 16) & WITH_WIDTH) !== 0;
    const halfWidth = hasWidth ? (doubles[at + EVENT_DOUBLES] ?? Number.NaN) : Number.NaN;
    const [kind, tenth] = [kindOf(head & 0xff), (head >> 8) & 0xff];
    events.push({ kind, tenth, model, eventTime, predictedAt, labelledAt, yTrue, yPred, halfWidth, row, code, isPaired });
    if (hasWidth) at += 1;
    row = undefined;
    code = undefined;
    isPaired = false;
  }
  return { now: doubles[0] ?? 0, events };
}

function doublesFor(bytes: number): number {
  return Math.ceil(bytes / 8);
}

function kindOf(byte: number): EventKind {
  const kind = Object.values(EVENT).find((each) => each === byte);
  if (kind === undefined) throw new SavedValueError("The journal of monitoring", `it has an event of the unknown kind ${byte}`);
  return kind;
}
