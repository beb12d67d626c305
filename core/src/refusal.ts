import { printable } from "./printable.js";

/** Why a row, or a whole message, could not be used. */
export interface Refusal {
  /** Position in the frame, from 0; absent when the whole message is refused. */
  readonly row?: number;
  readonly id?: string;
  /** The feature, or `id`, `y_true`, `y_pred`. */
  readonly field?: string;
  /** What is wrong and what to do, as a phrase without a full stop. */
  readonly reason: string;
}

/** The longest text of a header, well below AMQP's limit for headers. */
const MAX_TEXT = 2_000;

/** One refusal as a person reads it: `row 3 (id "a7"), field age: not a number`. */
export function describeRefusal({ row, id, field, reason }: Refusal): string {
  const where = [
    row === undefined ? undefined : `row ${row}${id === undefined ? "" : ` (id ${quote(id)})`}`,
    field === undefined ? undefined : `field ${field.slice(0, 128)}`,
  ].filter((part) => part !== undefined);
  return where.length === 0 ? reason : `${where.join(", ")}: ${reason}`;
}

/** All refusals in one text of at most so many characters; if that is too short it says how many more there are. */
export function describeRefusals(refusals: readonly Refusal[], most = MAX_TEXT): string {
  let text = "";
  for (const [index, refusal] of refusals.entries()) {
    const next = (index === 0 ? "" : "; ") + describeRefusal(refusal);
    if (index > 0 && text.length + next.length > most) return `${text}; and ${refusals.length - index} more`;
    text += next.slice(0, most);
  }
  return text;
}

const MAX_QUOTED = 57;

/** A value as it is quoted in a reason: short, and on one line. What has parts is only named: it may be deep or large. */
export function quote(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value !== "string") return String(value).replace("undefined", "nothing");
  const text = printable(JSON.stringify(value.slice(0, MAX_QUOTED)));
  return value.length > MAX_QUOTED || text.length > MAX_QUOTED + 3 ? `${text.slice(0, MAX_QUOTED)}...` : text;
}

/** How many distinct rows the refusals name; a refusal of the whole message counts `rows`. */
export function refusedRows(refusals: readonly Refusal[], rows: number): number {
  if (refusals.some((refusal) => refusal.row === undefined)) return rows;
  return new Set(refusals.map((refusal) => refusal.row)).size;
}
