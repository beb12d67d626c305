import {
  columnOf,
  eventTimeRefusal,
  idRefusal,
  Ids,
  quote,
  writtenColumns,
  type Cell,
  type FeaturesFrame,
  type Refusal,
} from "@streamgauge/core";

/** A row as read from a request. */
export interface RawRow {
  readonly id: unknown;
  readonly features: unknown;
  /** Whole ms since 1970; null or undefined if it brings none. */
  readonly event_time?: unknown;
}

/** Rows of a text file. */
export interface WrittenRows {
  /** Columns that hold text, whatever they look like. */
  readonly textColumns?: readonly string[];
}

/**
 * Collects rows into the columns of one frame. All rows of a table have the features of the first row, in any order.
 */
export class RowTable {
  readonly #csv: WrittenRows | undefined;
  #names: readonly string[];
  #ids: string[] = [];
  #cells: Cell[][];
  /** Of the rows so far; NaN for one without. */
  #times: number[] = [];

  /**
   * @param names - the features of all rows. Default: those of the first row.
   * @param csv - if the cells come from a text file: see `FeaturesFrame`.
   */
  constructor(names: readonly string[] = [], csv?: WrittenRows) {
    this.#csv = csv;
    this.#names = names;
    this.#cells = names.map(() => []);
  }

  /** Approximate size of the table as a message, in bytes. */
  bytes = 0;

  /** The features of all rows. */
  get names(): readonly string[] {
    return this.#names;
  }

  get rows(): number {
    return this.#ids.length;
  }

  /**
   * Adds a row, or returns why not.
   *
   * @param position - the row's index in the request, from 0. @param madeId - its id if it brings none.
   */
  add({ id, features, event_time: time = null }: RawRow, position: number, madeId: string): Refusal | undefined {
    const rowId = id === undefined ? madeId : id;
    const badId = id === undefined ? undefined : idRefusal(id, position);
    if (badId !== undefined) return badId;
    if (typeof rowId !== "string") return { row: position, field: "id", reason: "an id is a string: send it in quotes" };
    const refuse = (field: string, reason: string): Refusal => ({ row: position, id: rowId, field, reason });
    if (!isRecord(features)) return refuse("features", 'a row has its values under "features": {"name": value, …}');
    if (this.#names.length === 0) {
      const names = Object.keys(features);
      if (names.length === 0) return refuse("features", 'a row has at least one feature: send {"name": value, …}');
      if (names.length > MAX_FEATURES) return refuse("features", `a row has at most ${MAX_FEATURES} features`);
      this.#names = names;
      this.#cells = names.map(() => []);
    }
    const cells: Cell[] = [];
    for (const name of this.#names) {
      const cell = Object.hasOwn(features, name) ? features[name] : undefined;
      if (cell === undefined)
        return refuse(name, "the value is missing: the rows before it have this feature; send null if it is not known");
      if (!isCell(cell)) return refuse(name, `not a finite number, a text or null, got ${quote(cell)}: send one of these`);
      cells.push(cell);
    }
    const stranger =
      Object.keys(features).length > cells.length ? Object.keys(features).find((name) => !this.#names.includes(name)) : undefined;
    if (stranger !== undefined)
      return refuse(stranger, "the rows before it do not have this feature: send the same features in each row of a request");
    const badTime = eventTimeRefusal(time, position, rowId);
    if (badTime !== undefined) return badTime;
    this.#ids.push(rowId);
    this.#times.push(typeof time === "number" ? time : Number.NaN);
    if (time !== null) this.bytes += NUMBER_BYTES;
    this.bytes += rowId.length;
    for (const cell of cells) this.bytes += typeof cell === "string" ? 3 * cell.length + 3 : NUMBER_BYTES;
    for (let i = 0; i < cells.length; i += 1) this.#cells[i]?.push(cells[i] ?? null);
    return undefined;
  }

  /** The rows added since the last call. Later rows must have the same features. */
  take(): FeaturesFrame {
    const cells = this.#names.map((name, i): [string, Cell[]] => [name, this.#cells[i] ?? []]);
    const ids = Ids.of(this.#ids);
    this.bytes = 0;
    const times = Float64Array.from(this.#times);
    this.#ids = [];
    this.#times = [];
    this.#cells = this.#names.map(() => []);
    const eventTimes = times.every(Number.isNaN) ? {} : { eventTimes: times };
    if (this.#csv !== undefined) return { ids, ...eventTimes, ...writtenColumns(cells, this.#csv.textColumns), asWritten: true };
    return { ids, ...eventTimes, columns: new Map(cells.map(([name, column]) => [name, columnOf(column)])) };
  }
}

/** The longest number in JSON, roughly. */
const NUMBER_BYTES = 20;

/** A row with more features is taken for a mistake. */
export const MAX_FEATURES = 4_096;
/** A category is a word, not a document. */
const MAX_TEXT = 1_024;

/** Whether parsed JSON is an object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCell(value: unknown): value is Cell {
  if (typeof value === "number") return Number.isFinite(value);
  return value === null || (typeof value === "string" && value.length <= MAX_TEXT);
}
