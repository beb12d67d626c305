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
} as const;

export type EventKind = (typeof EVENT)[keyof typeof EVENT];

/** An event, and what windows need to know of its row. Times in ms since 1970. */
export interface MonitorEvent {
  kind: EventKind;
  /** The tenth of the prediction, as it was stored with it; not of `predicted` and `pair`, whose tenth follows from the reference. */
  tenth: number;
  /** The number of the model version; see `ModelNames`. */
  model: number;
  eventTime: number;
  /** When the prediction and the label came in; NaN where the event has none. */
  predictedAt: number;
  labelledAt: number;
  yTrue: number;
  yPred: number;
}

/** The bytes of an event: kind, tenth (uint8), two zeros, model (uint32), and six doubles. */
const EVENT_BYTES = 48;
/** Before the events of a commit: its time. */
const HEAD_BYTES = 8;
/** Events for which there is room at first. */
const FIRST_EVENTS = 256;

/** The events of one commit, as bytes in their order. */
export class Journal {
  #bytes: Buffer = Buffer.allocUnsafe(HEAD_BYTES + FIRST_EVENTS * EVENT_BYTES);
  #length = HEAD_BYTES;

  /** Begins a commit. @param now - ms since 1970. */
  begin(now: number): void {
    this.#bytes.writeDoubleLE(now, 0);
    this.#length = HEAD_BYTES;
  }

  add({ kind, tenth, model, eventTime, predictedAt, labelledAt, yTrue, yPred }: Readonly<MonitorEvent>): void {
    if (this.#bytes.length < this.#length + EVENT_BYTES) this.#bytes = Buffer.concat([this.#bytes], 2 * this.#bytes.length);
    const bytes = this.#bytes;
    const at = this.#length;
    bytes[at] = kind;
    bytes[at + 1] = tenth;
    bytes[at + 2] = 0;
    bytes[at + 3] = 0;
    bytes.writeUInt32LE(model, at + 4);
    bytes.writeDoubleLE(eventTime, at + 8);
    bytes.writeDoubleLE(predictedAt, at + 16);
    bytes.writeDoubleLE(labelledAt, at + 24);
    bytes.writeDoubleLE(yTrue, at + 32);
    bytes.writeDoubleLE(yPred, at + 40);
    this.#length = at + EVENT_BYTES;
  }

  /** Whether the commit has no events. */
  get isEmpty(): boolean {
    return this.#length === HEAD_BYTES;
  }

  /** The events so far. Valid until the next one is added. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** The time of the commit whose events these are, ms since 1970. */
export function commitTimeOf(bytes: Buffer): number {
  return bytes.readDoubleLE(0);
}

/** The events of a commit in their order. @yields one object that is set again for each. */
export function* eventsIn(bytes: Buffer): Generator<Readonly<MonitorEvent>> {
  const event: MonitorEvent = { kind: EVENT.pair, tenth: 0, model: 0, eventTime: 0, predictedAt: 0, labelledAt: 0, yTrue: 0, yPred: 0 };
  for (let at = HEAD_BYTES; at + EVENT_BYTES <= bytes.length; at += EVENT_BYTES) {
    event.kind = kindOf(bytes[at]);
    event.tenth = bytes[at + 1] ?? 0;
    event.model = bytes.readUInt32LE(at + 4);
    event.eventTime = bytes.readDoubleLE(at + 8);
    event.predictedAt = bytes.readDoubleLE(at + 16);
    event.labelledAt = bytes.readDoubleLE(at + 24);
    event.yTrue = bytes.readDoubleLE(at + 32);
    event.yPred = bytes.readDoubleLE(at + 40);
    yield event;
  }
}

function kindOf(byte: number | undefined): EventKind {
  const kind = Object.values(EVENT).find((each) => each === byte);
  if (kind === undefined) throw new RangeError(`The journal of monitoring has an event of the unknown kind ${byte}.`);
  return kind;
}
