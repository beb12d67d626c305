import Type from "typebox";
import { CodeLayout } from "../drift/code-layout.js";
import { quote, type Refusal } from "../refusal.js";
import { FRAME_HEADER, FrameRefusedError, type Cell, type CodeBytes, type RowCodes } from "./frame.js";
import type { Ids } from "./ids.js";
import { requireLength } from "./rows-of.js";

/** The names of codes and of unseen texts: properties of a frame as an object, columns of a frame as a table. */
export const CODES = "codes";
export const UNSEEN_TEXTS = "unseen";

/** Their types in a table, for people. */
export const CODES_TYPE = "fixed_size_binary: a byte for each column of the header codes; may be left out";
export const UNSEEN_TEXTS_TYPE = "utf8; nullable, and may be left out";

/** The letter of each code, in an object. */
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const MOST_CODES = 65;
const MOST_UNSEEN_CHARACTERS = 16_384;
const LETTER_CODES = Uint8Array.from({ length: 128 }, (_, character) => {
  const code = LETTERS.indexOf(String.fromCharCode(character));
  return code < 0 ? 255 : code;
});

export const CodesSchema = Type.String({
  maxLength: MOST_CODES,
  description:
    "The bins of the row's features and of y_pred: a letter for each column of the header codes, of A to Z, a to z, 0 to 9, -, _.",
});
export const CodesColumnSchema = Type.Array(CodesSchema, { description: "The bins of each row." });
export const UnseenTextsSchema = Type.Union([Type.String({ maxLength: MOST_UNSEEN_CHARACTERS }), Type.Null()], {
  description:
    "The texts of the row that its model's reference does not have: a JSON array, in the order of the codes that say so; null if there are none.",
});
export const UnseenTextsColumnSchema = Type.Array(UnseenTextsSchema, { description: "The unseen texts of each row." });

/** The layout that a message names; undefined if it names none. @throws FrameRefusedError if it names one that cannot be read. */
export function layoutIn(header: unknown): CodeLayout | undefined {
  if (header === undefined) return undefined;
  if (typeof header === "string") {
    if (lastLayout?.text === header) return lastLayout;
    const layout = CodeLayout.read(header);
    if (layout !== undefined) return (lastLayout = layout);
  }
  throw new FrameRefusedError({
    reason: `the header ${FRAME_HEADER.codes} is ${quote(header)}: send the hash of the reference and a column for each code, such as "0cba33ef67f1 n23 t5 y23"`,
  });
}

/** Nearly all messages have the same. */
let lastLayout: CodeLayout | undefined;

/**
 * Checks the codes of a frame.
 *
 * @param values - as they came: letters for each id, or bytes; undefined if the frame has none.
 * @param unseen - as it came: one value an id; undefined if the frame has none.
 * @param refusals - gets one for each row whose codes are not of the layout.
 * @throws FrameRefusedError if their number is not that of the ids, or the message has no layout.
 */
export function checkCodes(
  values: ArrayLike<unknown> | CodeBytes | undefined,
  unseen: ArrayLike<unknown> | undefined,
  layout: CodeLayout | undefined,
  ids: Ids,
  refusals: Refusal[],
): RowCodes | undefined {
  if (values === undefined) return undefined;
  if (layout === undefined)
    throw new FrameRefusedError({
      field: CODES,
      reason: `codes mean nothing without the header ${FRAME_HEADER.codes}, which names their columns`,
    });
  const bytes = "width" in values ? bytesOf(values, layout, ids) : lettersOf(values, layout, ids, refusals);
  refuseOthers(bytes, layout, ids, refusals);
  if (unseen === undefined) return { layout, bytes };
  requireLength(UNSEEN_TEXTS, unseen.length, ids.length);
  return { layout, bytes, unseen: checkUnseen(unseen, ids, refusals) };
}

function bytesOf({ bytes, width }: CodeBytes, layout: CodeLayout, ids: Ids): Uint8Array {
  if (width !== layout.width)
    throw new FrameRefusedError({
      field: CODES,
      reason: `${width} bytes a row; the header ${FRAME_HEADER.codes} names ${layout.width} columns`,
    });
  requireLength(CODES, bytes.length / width, ids.length);
  return bytes;
}

