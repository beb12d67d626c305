import Type from "typebox";
import { Compile } from "typebox/compile";
import { quote, type Refusal } from "../refusal.js";
import { frameMessage, readFrame, type Contract } from "./contract.js";
import type { FrameLayout, FrameObject, FrameTable } from "./frame-layout.js";
import { AS_WRITTEN, columnOf, FRAME_HEADER, MAX_FRAME_ROWS, type Cell, type Column, type FeaturesFrame, type Read } from "./frame.js";
import { Ids } from "./ids.js";
import { areFinite, checkBytes, checkIds, checkStrings, goodRows, IdSchema, IdsSchema, requireLength, shapeRefusal } from "./rows-of.js";

const CellSchema = Type.Union([Type.Number(), Type.String(), Type.Null()], {
  description: "A number; a category where the model wants one; null where it is missing and the model takes that.",
});
const closed = { additionalProperties: false };
const Columns = Type.Object(
  { ids: IdsSchema, columns: Type.Record(Type.String(), Type.Array(CellSchema)) },
  { ...closed, description: "Many rows, in columns." },
);
const Single = Type.Object({ id: IdSchema, features: Type.Record(Type.String(), CellSchema) }, { ...closed, description: "One row." });
/** The same with cells unchecked: they are looked at one by one, so that good rows beside bad ones are used. */
const ids = Type.Array(Type.Unknown(), { minItems: 1, maxItems: MAX_FRAME_ROWS });
const ColumnsShape = Type.Object({ ids, columns: Type.Record(Type.String(), Type.Array(Type.Unknown())) }, closed);
const SingleShape = Type.Object({ id: Type.Unknown(), features: Type.Record(Type.String(), Type.Unknown()) }, closed);
const columnsForm = Compile(Columns);
const columnsShape = Compile(ColumnsShape);
const singleShape = Compile(SingleShape);

const EXPECTED = '{"ids":[…],"columns":{"name":[…],…}} or {"id":"…","features":{"name":…,…}}';

const layout: FrameLayout<FeaturesFrame> = {
  schema: Type.Union([Columns, Single]),
  columnTypes: { id: "utf8", "<feature>": "float64, or utf8 for a category; one column per feature" },
  ofObject,
  ofTable,
  toObject,
  toTable: (frame) => frame,
};

/** Rows to score. */
export const featuresContract: Contract<FeaturesFrame> = {
  type: "features",
  description: "Rows to score: ids and named feature values.",
  layout,
  read(delivery) {
    const { frame, ...rest } = readFrame(delivery, "features", layout);
    const asWritten = delivery.headers[FRAME_HEADER.cells] === AS_WRITTEN;
    return { ...rest, frame: asWritten ? { ...frame, asWritten } : frame };
  },
  write(frame, format, origin) {
    const headers = frame.asWritten === true ? { [FRAME_HEADER.cells]: AS_WRITTEN } : {};
    return frameMessage("features", frame, layout, format, origin, headers);
  },
};

function ofObject(body: unknown): Read<FeaturesFrame> {
  const refusals: Refusal[] = [];
  if (typeof body === "object" && body !== null && "id" in body) {
    if (!singleShape.Check(body)) throw shapeRefusal(singleShape.Errors(body), EXPECTED);
    const columns = Object.entries(body.features).map(([name, value]): [string, readonly unknown[]] => [name, [value]]);
    return frameOf(checkIds([body.id], refusals), columns, refusals);
  }
  if (!columnsShape.Check(body)) throw shapeRefusal(columnsShape.Errors(body), EXPECTED);
  // The compiled check of a whole good frame is far cheaper than a look at each id.
  const checked = columnsForm.Check(body) ? checkStrings(body.ids, refusals) : checkIds(body.ids, refusals);
  return frameOf(checked, Object.entries(body.columns), refusals);
}

function ofTable({ ids: raw, columns }: FrameTable): Read<FeaturesFrame> {
  const refusals: Refusal[] = [];
  const checked = raw instanceof Ids ? checkBytes(raw, refusals) : checkIds(raw, refusals);
  return frameOf(checked, [...columns], refusals);
}

function frameOf(allIds: Ids, columns: readonly (readonly [string, ArrayLike<unknown>])[], refusals: Refusal[]): Read<FeaturesFrame> {
  const checked = new Map<string, Column>();
  for (const [name, values] of columns) {
    requireLength(name, values.length, allIds.length);
    checked.set(name, checkColumn(name, values, allIds, refusals));
  }
  if (refusals.length === 0) return { frame: { ids: allIds, columns: checked }, refusals };
  const rows = goodRows(allIds.length, refusals);
  const kept = new Map([...checked].map(([name, column]): [string, Column] => [name, takeCells(column, rows)]));
  return { frame: { ids: allIds.take(rows), columns: kept }, refusals, positions: rows };
}

/** A typed column where all cells are finite numbers; otherwise the cells, and a refusal for each that is none. */
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

function toObject({ ids: rowIds, columns }: FeaturesFrame): FrameObject {
  if (rowIds.length !== 1) {
    return [
      ["ids", rowIds],
      ["columns", columns],
    ];
  }
  const features = new Map<string, Cell>();
  for (const [name, column] of columns) features.set(name, column[0] ?? null);
  return [
    ["id", rowIds.at(0)],
    ["features", features],
  ];
}
