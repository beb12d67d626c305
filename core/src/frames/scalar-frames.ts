import Type, { type TObject } from "typebox";
import { Compile } from "typebox/compile";
import type { Refusal } from "../refusal.js";
import type { FrameLayout, FrameObject, FrameTable } from "./frame-layout.js";
import { FrameRefusedError, MAX_FRAME_ROWS, type Read } from "./frame.js";
import { Ids } from "./ids.js";
import {
  areFinite,
  checkBytes,
  checkIds,
  checkStrings,
  goodRows,
  IdSchema,
  IdsSchema,
  numberRefusal,
  requireLength,
  shapeRefusal,
} from "./rows-of.js";

/** A frame with one number a row. */
export interface Scalars {
  readonly ids: Ids;
  /** Shape [n]; finite. */
  readonly values: Float64Array;
  /** The model that the body names, if it does. */
  readonly model?: string | undefined;
}

/** Labels and predictions are alike in shape: ids and one column of numbers. They differ in its name. */
export class ScalarFrames implements FrameLayout<Scalars> {
  readonly schema;
  readonly columnTypes;
  readonly #columns;
  readonly #single;
  readonly #columnsShape;

  readonly field: string;

  /** @param field - `y_true` or `y_pred`. @param extra - further properties, of the whole frame. */
  constructor(field: string, extra: TObject["properties"]) {
    this.field = field;
    const closed = { additionalProperties: false };
    const columns = Type.Object(
      { ids: IdsSchema, [field]: Type.Array(Type.Number()), ...extra },
      { ...closed, description: "Many rows, in columns." },
    );
    const single = Type.Object({ id: IdSchema, [field]: Type.Number(), ...extra }, { ...closed, description: "One row." });
    this.schema = Type.Union([columns, single]);
    this.columnTypes = { id: "utf8", [field]: "float64" };
    this.#columns = Compile(columns);
    this.#single = Compile(single);
    const ids = Type.Array(Type.Unknown(), { minItems: 1, maxItems: MAX_FRAME_ROWS });
    this.#columnsShape = Compile(Type.Object({ ids, [field]: Type.Array(Type.Unknown()), ...extra }, closed));
  }

  ofObject(body: unknown): Read<Scalars> {
    if (this.#isColumns(body)) {
      const values = column(body, this.field);
      requireLength(this.field, values.length, body.ids.length);
      const refusals: Refusal[] = [];
      return this.#good(checkStrings(body.ids, refusals), values, modelIn(body), refusals);
    }
    if (this.#isSingle(body)) {
      const refusals: Refusal[] = [];
      return this.#good(checkStrings([body.id], refusals), [property(body, this.field)], modelIn(body), refusals);
    }
    if (typeof body === "object" && body !== null && "id" in body) {
      const row = { id: property(body, "id"), value: property(body, this.field) };
      const refusals: Refusal[] = [];
      const ids = checkIds([row.id], refusals);
      const refusal = numberRefusal(row.value, 0, ids.at(0), this.field);
      if (refusal !== undefined) refusals.push(refusal);
      if (refusals.length === 0) throw shapeRefusal(this.#single.Errors(body), this.#example());
      return this.#good(ids, [row.value], modelIn(body), refusals);
    }
    if (!this.#isShaped(body)) throw shapeRefusal(this.#columnsShape.Errors(body), this.#example());
    const refusals: Refusal[] = [];
    const values = column(body, this.field);
    requireLength(this.field, values.length, body.ids.length);
    return this.#check(checkIds(body.ids, refusals), values, modelIn(body), refusals);
  }

  #isColumns(body: unknown): body is { readonly ids: readonly string[] } {
    return this.#columns.Check(body);
  }

  #isSingle(body: unknown): body is { readonly id: string } {
    return this.#single.Check(body);
  }

  #isShaped(body: unknown): body is { readonly ids: readonly unknown[] } {
    return this.#columnsShape.Check(body);
  }

  ofTable({ ids: rawIds, columns }: FrameTable, source: string): Read<Scalars> {
    const column = columns.get(this.field);
    if (column === undefined) throw new FrameRefusedError({ field: this.field, reason: `${source} has no column ${this.field}` });
    const other = [...columns.keys()].find((name) => name !== this.field);
    if (other !== undefined) throw new FrameRefusedError({ field: other, reason: `a column that no ${this.field} frame has` });
    requireLength(this.field, column.length, rawIds.length);
    const refusals: Refusal[] = [];
    const ids = rawIds instanceof Ids ? checkBytes(rawIds, refusals) : checkIds(rawIds, refusals);
    return this.#check(ids, column, undefined, refusals);
  }

  #check(ids: Ids, values: ArrayLike<unknown>, model: string | undefined, refusals: Refusal[]): Read<Scalars> {
    const finite = values instanceof Float64Array && areFinite(values);
    for (let row = 0; !finite && row < ids.length; row += 1) {
      const value = values[row];
      if (typeof value === "number" && Number.isFinite(value)) continue;
      const refusal = numberRefusal(value, row, ids.at(row), this.field);
      if (refusal !== undefined) refusals.push(refusal);
    }
    return this.#good(ids, values, model, refusals);
  }

  #good(ids: Ids, values: ArrayLike<unknown>, model: string | undefined, refusals: readonly Refusal[]): Read<Scalars> {
    if (refusals.length === 0) {
      return { frame: { ids, values: values instanceof Float64Array ? values : doubles(values), model }, refusals };
    }
    const rows = goodRows(ids.length, refusals);
    return { frame: { ids: ids.take(rows), values: Float64Array.from(rows, (row) => Number(values[row])), model }, refusals };
  }

  #example(): string {
    return `{"ids":[…],"${this.field}":[…]} or {"id":"…","${this.field}":…}`;
  }

  toObject({ ids, values, model }: Scalars): FrameObject {
    const extra: FrameObject = model === undefined ? [] : [["model", model]];
    return ids.length === 1
      ? [["id", ids.at(0)], [this.field, values[0] ?? null], ...extra]
      : [["ids", ids], [this.field, values], ...extra];
  }

  toTable({ ids, values }: Scalars) {
    return { ids, columns: [[this.field, values]] as const };
  }
}

/** Numbers as doubles. A loop: `from` with a function takes three times as long. */
function doubles(values: ArrayLike<unknown>): Float64Array {
  const all = new Float64Array(values.length);
  for (let row = 0; row < all.length; row += 1) all[row] = Number(values[row]);
  return all;
}

function property(body: object, name: string): unknown {
  return Object.entries(body).find(([key]) => key === name)?.[1];
}

function column(body: object, name: string): readonly unknown[] {
  const values = property(body, name);
  return Array.isArray(values) ? values : [];
}

function modelIn(body: object): string | undefined {
  const model = property(body, "model");
  return typeof model === "string" ? model : undefined;
}
