import Type, { type TObject, type TSchema } from "typebox";
import { Compile } from "typebox/compile";
import type { Refusal } from "../refusal.js";
import {
  checkEventTimes,
  EVENT_TIME,
  EVENT_TIME_TYPE,
  eventTimeColumn,
  EventTimeSchema,
  EventTimesSchema,
  takeEventTimes,
} from "./event-times.js";
import {
  checkHalfWidths,
  HALF_WIDTH,
  HALF_WIDTH_TYPE,
  halfWidthColumn,
  HalfWidthSchema,
  HalfWidthsSchema,
  takeHalfWidths,
} from "./half-widths.js";
import {
  checkCodes,
  codeLetters,
  CODES,
  CODES_TYPE,
  CodesColumnSchema,
  CodesSchema,
  takeCodes,
  UNSEEN_TEXTS,
  UNSEEN_TEXTS_TYPE,
  UnseenTextsColumnSchema,
  UnseenTextsSchema,
} from "./row-codes.js";
import type { CodeLayout } from "../drift/code-layout.js";
import type { FrameLayout, FrameObject, FrameTable } from "./frame-layout.js";
import { FrameRefusedError, MAX_FRAME_ROWS, type CodeBytes, type Column, type Read, type RowCodes } from "./frame.js";
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
  /** Shape [n], ms since 1970; NaN for a row without one. */
  readonly eventTimes?: Float64Array | undefined;
  /** Shape [n], at least 0; NaN for a row without one. */
  readonly halfWidths?: Float64Array | undefined;
  /** The bins of the rows. */
  readonly codes?: RowCodes | undefined;
  /** The model that the body names, if it does. */
  readonly model?: string | undefined;
}

/** A frame as it came, its rows and columns of equal number. */
interface RawScalars {
  readonly ids: Ids;
  readonly values: ArrayLike<unknown>;
  readonly times: ArrayLike<unknown> | undefined;
  readonly widths: ArrayLike<unknown> | undefined;
  readonly codes: ArrayLike<unknown> | CodeBytes | undefined;
  readonly unseen: ArrayLike<unknown> | undefined;
  readonly model: string | undefined;
}

/** What only predictions may have, beside the model. */
type Optional = Pick<RawScalars, "times" | "widths" | "codes" | "unseen" | "model">;

/** Labels and predictions are alike in shape: ids and one column of numbers. They differ in its name. */
export class ScalarFrames implements FrameLayout<Scalars> {
  readonly schema;
  readonly columnTypes;
  readonly #columns;
  readonly #single;
  readonly #columnsShape;
  readonly #arePredictions: boolean;

  readonly field: string;

