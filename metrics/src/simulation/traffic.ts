import {
  CodeLayout,
  FRAME_HEADER,
  Ids,
  labelContract,
  predictionContract,
  type HeaderValue,
  type HeldOutError,
  type Message,
  type RowCodes,
} from "@streamgauge/core";
import type { Side } from "../state/half-table.js";
import type { SeededRandom } from "@streamgauge/testing";

/** The model of all predictions. */
export const MODEL = "linear 1";
/** What all predictions say of their model. */
export const HELD_OUT: HeldOutError = { rows: 100, mae: 80, sd: 0 };
/** Who corrects labels. */
export const WHO = 'ann, "the" expert';
/** How long halves wait in the store, in ms. Partners that are to be joined come well within it. */
export const RETENTION_MS = 600_000;

/** One half, as it is sent in a message. */
export interface SentHalf {
  readonly side: Side;
  readonly id: string;
  readonly value: number;
  /** When the row happened, ms since 1970. */
  readonly eventTime: number;
  /** Of a prediction: half the width of its interval; NaN if it has none. */
  readonly halfWidth: number;
  /** Of a prediction: its codes, and its unseen text; undefined if it has none. */
  readonly code?: PlannedCode | undefined;
  /** When the label was corrected, ms since 1970; undefined if it is a half like others. */
  readonly correctedAt?: number;
}

/** The bins of a row, and its text that the reference does not have. */
export interface PlannedCode {
  readonly codes: readonly number[];
  readonly unseen: string | null;
}

/** Two features with numbers, one with texts, and the predictions. */
export const LAYOUT = new CodeLayout("0cba33ef67f1", [
  { of: "number", bins: 6 },
  { of: "text", bins: 5 },
  { of: "number", bins: 4 },
  { of: "y_pred", bins: 23 },
]);
const TEXT_COLUMN = 1;
const UNSEEN_TEXT = 2;

/** A message and when it is sent, in ms from the start of its act. */
export interface SentFrame {
  readonly side: Side;
  readonly halves: readonly SentHalf[];
  /** Rows that will be refused; they come after the others. */
  readonly badRows: number;
  readonly at: number;
  /** When its labels were corrected, ms since 1970; undefined if they are halves. */
  readonly correctedAt?: number;
}

/** A part of the schedule. It starts when the part before has come to rest. */
export interface Act {
  readonly frames: readonly SentFrame[];
  /** Pause after the act in ms, which may be long enough for halves to expire. */
  readonly thenRest: number;
}

/** The planned fate of a row. */
export interface PlannedRow {
  readonly id: string;
  readonly y_true: number;
  readonly y_pred: number;
  /** When it happened, ms since 1970. */
  readonly eventTime: number;
  /** Half the width of the interval that comes with its prediction; NaN if there is none. */
  readonly halfWidth: number;
  /** `both`: the halves meet in time. `apart`: the second comes too late. A side: only that half is sent. */
  /** The codes that come with its prediction; undefined if there are none. */
  readonly code: PlannedCode | undefined;
  readonly fate: "both" | "apart" | Side;
  /** Other values that come after the id was settled: conflicts. */
  readonly later: readonly SentHalf[];
  /** Corrections of its label, of different times and values. */
  readonly corrections: readonly SentHalf[];
}

export interface Traffic {
  readonly rows: readonly PlannedRow[];
  readonly acts: readonly Act[];
}

/** Ids that need quotes in CSV, and some that look alike. */
const AWKWARD = ["a,b", 'say "hi"', "two\nlines", '"', "=1+1", "größe", "✓", "😀", "x\r", ",", " ", "-0", "__proto__"];

/**
 * Draws what is sent. Order and frames of the two sides are independent.
 *
 * @param once - every half is sent once, with one value.
 */
