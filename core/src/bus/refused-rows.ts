import Type from "typebox";
import { Compile } from "typebox/compile";
import { JSON_TYPE } from "../media-type.js";
import { describeRefusals, type Refusal } from "../refusal.js";
import type { Delivery, HeaderValue, Message } from "./bus.js";
import { DEAD_HEADER } from "./dead-header.js";

/** The type of the messages that follow a dead letter whose header cannot hold the reasons of all its rows. */
export const REFUSED_ROWS_TYPE = "refused_rows";

/** What a header holds: some forty rows. */
const MAX_HEADER_BYTES = 4 * 1024;
/** The body of one message of reasons. */
const MAX_BODY_BYTES = 1024 * 1024;
/** The reasons of one row, which may be bad in each of its fields. */
const MAX_ROW_TEXT = 500;

const RefusedRows = Type.Array(
  Type.Object(
    {
      row: Type.Optional(Type.Integer({ minimum: 0, description: "The row's place in the message, from 0; absent: the whole message." })),
      id: Type.Optional(Type.String()),
      field: Type.Optional(Type.String({ description: "The field, if one alone is wrong." })),
      reason: Type.String(),
    },
    { additionalProperties: false },
  ),
);

/** What the body of a message of reasons, and the header `dead-refusals`, look like; JSON Schema. */
export const refusedRowsSchema = Type.Object(
  { refusals: RefusedRows },
  { additionalProperties: false, description: "Why rows of a dead letter were refused: one entry a row." },
);
const header = Compile(RefusedRows);
const body = Compile(refusedRowsSchema);

/** Each row's own reasons in one refusal, in the order of the rows; what concerns the whole message comes first. */
export function refusalOfEachRow(refusals: readonly Refusal[]): Refusal[] {
  const ofRows = new Map<number, Refusal[]>();
  for (const refusal of refusals) {
    const row = refusal.row ?? -1;
    const others = ofRows.get(row);
    if (others === undefined) ofRows.set(row, [refusal]);
    else others.push(refusal);
  }
  return [...ofRows].toSorted(([one], [other]) => one - other).map(([, ofRow]) => joined(ofRow));
}

function joined(ofRow: readonly Refusal[]): Refusal {
  const [first = { reason: "" }] = ofRow;
  const { row, id, field } = first;
  const where = { ...(row === undefined ? {} : { row }), ...(id === undefined ? {} : { id }) };
  if (ofRow.length > 1) {
    const fields = ofRow.map(({ field: one, reason }): Refusal => (one === undefined ? { reason } : { field: one, reason }));
    return { ...where, reason: describeRefusals(fields, MAX_ROW_TEXT) };
  }
  return { ...where, ...(field === undefined ? {} : { field: field.slice(0, 128) }), reason: first.reason.slice(0, MAX_ROW_TEXT) };
}

/** How the reasons of all rows of a dead letter travel. */
export interface WrittenReasons {
  /** The header `dead-refusals` of the letter: all of them, or those of the whole message. */
  readonly header: string;
  /** The bodies of the messages that follow the letter; none if the header holds all. */
  readonly bodies: readonly Buffer[];
}

/** Writes each row's own reason: into the header if all fit, and else into messages of at most 1 MiB. */
export function writeReasons(refusals: readonly Refusal[]): WrittenReasons {
  const each = refusalOfEachRow(refusals).map((refusal) => ({ row: refusal.row, text: JSON.stringify(refusal) }));
  const all = listed(each);
  if (Buffer.byteLength(all) <= MAX_HEADER_BYTES) return { header: all, bodies: [] };
  const rows = each.filter(({ row }) => row !== undefined).map(({ text }) => text);
  return { header: listed(each.filter(({ row }) => row === undefined)), bodies: bodiesOf(rows) };
}

function listed(refusals: readonly { readonly text: string }[]): string {
  return `[${refusals.map(({ text }) => text).join(",")}]`;
}

function bodiesOf(texts: readonly string[]): Buffer[] {
  const bodies: Buffer[] = [];
  let some: string[] = [];
  const empty = Buffer.byteLength('{"refusals":[]}');
  let bytes = empty;
  const cut = () => {
    if (some.length > 0) bodies.push(Buffer.from(`{"refusals":[${some.join(",")}]}`));
    some = [];
    bytes = empty;
  };
  for (const text of texts) {
    const more = Buffer.byteLength(text) + 1;
    if (bytes + more > MAX_BODY_BYTES) cut();
    some.push(text);
    bytes += more;
  }
  cut();
  return bodies;
}

/** A message that follows a dead letter, with reasons of some of its rows. @param headers - those that name the letter. */
export function reasonsMessage(reasons: Buffer, headers: Readonly<Record<string, HeaderValue>>): Message {
  return { body: reasons, contentType: JSON_TYPE, type: REFUSED_ROWS_TYPE, timestamp: Date.now(), headers };
}

/** Whether this is no dead letter, but follows one with the reasons of its rows. */
export function isReasonsMessage({ type, headers }: Delivery): boolean {
  return type === REFUSED_ROWS_TYPE && headers[DEAD_HEADER.refusals] === undefined;
}

/**
 * The refusals that a dead letter's header, or a message that follows one, has: one a row. Undefined if it has none that can be
 * read, as letters of earlier versions and of the broker itself.
 */
export function readReasons(delivery: Delivery): readonly Refusal[] | undefined {
  try {
    if (isReasonsMessage(delivery)) {
      const value: unknown = JSON.parse(delivery.body.toString("utf8"));
      return body.Check(value) ? value.refusals : undefined;
    }
    const text = delivery.headers[DEAD_HEADER.refusals];
    const value: unknown = typeof text === "string" ? JSON.parse(text) : undefined;
    return header.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
