import Type from "typebox";
import { Compile } from "typebox/compile";
import type { HeaderValue, Message } from "../bus/bus.js";
import { quote, type Refusal } from "../refusal.js";
import type { FrameFormat } from "./codecs/codecs.js";
import { frameMessage, readFrame, type Contract } from "./contract.js";
import {
  checkEventTimes,
  EVENT_TIME,
  EVENT_TIME_TYPE,
  eventTimeColumn,
  EventTimeSchema,
  EventTimesSchema,
  takeEventTimes,
} from "./event-times.js";
import type { FrameLayout, FrameObject, FrameTable } from "./frame-layout.js";
import {
  AS_WRITTEN,
  columnOf,
  FRAME_HEADER,
  FrameRefusedError,
  MAX_FRAME_ROWS,
  type Cell,
  type Column,
  type FeaturesFrame,
  type Read,
} from "./frame.js";
import { Ids } from "./ids.js";
import { CODES } from "./row-codes.js";
import { namedIn, withHeader } from "./python-floats-header.js";
import { areFinite, checkBytes, checkIds, checkStrings, goodRows, IdSchema, IdsSchema, requireLength, shapeRefusal } from "./rows-of.js";

const CellSchema = Type.Union([Type.Number(), Type.String(), Type.Null()], {
  description: "A number; a category where the model wants one; null if it is missing and the model takes that.",
});
const closed = { additionalProperties: false };
const Columns = Type.Object(
  { ids: IdsSchema, columns: Type.Record(Type.String(), Type.Array(CellSchema)), [EVENT_TIME]: Type.Optional(EventTimesSchema) },
  { ...closed, description: "Many rows, in columns." },
);
const Single = Type.Object(
  { id: IdSchema, features: Type.Record(Type.String(), CellSchema), [EVENT_TIME]: Type.Optional(EventTimeSchema) },
  { ...closed, description: "One row." },
);
/** The same with cells unchecked: they are looked at one by one, so that good rows beside bad ones are used. */
const ids = Type.Array(Type.Unknown(), { minItems: 1, maxItems: MAX_FRAME_ROWS });
const unknowns = Type.Array(Type.Unknown());
const ColumnsShape = Type.Object({ ids, columns: Type.Record(Type.String(), unknowns), [EVENT_TIME]: Type.Optional(unknowns) }, closed);
const SingleShape = Type.Object(
  { id: Type.Unknown(), features: Type.Record(Type.String(), Type.Unknown()), [EVENT_TIME]: Type.Optional(Type.Unknown()) },
  closed,
);
const columnsForm = Compile(Columns);
const columnsShape = Compile(ColumnsShape);
const singleShape = Compile(SingleShape);

const EXPECTED = '{"ids":[…],"columns":{"name":[…],…}} or {"id":"…","features":{"name":…,…}}';

const layout: FrameLayout<FeaturesFrame> = {
  schema: Type.Union([Columns, Single]),
  columnTypes: {
    id: "utf8",
    "<feature>": "float64, or utf8 for a category; one column per feature",
    [EVENT_TIME]: `${EVENT_TIME_TYPE}; with any other type it is a feature of that name`,
  },
  ofObject,
  ofTable,
  toObject,
  toTable: ({ ids: rowIds, columns, eventTimes }) =>
    eventTimes === undefined ? { ids: rowIds, columns } : { ids: rowIds, columns, eventTimes: eventTimeColumn(eventTimes) },
};

/** Rows to score. */
export const featuresContract: Contract<FeaturesFrame> = {
  type: "features",
  description: "Rows to score: ids and named feature values.",
  layout,
  read(delivery) {
    const read = readFrame(delivery, "features", layout);
    return delivery.headers[FRAME_HEADER.cells] === AS_WRITTEN ? asWritten(read, delivery.headers[FRAME_HEADER.pythonFloats]) : read;
  },
  write(frame, format, origin) {
    if (frame.asWritten !== true) return messageOf(frame, format, origin);
    const { frame: sent, header } = withHeader(frame);
    const headers: Record<string, HeaderValue> = {};
    headers[FRAME_HEADER.cells] = AS_WRITTEN;
    if (header !== undefined) headers[FRAME_HEADER.pythonFloats] = header;
    return messageOf(sent, format, origin, headers);
  },
};

/** Object literals: a message of one row is read in a few µs, and to spread objects takes a third of that. */
function asWritten(
  { frame: { ids: rowIds, columns, eventTimes }, refusals, positions }: Read<FeaturesFrame>,
  header: unknown,
): Read<FeaturesFrame> {
  const pythonFloats = header === undefined ? undefined : namedIn(header, columns);
  const frame = { ids: rowIds, columns, eventTimes, asWritten: true, pythonFloats };
  return positions === undefined ? { frame, refusals } : { frame, refusals, positions };
}