export function drawTraffic(random: SeededRandom, once: boolean): Traffic {
  const isCoded = random.chance(0.8);
  const rows = Array.from({ length: random.whole(1, random.pick([3, 10, 40])) }, (_, i) => drawRow(random, i, once, isCoded));
  const prompt: SentHalf[] = [];
  const late: SentHalf[] = [];
  const tooLate: SentHalf[] = [];
  for (const row of rows) {
    const halves = random.shuffled([half(row, "y_true"), half(row, "y_pred")]);
    const [first, second] = halves;
    if (first === undefined || second === undefined) continue;
    if (row.fate === "both") {
      prompt.push(first);
      (random.chance(0.7) ? prompt : late).push(second);
    } else if (row.fate === "apart") {
      prompt.push(first);
      tooLate.push(second);
    } else {
      prompt.push(half(row, row.fate));
    }
    tooLate.push(...row.later);
    // A row that is not logged has corrections that expire together with it.
    const anyTime = row.fate === "both" ? [prompt, late, tooLate] : [prompt, late];
    for (const correction of row.corrections)
      for (let copies = random.pick([1, 1, 2, 3]); copies > 0; copies -= 1) random.pick(anyTime).push(correction);
    if (once) continue;
    // Copies come while the id waits, or after it was logged.
    for (const sent of halves) if (row.fate === "both" && random.chance(0.15)) random.pick([prompt, late, tooLate]).push(sent);
    if (row.fate !== "both" && row.fate !== "apart" && random.chance(0.3)) random.pick([prompt, late]).push(half(row, row.fate));
  }
  const resent = !once && random.chance(0.3);
  return {
    rows,
    acts: [
      { frames: cut(random, prompt, random.pick([0, 500, 3_000]), resent), thenRest: random.pick([0, 5_000]) },
      { frames: cut(random, late, 3_000, resent), thenRest: RETENTION_MS * 3 },
      { frames: cut(random, tooLate, 3_000, false), thenRest: RETENTION_MS * 3 },
    ],
  };
}

function drawRow(random: SeededRandom, i: number, once: boolean, isCoded: boolean): PlannedRow {
  const id = random.chance(0.1) ? `${random.pick(AWKWARD)}${i}` : `row-${i}`;
  const fate = random.chance(0.7) ? "both" : random.pick(["apart", "y_true", "y_pred"] as const);
  const values = { y_true: drawNumber(random), y_pred: drawNumber(random) };
  const eventTime = drawEventTime(random);
  const halfWidth = random.pick([Number.NaN, Number.NaN, 0, 57.3, 1e-9, 1e12]);
  const code = isCoded ? drawCode(random) : undefined;
  const later: SentHalf[] = [];
  for (const side of ["y_true", "y_pred"] as const) {
    if (!once && fate === "both" && random.chance(0.1)) later.push({ side, id, value: values[side] + 1, eventTime, halfWidth, code });
  }
  const corrections = once || random.chance(0.7) ? [] : drawCorrections(random, { id, eventTime, value: values.y_true });
  return { id, ...values, eventTime, halfWidth, code, fate, later, corrections };
}

function drawCode(random: SeededRandom): PlannedCode {
  const codes = LAYOUT.columns.map(({ bins }) => random.whole(0, bins - 1));
  return { codes, unseen: codes[TEXT_COLUMN] === UNSEEN_TEXT ? random.pick(["Mars", "Moon", 'say "hi"']) : null };
}

/** One to three, whose values differ from the label and from each other. */
function drawCorrections(random: SeededRandom, { id, eventTime, value }: Pick<SentHalf, "id" | "eventTime" | "value">): SentHalf[] {
  return Array.from({ length: random.whole(1, 3) }, (_, i) => ({
    side: "y_true",
    id,
    value: random.pick([value + 10, 1e9, 0.5]) * (i + 2) + 7,
    eventTime,
    halfWidth: Number.NaN,
    correctedAt: Date.UTC(2026, 0, 31) + i,
  }));
}

/** Before the simulation begins: within a minute, an hour, or some days. */
function drawEventTime(random: SeededRandom): number {
  return Date.UTC(2026, 0, 30, 23) - random.whole(0, random.pick([30_000, 3_600_000, 3 * 86_400_000]));
}

function drawNumber(random: SeededRandom): number {
  return random.pick([random.whole(0, 300), random.fraction() * 300, -random.fraction() / 1e9, random.fraction() * 1e12, 0]);
}

function half(row: PlannedRow, side: Side): SentHalf {
  return { side, id: row.id, value: row[side], eventTime: row.eventTime, halfWidth: row.halfWidth, code: row.code };
}

