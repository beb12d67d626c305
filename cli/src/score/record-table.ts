import {
  Ids,
  listedNames,
  MAX_ID_CHARACTERS,
  numberOf,
  numberProblem,
  writtenCell,
  writtenColumns,
  type Cell,
  type CsvRow,
  type FeaturesFrame,
  type Refusal,
} from "@streamgauge/core";
import type { OnnxModel } from "@streamgauge/model";
import { DatasetError } from "@streamgauge/training";

/** Rows of a file in the format of the service. */
export interface TableRows {
  readonly frame: FeaturesFrame;
  /** Shape [rows]; absent without a target. */
  readonly yTrue?: Float64Array;
  /** Why the record after the last of these rows is invalid. */
  readonly refusal?: Refusal;
}

/** The column with the ids. */
const ID = "id";

/** Converts records of a CSV file to the columns of a model; ignores other columns. */
export class RecordTable {
  readonly #header: readonly string[];
  readonly #features: readonly (readonly [name: string, position: number])[];
  readonly #id: number;
  readonly #target: number;
  #rows = 0;

  /** @throws DatasetError if the header lacks a column. */
  constructor(path: string, header: readonly string[], model: Pick<OnnxModel, "features">, target?: string) {
    const position = (name: string, problem: string) => {
      const at = header.indexOf(name);
      if (at >= 0) return at;
      throw new DatasetError({ path, line: 1, column: name, problem, remedy: `The file has ${listedNames(header)}` });
    };
    this.#header = header;
    this.#features = model.features.map((name) => [name, position(name, "the model takes this column, and the file does not have it")]);
    this.#id = header.indexOf(ID);
    this.#target = target === undefined ? -1 : position(target, "there is no such column to compare with (--target)");
  }

  /** The rows up to the first invalid record. */
  read(records: readonly CsvRow[]): TableRows {
    const problems = records.map((record, row) => this.#refusal(record, row));
    const refusal = problems.find((problem) => problem !== undefined);
    const good = records.slice(0, refusal?.row).map(({ cells }) => cells);
    const ids = Ids.of(good.map((record, row) => (this.#id < 0 ? String(this.#rows + row + 1) : (record[this.#id] ?? ""))));
    this.#rows += records.length;
    const cells = this.#features.map(([name, at]): [string, Cell[]] => [name, good.map((record) => writtenCell(record[at] ?? ""))]);
    return {
      frame: { ids, ...writtenColumns(cells), asWritten: true },
      ...(this.#target < 0 ? {} : { yTrue: Float64Array.from(good, (record) => Number(record[this.#target])) }),
      ...(refusal === undefined ? {} : { refusal }),
    };
  }

  /** Why a record is invalid; undefined if it is valid. */
  #refusal({ cells: record, problem }: CsvRow, row: number): Refusal | undefined {
    if (problem !== undefined) return { row, reason: problem };
    const id = record[this.#id];
    if (id !== undefined && (id === "" || id.length > MAX_ID_CHARACTERS)) {
      return { row, field: ID, reason: `an id is a string of 1 to ${MAX_ID_CHARACTERS} characters, and this one has ${id.length}` };
    }
    const target = record[this.#target];
    if (target === undefined || numberOf(target) !== undefined) return undefined;
    return { row, field: this.#header[this.#target] ?? "", reason: numberProblem(target) };
  }
}
