import { isAscii, isUtf8 } from "node:buffer";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { quote, type Refusal } from "../refusal.js";
import { FrameRefusedError, MAX_FRAME_ROWS, MAX_ID_CHARACTERS } from "./frame.js";
import { Ids } from "./ids.js";

export const IdSchema = Type.String({ minLength: 1, maxLength: MAX_ID_CHARACTERS, description: "Unique among all rows ever sent." });
export const IdsSchema = Type.Array(IdSchema, { minItems: 1, maxItems: MAX_FRAME_ROWS });

const id = Compile(IdSchema);
/** Half of a pair of UTF-16: UTF-8 has none, and all of them would become the same replacement character. */
const HALF_CHARACTER = /\p{Surrogate}/u;

/** Why this is no id; undefined if it is one. */
export function idRefusal(value: unknown, row: number): Refusal | undefined {
  if (!id.Check(value)) {
    return { row, field: "id", reason: `an id is a string of 1 to ${MAX_ID_CHARACTERS} characters, got ${quote(value)}` };
  }
  if (HALF_CHARACTER.test(value)) return { row, field: "id", reason: `an id is Unicode text; ${quote(value)} has half a character in it` };
  return undefined;
}

/** Why this is no number of a frame; undefined if it is one. */
export function numberRefusal(value: unknown, row: number, rowId: string, field: string): Refusal | undefined {
  if (typeof value === "number" && Number.isFinite(value)) return undefined;
  if (value === undefined) return { row, id: rowId, field, reason: "the value is missing" };
  const hint = typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value)) ? ": send it without quotes" : "";
  return { row, id: rowId, field, reason: `not a finite number, got ${quote(value)}${hint}` };
}

/** Whether all are finite. Apart from the readers' other loops, so that it stays fast: it sees one kind of array. */
export function areFinite(values: Float64Array): boolean {
  for (let row = 0; row < values.length; row += 1) if (!Number.isFinite(values[row])) return false;
  return true;
}

/** Why a column does not fit the ids; nothing if it does. @throws FrameRefusedError */
export function requireLength(field: string, length: number, rows: number): void {
  if (length !== rows) throw new FrameRefusedError({ field, reason: `${length} values for ${rows} ids: a column has one value per id` });
}

/** A complaint of a schema, as typebox makes it. */
interface Complaint {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message: string;
}

/** The first complaint of a schema about the shape of a message, as a refusal of the whole. */
export function shapeRefusal(complaints: readonly Complaint[], wanted: string): FrameRefusedError {
  // What is there and should not be is complained of twice; the first says "schema is false".
  const stranger = complaints.find(({ keyword }) => keyword === "boolean")?.instancePath.slice(1);
  const first = complaints.find(({ keyword }) => keyword !== "boolean" && keyword !== "additionalProperties");
  const where = first === undefined || first.instancePath === "" ? "the message" : first.instancePath.slice(1, 200);
  const what = first?.message ?? (stranger === undefined ? "is malformed" : `must not have a property ${quote(stranger)}`);
  return new FrameRefusedError({ reason: `${where} ${what}; expected ${wanted}` });
}

/** How U+FFFD looks in UTF-8. */
const REPLACEMENT = Buffer.from("\ufffd");

/** Ids that are strings of the right length. */
export function checkStrings(values: readonly string[], refusals: Refusal[]): Ids {
  const ids = Ids.of(values);
  // Half a character became a replacement character. Looking for one is far cheaper than looking at each id.
  return ids.bytes.includes(REPLACEMENT) ? checkIds(values, refusals) : ids;
}

/** Ids as they arrived, checked one by one, and the rows that have none. */
export function checkIds(values: readonly unknown[], refusals: Refusal[]): Ids {
  const checked = values.map((value, row) => {
    const refusal = idRefusal(value, row);
    if (refusal !== undefined) refusals.push(refusal);
    return refusal === undefined && typeof value === "string" ? value : "";
  });
  return Ids.of(checked);
}

/** Ids that came as bytes: whether they are text, and not too long. */
export function checkBytes(ids: Ids, refusals: Refusal[]): Ids {
  const { bytes } = ids;
  const plain = isAscii(bytes);
  for (let row = 0; row < ids.length; row += 1) {
    const start = ids.start(row);
    const length = ids.end(row) - start;
    if (plain && length >= 1 && length <= MAX_ID_CHARACTERS) continue;
    if (!plain && !isUtf8(bytes.subarray(start, start + length))) {
      refusals.push({ row, field: "id", reason: "an id is Unicode text; its bytes are not UTF-8" });
      continue;
    }
    const refusal = idRefusal(ids.at(row), row);
    if (refusal !== undefined) refusals.push(refusal);
  }
  return ids;
}

/** The positions of the rows that no refusal names, in order. */
export function goodRows(rows: number, refusals: readonly Refusal[]): number[] {
  const bad = new Set(refusals.map((refusal) => refusal.row));
  return Array.from({ length: rows }, (_, row) => row).filter((row) => !bad.has(row));
}