/** Divides halves into frames of random sizes, in random order, sent at random times within `span` ms. */
function cut(random: SeededRandom, halves: readonly SentHalf[], span: number, resent: boolean): SentFrame[] {
  const frames: SentFrame[] = [];
  const most = random.pick([1, 2, 5, 20]);
  // Frames of the two sides with the same ids in the same order, as from a model that answers frame by frame.
  const alike = random.chance(0.5);
  const order = alike ? halves : random.shuffled(halves);
  for (const side of ["y_true", "y_pred"] as const) {
    const left = order.filter((sent) => sent.side === side && sent.correctedAt === undefined);
    if (alike) left.sort((one, other) => (one.id < other.id ? -1 : 1));
    while (left.length > 0) {
      const badRows = random.chance(0.05) ? random.whole(1, 2) : 0;
      const frame = { side, halves: left.splice(0, alike ? most : random.whole(1, most)), badRows, at: random.whole(0, span) };
      frames.push(frame);
      if (resent && random.chance(0.3)) frames.push({ ...frame, at: random.whole(0, span) });
    }
    if (random.chance(0.05)) frames.push({ side, halves: [], badRows: 1, at: random.whole(0, span) });
  }
  for (const correctedAt of new Set(order.map((sent) => sent.correctedAt))) {
    if (correctedAt === undefined) continue;
    const left = order.filter((sent) => sent.correctedAt === correctedAt);
    while (left.length > 0) {
      const badRows = random.chance(0.05) ? 1 : 0;
      frames.push({ side: "y_true", halves: left.splice(0, random.whole(1, most)), badRows, at: random.whole(0, span), correctedAt });
    }
  }
  return frames;
}

/** A message that carries the frame, in a format drawn at random. */
export function encodedFrame({ side, halves, badRows, at, correctedAt }: SentFrame, random: SeededRandom): Message {
  const ids = Ids.of(halves.map(({ id }) => id));
  const values = Float64Array.from(halves, ({ value }) => value);
  const eventTimes = Float64Array.from(halves, ({ eventTime }) => eventTime);
  const halfWidths = Float64Array.from(halves, ({ halfWidth }) => halfWidth);
  const codes = side === "y_pred" ? codesOf(halves) : undefined;
  if (badRows > 0) {
    const ofLabels = correctedAt === undefined ? {} : { correction: 1, who: WHO, origin: correctedAt };
    const headers: Record<string, HeaderValue> = side === "y_true" ? ofLabels : { [FRAME_HEADER.heldOut]: JSON.stringify(HELD_OUT) };
    const withNulls = (values: Float64Array) =>
      [...values, ...Array<number>(badRows).fill(Number.NaN)].map((each) => (Number.isNaN(each) ? null : each));
    if (side === "y_pred" && codes !== undefined) headers[FRAME_HEADER.codes] = LAYOUT.text;
    const letters = [...halves.map(({ code }) => lettersOf(code?.codes ?? [])), ...Array<string>(badRows).fill("AAAA")];
    const ofCodes = codes === undefined ? {} : { codes: letters, unseen: [...(codes.unseen ?? []), ...Array<null>(badRows).fill(null)] };
    const ofPredictions =
      side === "y_true" ? {} : { model: MODEL, event_time: withNulls(eventTimes), half_width: withNulls(halfWidths), ...ofCodes };
    const body = {
      ...ofPredictions,
      ids: [...ids.toArray(), ...Array<string>(badRows).fill("bad")],
      [side]: [...values, ...Array<null>(badRows).fill(null)],
    };
    return { body: Buffer.from(JSON.stringify(body)), contentType: "application/json", type: side, headers };
  }
  const format = random.chance(0.2) ? "arrow" : "json";
  if (correctedAt !== undefined) return labelContract.write({ ids, y_true: values, correction: { who: WHO } }, format, correctedAt);
  if (side === "y_true") return labelContract.write({ ids, y_true: values }, format, at);
  return predictionContract.write(
    { ids, y_pred: values, model: MODEL, unit: "", eventTimes, halfWidths, codes, heldOut: HELD_OUT },
    format,
    at,
  );
}

function codesOf(halves: readonly SentHalf[]): RowCodes | undefined {
  if (halves.length === 0 || halves.some(({ code }) => code === undefined)) return undefined;
  const bytes = Uint8Array.from(halves.flatMap(({ code }) => code?.codes ?? []));
  return {
    layout: LAYOUT,
    bytes,
    unseen: halves.map(({ code }) => (typeof code?.unseen === "string" ? JSON.stringify([code.unseen]) : null)),
  };
}

/** Codes as letters; all of them are below 26. */
function lettersOf(codes: readonly number[]): string {
  return codes.map((code) => String.fromCharCode("A".charCodeAt(0) + code)).join("");
}
