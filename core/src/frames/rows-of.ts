import Type from "typebox";
import { Compile } from "typebox/compile";
import { quote, type Refusal } from "../refusal.js";
import { FrameRefusedError, MAX_FRAME_ROWS, MAX_ID_CHARACTERS } from "./frame.js";
import { Ids } from "./ids.js";

export const IdSchema = Type.String({ minLength: 1, maxLength: MAX_ID_CHARACTERS, description: "Unique among all rows ever sent." });
export const IdsSchema = Type.Array(IdSchema, { minItems: 1, maxItems: MAX_FRAME_ROWS });

const id = Compile(IdSchema);

/** Why this is no id; undefined where it is one. */
export function idRefusal(value: unknown, row: number): Refusal | undefined {
  if (id.Check(value)) return undefined;
  return { row, field: "id", reason: `an id is a string of 1 to ${MAX_ID_CHARACTERS} characters, got ${quote(value)}` };
}

/** Why this is no number of a frame; undefined where it is one. */
export function numberRefusal(value: unknown, row: number, rowId: string, field: string): Refusal | undefined {
  if (typeof value === "number" && Number.isFinite(value)) return undefined;
  const hint = typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value)) ? ": send it without quotes" : "";
  return { row, id: rowId, field, reason: `not a finite number, got ${quote(value)}${hint}` };
}

/** Why a column does not fit the ids; nothing where it does. @throws FrameRefusedError */
export function requireLength(field: string, length: number, rows: number): void {
  if (length !== rows) throw new FrameRefusedError({ field, reason: `${length} values for ${rows} ids: a column has one value per id` });
}

/** The first complaint of a schema about the shape of a message, as a refusal of the whole. */
export function shapeRefusal(
  errors: readonly { readonly instancePath: string; readonly message: string }[],
  wanted: string,
): FrameRefusedError {
  const [first] = errors;
  const where = first === undefined || first.instancePath === "" ? "the message" : first.instancePath.slice(1, 200);
  return new FrameRefusedError({ reason: `${where} ${first?.message ?? "is malformed"}; expected ${wanted}` });
}

/** Ids as they arrived, checked one by one, and the rows that have none. */
export function checkIds(values: readonly unknown[], refusals: Refusal[]): Ids {
  const checked = values.map((value, row) => {
    const refusal = idRefusal(value, row);
    if (refusal !== undefined) refusals.push(refusal);
    return typeof value === "string" ? value : "";
  });
  return Ids.of(checked);
}

/** Ids that came as bytes: only their lengths need a look. */
export function checkIdLengths(ids: Ids, refusals: Refusal[]): Ids {
  for (let row = 0; row < ids.length; row += 1) {
    const bytes = ids.end(row) - ids.start(row);
    if (bytes >= 1 && bytes <= MAX_ID_CHARACTERS) continue;
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
