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
  /** Shape [n], ms since 1970; NaN for a row without one. */
  readonly eventTimes?: Float64Array | undefined;
  /** The model that the body names, if it does. */
  readonly model?: string | undefined;
}

/** A frame as it came, its rows and columns of equal number. */
interface RawScalars {
  readonly ids: Ids;
  readonly values: ArrayLike<unknown>;
  readonly times: ArrayLike<unknown> | undefined;
  readonly model: string | undefined;
}

/** Labels and predictions are alike in shape: ids and one column of numbers. They differ in its name. */
export class ScalarFrames implements FrameLayout<Scalars> {
  readonly schema;
  readonly columnTypes;
  readonly #columns;
  readonly #single;
  readonly #columnsShape;
  readonly #hasEventTimes: boolean;

  readonly field: string;

  /**
   * @param field - `y_true` or `y_pred`. @param extra - further properties, of the whole frame.
   * @param hasEventTimes - whether rows may say when they happened.
   */
  constructor(
    field: string,
    { extra = {}, hasEventTimes = false }: { readonly extra?: TObject["properties"]; readonly hasEventTimes?: boolean },
  ) {
    this.field = field;
    this.#hasEventTimes = hasEventTimes;
    const times = <T extends TSchema>(schema: T) => (hasEventTimes ? { [EVENT_TIME]: Type.Optional(schema) } : {});
    const closed = { additionalProperties: false };
    const columns = Type.Object(
      { ids: IdsSchema, [field]: Type.Array(Type.Number()), ...times(EventTimesSchema), ...extra },
      { ...closed, description: "Many rows, in columns." },
    );
    const single = Type.Object(
      { id: IdSchema, [field]: Type.Number(), ...times(EventTimeSchema), ...extra },
      { ...closed, description: "One row." },
    );
    this.schema = Type.Union([columns, single]);
    this.columnTypes = { id: "utf8", [field]: "float64", ...(hasEventTimes ? { [EVENT_TIME]: EVENT_TIME_TYPE } : {}) };
    this.#columns = Compile(columns);
    this.#single = Compile(single);
    const ids = Type.Array(Type.Unknown(), { minItems: 1, maxItems: MAX_FRAME_ROWS });
    const unknowns = Type.Array(Type.Unknown());
    this.#columnsShape = Compile(Type.Object({ ids, [field]: unknowns, ...times(unknowns), ...extra }, closed));
  }

  ofObject(body: unknown): Read<Scalars> {
    const refusals: Refusal[] = [];
    if (this.#isColumns(body)) {
      const values = column(body, this.field);
      requireLength(this.field, values.length, body.ids.length);
      return this.#good({ ids: checkStrings(body.ids, refusals), values, times: this.#timesIn(body), model: modelIn(body) }, refusals);
    }
    if (this.#isSingle(body)) {
      const values = [property(body, this.field)];
      return this.#good({ ids: checkStrings([body.id], refusals), values, times: this.#timeIn(body), model: modelIn(body) }, refusals);
    }
    if (typeof body === "object" && body !== null && "id" in body) {
      const values = [property(body, this.field)];
      const ids = checkIds([property(body, "id")], refusals);
      const read = this.#check({ ids, values, times: this.#timeIn(body), model: modelIn(body) }, refusals);
      if (refusals.length === 0) throw shapeRefusal(this.#single.Errors(body), this.#example());
      return read;
    }
    if (!this.#isShaped(body)) throw shapeRefusal(this.#columnsShape.Errors(body), this.#example());
    const values = column(body, this.field);
    requireLength(this.field, values.length, body.ids.length);
    return this.#check({ ids: checkIds(body.ids, refusals), values, times: this.#timesIn(body), model: modelIn(body) }, refusals);
  }

  /** The event times of an object of many rows. */
  #timesIn(body: object): readonly unknown[] | undefined {
    return this.#hasEventTimes && EVENT_TIME in body ? column(body, EVENT_TIME) : undefined;
  }

  /** The event time of an object of one row. */
  #timeIn(body: object): readonly unknown[] | undefined {
    return this.#hasEventTimes && EVENT_TIME in body ? [body[EVENT_TIME]] : undefined;
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

  ofTable({ ids: rawIds, columns, eventTimes }: FrameTable, source: string): Read<Scalars> {
    const values = columns.get(this.field);
    if (values === undefined) throw new FrameRefusedError({ field: this.field, reason: `${source} has no column ${this.field}` });
    const names = eventTimes === undefined ? [...columns.keys()] : [...columns.keys(), EVENT_TIME];
    const other = names.find((name) => name !== this.field && !(this.#hasEventTimes && name === EVENT_TIME));
    if (other !== undefined) throw new FrameRefusedError({ field: other, reason: `a column that no ${this.field} frame has` });
    requireLength(this.field, values.length, rawIds.length);
    const refusals: Refusal[] = [];
    const ids = rawIds instanceof Ids ? checkBytes(rawIds, refusals) : checkIds(rawIds, refusals);
    return this.#check({ ids, values, times: eventTimes ?? columns.get(EVENT_TIME), model: undefined }, refusals);
  }

  /** Looks at each value. */
  #check(raw: RawScalars, refusals: Refusal[]): Read<Scalars> {
    const { ids, values } = raw;
    const finite = values instanceof Float64Array && areFinite(values);
    for (let row = 0; !finite && row < ids.length; row += 1) {
      const value = values[row];
      if (typeof value === "number" && Number.isFinite(value)) continue;
      const refusal = numberRefusal(value, row, ids.at(row), this.field);
      if (refusal !== undefined) refusals.push(refusal);
    }
    return this.#good(raw, refusals);
  }

  /** The rows that are not refused; the values of these are numbers. */
  #good({ ids, values, times, model }: RawScalars, refusals: Refusal[]): Read<Scalars> {
    const eventTimes = checkEventTimes(times, ids, refusals);
    if (refusals.length === 0) {
      return { frame: { ids, values: values instanceof Float64Array ? values : doubles(values), model, eventTimes }, refusals };
    }
    const rows = goodRows(ids.length, refusals);
    const good = Float64Array.from(rows, (row) => Number(values[row]));
    return { frame: { ids: ids.take(rows), values: good, model, eventTimes: takeEventTimes(eventTimes, rows) }, refusals };
  }

  #example(): string {
    return `{"ids":[…],"${this.field}":[…]} or {"id":"…","${this.field}":…}`;
  }

  toObject({ ids, values, eventTimes, model }: Scalars): FrameObject {
    const extra: FrameObject = model === undefined ? [] : [["model", model]];
    if (eventTimes === undefined) {
      return ids.length === 1
        ? [["id", ids.at(0)], [this.field, values[0] ?? null], ...extra]
        : [["ids", ids], [this.field, values], ...extra];
    }
    const times = eventTimeColumn(eventTimes);
    return ids.length === 1
      ? [["id", ids.at(0)], [this.field, values[0] ?? null], [EVENT_TIME, times[0] ?? null], ...extra]
      : [["ids", ids], [this.field, values], [EVENT_TIME, times], ...extra];
  }

  toTable({ ids, values, eventTimes }: Scalars) {
    const columns = [[this.field, values]] as const;
    return eventTimes === undefined ? { ids, columns } : { ids, columns, eventTimes: eventTimeColumn(eventTimes) };
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