/** Codes beyond all layouts where a text has no letter. */
function lettersOf(values: ArrayLike<unknown>, { width }: CodeLayout, ids: Ids, refusals: Refusal[]): Uint8Array {
  requireLength(CODES, values.length, ids.length);
  const bytes = new Uint8Array(values.length * width);
  for (let row = 0; row < values.length; row += 1) {
    const text = values[row];
    if (typeof text !== "string" || text.length !== width) {
      const reason = `not ${width} letters, as the header ${FRAME_HEADER.codes} names columns, got ${quote(text)}`;
      refusals.push({ row, id: ids.at(row), field: CODES, reason });
      continue;
    }
    const at = row * width;
    for (let i = 0; i < width; i += 1) bytes[at + i] = LETTER_CODES[text.charCodeAt(i)] ?? 255;
  }
  return bytes;
}

/** Refuses rows with a code that its column does not have. */
function refuseOthers(bytes: Uint8Array, { columns, width }: CodeLayout, ids: Ids, refusals: Refusal[]): void {
  const bins = Uint8Array.from(columns, (column) => column.bins);
  for (let at = 0, column = 0; at < bytes.length; at += 1) {
    if ((bytes[at] ?? 0) >= (bins[column] ?? 0)) {
      const row = Math.floor(at / width);
      const reason = `code ${column + 1} of the row is none of the ${bins[column]} bins that the header ${FRAME_HEADER.codes} gives its column`;
      if (refusals.at(-1)?.row !== row || refusals.at(-1)?.field !== CODES) refusals.push({ row, id: ids.at(row), field: CODES, reason });
    }
    column = column + 1 === width ? 0 : column + 1;
  }
}

function checkUnseen(values: ArrayLike<unknown>, ids: Ids, refusals: Refusal[]): (string | null)[] | undefined {
  let hasAny = false;
  const checked = Array.from(values, (value, row): string | null => {
    if (value === null) return null;
    if (typeof value === "string" && value.length <= MOST_UNSEEN_CHARACTERS && unseenIn(value).length > 0) {
      hasAny = true;
      return value;
    }
    refusals.push({ row, id: ids.at(row), field: UNSEEN_TEXTS, reason: `not a JSON array of texts, got ${quote(value)}` });
    return null;
  });
  return hasAny ? checked : undefined;
}

/** The unseen texts of a row; none if it is no JSON array of texts. */
export function unseenIn(cell: string | null | undefined): readonly string[] {
  if (cell === null || cell === undefined) return [];
  try {
    const texts: unknown = JSON.parse(cell);
    return Array.isArray(texts) && texts.every((text) => typeof text === "string") ? texts : [];
  } catch {
    return [];
  }
}

/** The codes of these rows. */
export function takeCodes(codes: RowCodes | undefined, rows: readonly number[]): RowCodes | undefined {
  if (codes === undefined) return undefined;
  const { layout, bytes, unseen } = codes;
  const { width } = layout;
  const taken = new Uint8Array(rows.length * width);
  for (const [i, row] of rows.entries()) taken.set(bytes.subarray(row * width, (row + 1) * width), i * width);
  return { layout, bytes: taken, unseen: withoutEmpty(unseen === undefined ? undefined : rows.map((row) => unseen[row] ?? null)) };
}

/** The codes from one row to another, which is not in it. */
export function codesBetween(codes: RowCodes | undefined, from: number, to: number): RowCodes | undefined {
  if (codes === undefined) return undefined;
  const { layout, bytes, unseen } = codes;
  const own = bytes.subarray(from * layout.width, to * layout.width);
  return unseen === undefined ? { layout, bytes: own } : { layout, bytes: own, unseen: withoutEmpty(unseen.slice(from, to)) };
}

/** The codes of all parts, which have one layout. @param rows - of each part. */
export function joinedCodes(parts: readonly RowCodes[], rows: readonly number[]): RowCodes | undefined {
  const [first] = parts;
  if (first === undefined || parts.length === 1) return first;
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.bytes.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part.bytes, at);
    at += part.bytes.length;
  }
  if (parts.every(({ unseen }) => unseen === undefined)) return { layout: first.layout, bytes };
  const unseen = parts.flatMap((part, i) => part.unseen ?? Array<null>(rows[i] ?? 0).fill(null));
  return { layout: first.layout, bytes, unseen };
}

function withoutEmpty(unseen: readonly (string | null)[] | undefined): readonly (string | null)[] | undefined {
  return unseen?.every((cell) => cell === null) === true ? undefined : unseen;
}

/** Codes as letters. */
export function codeLetters({ layout: { width }, bytes }: RowCodes): readonly Cell[] {
  return Array.from({ length: bytes.length / width }, (_, row) => {
    let text = "";
    for (let at = row * width; at < (row + 1) * width; at += 1) text += LETTERS[bytes[at] ?? 0] ?? "";
    return text;
  });
}