  /**
   * @param field - `y_true` or `y_pred`. @param extra - further properties, of the whole frame.
   * @param arePredictions - whether rows may say when they happened, and which interval was announced with them.
   */
  constructor(
    field: string,
    { extra = {}, arePredictions = false }: { readonly extra?: TObject["properties"]; readonly arePredictions?: boolean },
  ) {
    this.field = field;
    this.#arePredictions = arePredictions;
    const ofPredictions = <T extends TSchema, W extends TSchema, C extends TSchema, U extends TSchema>(
      time: T,
      width: W,
      codes: C,
      unseen: U,
    ) =>
      arePredictions
        ? {
            [EVENT_TIME]: Type.Optional(time),
            [HALF_WIDTH]: Type.Optional(width),
            [CODES]: Type.Optional(codes),
            [UNSEEN_TEXTS]: Type.Optional(unseen),
          }
        : {};
    const closed = { additionalProperties: false };
    const columns = Type.Object(
      {
        ids: IdsSchema,
        [field]: Type.Array(Type.Number()),
        ...ofPredictions(EventTimesSchema, HalfWidthsSchema, CodesColumnSchema, UnseenTextsColumnSchema),
        ...extra,
      },
      { ...closed, description: "Many rows, in columns." },
    );
    const single = Type.Object(
      {
        id: IdSchema,
        [field]: Type.Number(),
        ...ofPredictions(EventTimeSchema, HalfWidthSchema, CodesSchema, UnseenTextsSchema),
        ...extra,
      },
      { ...closed, description: "One row." },
    );
    this.schema = Type.Union([columns, single]);
    const optional = arePredictions
      ? { [EVENT_TIME]: EVENT_TIME_TYPE, [HALF_WIDTH]: HALF_WIDTH_TYPE, [CODES]: CODES_TYPE, [UNSEEN_TEXTS]: UNSEEN_TEXTS_TYPE }
      : {};
    this.columnTypes = { id: "utf8", [field]: "float64", ...optional };
    this.#columns = Compile(columns);
    this.#single = Compile(single);
    const ids = Type.Array(Type.Unknown(), { minItems: 1, maxItems: MAX_FRAME_ROWS });
    const unknowns = Type.Array(Type.Unknown());
    this.#columnsShape = Compile(
      Type.Object({ ids, [field]: unknowns, ...ofPredictions(unknowns, unknowns, unknowns, unknowns), ...extra }, closed),
    );
  }

  /** The same, for a message whose codes have this layout. */
  coded(codeLayout: CodeLayout | undefined): FrameLayout<Scalars> {
    if (codeLayout === undefined) return this;
    const { schema, columnTypes } = this;
    return {
      schema,
      columnTypes,
      ofObject: (body) => this.ofObject(body, codeLayout),
      ofTable: (table, source) => this.ofTable(table, source, codeLayout),
      toObject: (frame) => this.toObject(frame),
      toTable: (frame) => this.toTable(frame),
    };
  }

  ofObject(body: unknown, layout?: CodeLayout): Read<Scalars> {
    const refusals: Refusal[] = [];
    if (this.#isColumns(body)) {
      const values = column(body, this.field);
      requireLength(this.field, values.length, body.ids.length);
      return this.#good({ ids: checkStrings(body.ids, refusals), values, ...this.#columnsIn(body) }, layout, refusals);
    }
    if (this.#isSingle(body)) {
      const values = [property(body, this.field)];
      return this.#good({ ids: checkStrings([body.id], refusals), values, ...this.#cellsIn(body) }, layout, refusals);
    }
    if (typeof body === "object" && body !== null && "id" in body) {
      const values = [property(body, this.field)];
      const ids = checkIds([property(body, "id")], refusals);
      const read = this.#check({ ids, values, ...this.#cellsIn(body) }, layout, refusals);
      if (refusals.length === 0) throw shapeRefusal(this.#single.Errors(body), this.#example());
      return read;
    }
    if (!this.#isShaped(body)) throw shapeRefusal(this.#columnsShape.Errors(body), this.#example());
    const values = column(body, this.field);
    requireLength(this.field, values.length, body.ids.length);
    return this.#check({ ids: checkIds(body.ids, refusals), values, ...this.#columnsIn(body) }, layout, refusals);
  }

  /** What an object of many rows says besides ids and values. */
  #columnsIn(body: object): Optional {
    return this.#optionalIn(body, (name) => column(body, name));
  }

  /** The same of an object of one row. */
  #cellsIn(body: object): Optional {
    return this.#optionalIn(body, (name) => [property(body, name)]);
  }

  #optionalIn(body: object, valuesOf: (name: string) => readonly unknown[]): Optional {
    const optional = (name: string) => (this.#arePredictions && name in body ? valuesOf(name) : undefined);
    return {
      times: optional(EVENT_TIME),
      widths: optional(HALF_WIDTH),
      codes: optional(CODES),
      unseen: optional(UNSEEN_TEXTS),
      model: modelIn(body),
    };
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

  ofTable({ ids: rawIds, columns, eventTimes, codes }: FrameTable, source: string, layout?: CodeLayout): Read<Scalars> {
    const values = columns.get(this.field);
    if (values === undefined) throw new FrameRefusedError({ field: this.field, reason: `${source} has no column ${this.field}` });
    const names = [...columns.keys(), ...(eventTimes === undefined ? [] : [EVENT_TIME]), ...(codes === undefined ? [] : [CODES])];
    const optional = this.#arePredictions ? [EVENT_TIME, HALF_WIDTH, UNSEEN_TEXTS, ...(codes === undefined ? [] : [CODES])] : [];
    const other = names.find((name) => name !== this.field && !optional.includes(name));
    if (other !== undefined) throw new FrameRefusedError({ field: other, reason: `a column that no ${this.field} frame has` });
    requireLength(this.field, values.length, rawIds.length);
    const refusals: Refusal[] = [];
    const ids = rawIds instanceof Ids ? checkBytes(rawIds, refusals) : checkIds(rawIds, refusals);
    const [times, widths, unseen] = [eventTimes ?? columns.get(EVENT_TIME), columns.get(HALF_WIDTH), columns.get(UNSEEN_TEXTS)];
    return this.#check({ ids, values, times, widths, codes, unseen, model: undefined }, layout, refusals);
  }

  /** Looks at each value. */
  #check(raw: RawScalars, layout: CodeLayout | undefined, refusals: Refusal[]): Read<Scalars> {
    const { ids, values } = raw;
    const finite = values instanceof Float64Array && areFinite(values);
    for (let row = 0; !finite && row < ids.length; row += 1) {
      const value = values[row];
      if (typeof value === "number" && Number.isFinite(value)) continue;
      const refusal = numberRefusal(value, row, ids.at(row), this.field);
      if (refusal !== undefined) refusals.push(refusal);
    }
    return this.#good(raw, layout, refusals);
  }

  /** The rows that are not refused; the values of these are numbers. */
  #good(
    { ids, values, times, widths, codes: rawCodes, unseen, model }: RawScalars,
    layout: CodeLayout | undefined,
    refusals: Refusal[],
  ): Read<Scalars> {
    const eventTimes = checkEventTimes(times, ids, refusals);
    const halfWidths = checkHalfWidths(widths, ids, refusals);
    const codes = checkCodes(rawCodes, unseen, layout, ids, refusals);
    if (refusals.length === 0) {
      const numbers = values instanceof Float64Array ? values : doubles(values);
      return { frame: { ids, values: numbers, model, eventTimes, halfWidths, codes }, refusals };
    }
    const rows = goodRows(ids.length, refusals);
    const good = Float64Array.from(rows, (row) => Number(values[row]));
    const optional = {
      eventTimes: takeEventTimes(eventTimes, rows),
      halfWidths: takeHalfWidths(halfWidths, rows),
      codes: takeCodes(codes, rows),
    };
    return { frame: { ids: ids.take(rows), values: good, model, ...optional }, refusals };
  }

  #example(): string {
    return `{"ids":[…],"${this.field}":[…]} or {"id":"…","${this.field}":…}`;
  }

  toObject({ ids, values, eventTimes, halfWidths, codes, model }: Scalars): FrameObject {
    const columns: [name: string, column: Column][] = [[this.field, values]];
    if (eventTimes !== undefined) columns.push([EVENT_TIME, eventTimeColumn(eventTimes)]);
    if (halfWidths !== undefined) columns.push([HALF_WIDTH, halfWidthColumn(halfWidths)]);
    if (codes !== undefined) columns.push([CODES, codeLetters(codes)]);
    if (codes?.unseen !== undefined) columns.push([UNSEEN_TEXTS, codes.unseen]);
    const extra: FrameObject = model === undefined ? [] : [["model", model]];
    if (ids.length !== 1) return [["ids", ids], ...columns, ...extra];
    return [["id", ids.at(0)], ...columns.map(([name, [cell]]) => [name, cell ?? null] as const), ...extra];
  }

  toTable({ ids, values, eventTimes, halfWidths, codes }: Scalars) {
    const columns: [name: string, column: Column][] = [[this.field, values]];
    if (halfWidths !== undefined) columns.push([HALF_WIDTH, halfWidthColumn(halfWidths)]);
    if (codes?.unseen !== undefined) columns.push([UNSEEN_TEXTS, codes.unseen]);
    return {
      ids,
      columns,
      eventTimes: eventTimes === undefined ? undefined : eventTimeColumn(eventTimes),
      codes: codes === undefined ? undefined : { bytes: codes.bytes, width: codes.layout.width },
    };
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
