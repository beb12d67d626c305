import { Ids, MAX_ID_CHARACTERS, type Cell, type Column, type FeaturesFrame, type Refusal } from "@streamgauge/core";
import { cellOf, columnOf, textCellOf } from "@streamgauge/features";
import { textFeatures, type OnnxModel } from "@streamgauge/model";
import { DatasetError } from "@streamgauge/training";

/** Rows of a file as the service gets them. */
export interface TableRows {
  readonly frame: FeaturesFrame;
  /** Shape [rows]; absent where no target was named. */
  readonly yTrue?: Float64Array;
  /** Why the record behind the last of these rows is none. */
  readonly refusal?: Refusal;
}

/** A column with this name holds the ids. */
const ID = "id";

/** Turns the records of a CSV file into the columns that a model takes; other columns are left out. */
export class RecordTable {
  readonly #header: readonly string[];
  readonly #features: readonly (readonly [name: string, position: number])[];
  readonly #texts: ReadonlySet<number>;
  readonly #id: number;
  readonly #target: number;
  #rows = 0;

  /** @throws DatasetError where the header lacks a column. */
  constructor(path: string, header: readonly string[], model: Pick<OnnxModel, "features" | "kinds">, target?: string) {
    const position = (name: string, problem: string) => {
      const at = header.indexOf(name);
      if (at >= 0 && header.indexOf(name, at + 1) < 0) return at;
      throw new DatasetError({
        path,
        line: 1,
        column: name,
        problem: at < 0 ? problem : "the header has this name twice",
        remedy: at < 0 ? remedyFor(name, header) : "Give every column its own name",
      });
    };
    this.#header = header;
    const texts = textFeatures(model);
    this.#texts = new Set(texts.map((name) => header.indexOf(name)));
    this.#features = model.features.map((name) => [name, position(name, "the model takes this column, and the file does not have it")]);
    this.#id = header.indexOf(ID);
    this.#target = target === undefined ? -1 : position(target, "there is no such column to compare with (--target)");
  }

  /** Rows read so far. */
  get rows(): number {
    return this.#rows;
  }

  /** The rows of these records up to the first that is none. @param torn - whether a record is not in UTF-8. */
  read(records: readonly (readonly string[])[], torn: (record: readonly string[]) => boolean): TableRows {
    const problems = records.map((record, row) => this.#refusal(record, row, torn));
    const refusal = problems.find((problem) => problem !== undefined);
    const good = records.slice(0, refusal?.row);
    const ids = Ids.of(good.map((record, row) => (this.#id < 0 ? String(this.#rows + row + 1) : (record[this.#id] ?? ""))));
    this.#rows += records.length;
    const columns = new Map(
      this.#features.map(([name, at]): [string, Column] => {
        const read = this.#texts.has(at) ? textCellOf : cellOf;
        return [name, columnOf(good.map((record): Cell => read(record[at] ?? "")))];
      }),
    );
    return {
      frame: { ids, columns },
      ...(this.#target < 0 ? {} : { yTrue: Float64Array.from(good, (record) => Number(record[this.#target])) }),
      ...(refusal === undefined ? {} : { refusal }),
    };
  }

  /** Why a record is no row. */
  #refusal(record: readonly string[], row: number, torn: (record: readonly string[]) => boolean): Refusal | undefined {
    if (record.length !== this.#header.length)
      return { row, reason: `the line has ${record.length} cells, the header ${this.#header.length}` };
    if (torn(record)) return { row, reason: "the line is not in UTF-8" };
    const id = record[this.#id];
    if (id !== undefined && (id === "" || id.length > MAX_ID_CHARACTERS)) {
      return { row, field: ID, reason: `an id is a string of 1 to ${MAX_ID_CHARACTERS} characters, and this one has ${id.length}` };
    }
    const target = record[this.#target];
    if (target !== undefined && typeof cellOf(target) !== "number") {
      return {
        row,
        field: this.#header[this.#target] ?? "",
        reason: target.trim() === "" ? "the value is missing" : `not a number, got ${JSON.stringify(target.slice(0, 60))}`,
      };
    }
    return undefined;
  }
}

/** What to do about a header that lacks a column. */
function remedyFor(name: string, header: readonly string[]): string {
  const [only = ""] = header;
  if (header.length === 1 && /[;\t|]/.test(only)) return `Separate the cells by commas: the header is one cell, ${only.slice(0, 300)}`;
  const spaced = header.find((column) => column.trim() === name);
  return spaced === undefined
    ? `The file has ${header.join(", ").slice(0, 500)}`
    : `Take the spaces out of the header, where it is called ${JSON.stringify(spaced)}`;
}
