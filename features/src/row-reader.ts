import {
  EVENT_TIME,
  EventTimeText,
  eventTimeProblem,
  isMissingNumber,
  listedNames,
  MAX_ID_CHARACTERS,
  numberOf,
  numberProblem,
  writtenCell,
  writtenColumns,
  type Cell,
  type WrittenColumns,
} from "@streamgauge/core";
import { DatasetError } from "./dataset-error.js";

/** Some consecutive rows of the dataset, in columns [rows]. Every column but target, id and time is a feature, unless they are named. */
export interface Block extends WrittenColumns {
  readonly rows: number;
  /** Shape [rows]; NaN for a row without a label. */
  readonly y_true: Float64Array;
  /** Undefined if the dataset has no ids. */
  readonly ids: readonly string[] | undefined;
  /** When each row happened, in ms since 1970, shape [rows]; left out if the dataset does not say. */
  readonly times?: Float64Array | undefined;
}

/** The roles of a dataset's columns. */
export interface SpecialColumns {
  readonly targetColumn: string;
  /** Empty: the dataset has no ids. */
  readonly idColumn: string;
  /** The column of event times; empty or left out: the dataset has none. */
  readonly timeColumn?: string | undefined;
  /** The zone of times without an offset. Default: UTC. */
  readonly timeZone?: string | undefined;
  /** Whether a row whose target is missing is a row without a label. Default: it is malformed. */
  readonly allowUnlabelled?: boolean | undefined;
  /** The columns that are sent, which may include the one of times; left out: every other one. */
  readonly features?: readonly string[] | undefined;
  /** Columns that are always read as text; names missing from the dataset are ignored. */
  readonly textColumns?: readonly string[] | undefined;
}

/** Turns the records of a dataset into blocks. */
export class RowReader {
  readonly #header: readonly string[];
  readonly #target: number;
  readonly #id: number;
  readonly #allowUnlabelled: boolean;
  readonly #time: number;
  readonly #timeText: EventTimeText;
  /** Positions of the columns that are features, in the file's order. */
  readonly #features: readonly number[];
  readonly #textColumns: readonly string[];
  readonly #texts: ReadonlySet<number>;
  #cells: Cell[][];
  #targets: number[] = [];
  #ids: string[] = [];
  #times: number[] = [];

  /** @throws DatasetError if the header lacks a required column. */
  constructor(path: string, header: readonly string[], columns: SpecialColumns) {
    const { targetColumn, idColumn, timeColumn = "", timeZone = "UTC", features, textColumns = [], allowUnlabelled = false } = columns;
    this.#allowUnlabelled = allowUnlabelled;
    const find = (name: string, setting: string) => {
      const index = header.indexOf(name);
      if (index < 0) throw new DatasetError(path, `has no column ${JSON.stringify(name)}: ${remedy(header, setting)}`);
      return index;
    };
    this.#header = header;
    this.#target = find(targetColumn, "TARGET_COLUMN");
    this.#id = idColumn === "" ? -1 : find(idColumn, "ID_COLUMN");
    if (this.#id === this.#target)
      throw new DatasetError(path, `cannot have its ids in the column of its target: set ID_COLUMN to another one.`);
    this.#time = timeColumn === "" ? -1 : find(timeColumn, "TIME_COLUMN");
    if (this.#time >= 0 && (this.#time === this.#target || this.#time === this.#id))
      throw new DatasetError(
        path,
        `cannot have its times in the column of its ${this.#time === this.#id ? "ids" : "target"}: set TIME_COLUMN to another one.`,
      );
    this.#timeText = new EventTimeText(timeZone);
    // A model that takes event_time finds it in the frame.
    const inFrame = (name: string) => this.#time >= 0 && name === EVENT_TIME && !header.includes(name);
    const chosen = features?.filter((name) => !inFrame(name)).map((name) => find(name, "FEATURES"));
    if (chosen?.includes(this.#target) === true)
      throw new DatasetError(path, `has its target among its features: leave ${targetColumn} out of FEATURES, or set TARGET_COLUMN.`);
    const special = [this.#target, this.#id, this.#time];
    this.#features = [...header.keys()].filter((i) => (chosen === undefined ? !special.includes(i) : i !== this.#id && chosen.includes(i)));
    this.#textColumns = textColumns;
    this.#texts = new Set(textColumns.map((name) => header.indexOf(name)));
    this.#cells = header.map(() => []);
  }

  /** Rows added since the last `take`. */
  get rows(): number {
    return this.#targets.length;
  }

  /** @param record - as many cells as the header. @returns why the record was rejected; undefined if it was added. */
  add(record: readonly string[]): string | undefined {
    const targetText = record[this.#target] ?? "";
    const target = this.#allowUnlabelled && isMissingNumber(targetText) ? Number.NaN : numberOf(targetText);
    if (target === undefined) return `${this.#header[this.#target] ?? ""}: ${numberProblem(targetText)}`;
    const id = record[this.#id] ?? "";
    if (this.#id >= 0 && (id === "" || id.length > MAX_ID_CHARACTERS)) {
      return `${this.#header[this.#id] ?? ""} is no id: it has ${id.length} characters, and 1 to ${MAX_ID_CHARACTERS} are allowed`;
    }
    const timeText = record[this.#time] ?? "";
    const time = this.#time < 0 ? 0 : this.#timeText.read(timeText);
    if (time === undefined) return `${this.#header[this.#time] ?? ""}: ${eventTimeProblem(timeText)}`;
    for (const i of this.#features) {
      const text = record[i] ?? "";
      this.#cells[i]?.push(this.#texts.has(i) && text !== "" ? text : writtenCell(text));
    }
    this.#targets.push(target);
    this.#ids.push(id);
    if (this.#time >= 0) this.#times.push(time);
    return undefined;
  }

  /** The rows added since the last call. */
  take(): Block {
    const cells = this.#features.map((i): [string, Cell[]] => [this.#header[i] ?? "", this.#cells[i] ?? []]);
    const times = this.#time < 0 ? {} : { times: Float64Array.from(this.#times) };
    const block = {
      rows: this.rows,
      ...writtenColumns(cells, this.#textColumns),
      y_true: Float64Array.from(this.#targets),
      ids: this.#id < 0 ? undefined : this.#ids,
      ...times,
    };
    this.#cells = this.#header.map(() => []);
    this.#targets = [];
    this.#ids = [];
    this.#times = [];
    return block;
  }
}

function remedy(header: readonly string[], setting: string): string {
  if (setting === "FEATURES") return `the model takes it, or FEATURES names it, and the dataset has ${listedNames(header)}.`;
  const orNone = setting === "ID_COLUMN" || setting === "TIME_COLUMN" ? ", or leave it empty" : "";
  return `set ${setting} to one of ${listedNames(header)}${orNone}.`;
}