function messageOf(frame: FeaturesFrame, format: FrameFormat, origin: number, headers?: Record<string, HeaderValue>): Message {
  return frameMessage("features", frame, layout, isTable(frame) ? format : "json", origin, headers);
}

/** Whether each column of a table would have a name of its own: a feature may be called as the ids or the event times are. */
function isTable({ columns, eventTimes }: FeaturesFrame): boolean {
  return !columns.has("id") && (eventTimes === undefined || !columns.has(EVENT_TIME));
}

function ofObject(body: unknown): Read<FeaturesFrame> {
  const refusals: Refusal[] = [];
  if (typeof body === "object" && body !== null && "id" in body) {
    if (!singleShape.Check(body)) throw shapeRefusal(singleShape.Errors(body), EXPECTED);
    const columns = Object.entries(body.features).map(([name, value]): [string, readonly unknown[]] => [name, [value]]);
    return frameOf(checkIds([body.id], refusals), columns, EVENT_TIME in body ? [body[EVENT_TIME]] : undefined, refusals);
  }
  if (!columnsShape.Check(body)) throw shapeRefusal(columnsShape.Errors(body), EXPECTED);
  // The compiled check of a whole good frame is far cheaper than a look at each id.
  const checked = columnsForm.Check(body) ? checkStrings(body.ids, refusals) : checkIds(body.ids, refusals);
  return frameOf(checked, Object.entries(body.columns), body[EVENT_TIME], refusals);
}

function ofTable({ ids: raw, columns, eventTimes, codes }: FrameTable): Read<FeaturesFrame> {
  if (codes !== undefined) throw new FrameRefusedError({ field: CODES, reason: "a column holds numbers or strings, not bytes" });
  const refusals: Refusal[] = [];
  const checked = raw instanceof Ids ? checkBytes(raw, refusals) : checkIds(raw, refusals);
  return frameOf(checked, [...columns], eventTimes, refusals);
}

function frameOf(
  allIds: Ids,
  columns: readonly (readonly [string, ArrayLike<unknown>])[],
  times: ArrayLike<unknown> | undefined,
  refusals: Refusal[],
): Read<FeaturesFrame> {
  const checked = new Map<string, Column>();
  for (const [name, values] of columns) {
    requireLength(name, values.length, allIds.length);
    checked.set(name, checkColumn(name, values, allIds, refusals));
  }
  const eventTimes = checkEventTimes(times, allIds, refusals);
  if (refusals.length === 0) return { frame: frameWith(allIds, checked, eventTimes), refusals };
  const rows = goodRows(allIds.length, refusals);
  const kept = new Map([...checked].map(([name, column]): [string, Column] => [name, takeCells(column, rows)]));
  return { frame: frameWith(allIds.take(rows), kept, takeEventTimes(eventTimes, rows)), refusals, positions: rows };
}

function frameWith(rowIds: Ids, columns: ReadonlyMap<string, Column>, eventTimes: Float64Array | undefined): FeaturesFrame {
  return eventTimes === undefined ? { ids: rowIds, columns } : { ids: rowIds, columns, eventTimes };
}

/** A typed column if all cells are finite numbers; otherwise the cells, and a refusal for each that is not. */
function checkColumn(name: string, values: ArrayLike<unknown>, allIds: Ids, refusals: Refusal[]): Column {
  if (values instanceof Float64Array && areFinite(values)) return values;
  const numbers = values instanceof Float64Array ? values : new Float64Array(values.length);
  let cells: Cell[] | undefined;
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row];
    if (typeof value === "number" && Number.isFinite(value)) {
      numbers[row] = value;
      if (cells !== undefined) cells[row] = value;
      continue;
    }
    cells ??= Array.from(numbers.subarray(0, row));
    if (typeof value === "string" || value === null) cells[row] = value;
    else {
      cells[row] = null;
      refusals.push({ row, id: allIds.at(row), field: name, reason: `not a finite number, got ${quote(value)}` });
    }
  }
  return cells ?? numbers;
}

/** The cells of a column at these rows. A column of numbers stays one. */
export function takeCells(column: Column, rows: readonly number[]): Column {
  if (column instanceof Float64Array) return Float64Array.from(rows, (row) => column[row] ?? Number.NaN);
  return columnOf(rows.map((row) => column[row] ?? null));
}

function toObject({ ids: rowIds, columns, eventTimes }: FeaturesFrame): FrameObject {
  const times = eventTimes === undefined ? undefined : eventTimeColumn(eventTimes);
  if (rowIds.length !== 1) {
    return [["ids", rowIds], ["columns", columns], ...(times === undefined ? [] : ([[EVENT_TIME, times]] as const))];
  }
  const features = new Map<string, Cell>();
  for (const [name, column] of columns) features.set(name, column[0] ?? null);
  return [["id", rowIds.at(0)], ["features", features], ...(times === undefined ? [] : ([[EVENT_TIME, times[0] ?? null]] as const))];
}
