import { createReadStream, statSync } from "node:fs";
import type { Column, Cell } from "@streamgauge/core";
import { parse, type CsvError } from "csv-parse";

/** A dataset that cannot be used at all. */
export class DatasetError extends Error {
  override readonly name = "DatasetError";
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`The dataset ${path} ${problem}`, options);
    this.path = path;
  }
}

export interface DatasetOptions {
  readonly path: string;
  readonly targetColumn: string;
  /** Empty: the dataset has no ids. */
  readonly idColumn: string;
  /** Told of each line that cannot be sent: its number, from 1 with the header, and why. */
  readonly onMalformed: (line: number, problem: string) => void;
}

/** Some consecutive rows of the dataset, in columns. */
export interface Block {
  readonly rows: number;
  /** Feature name → shape [rows]. */
  readonly columns: ReadonlyMap<string, Column>;
  /** Shape [rows]. */
  readonly y_true: Float64Array;
  /** Undefined where the dataset has no ids. */
  readonly ids: readonly string[] | undefined;
}

/** Rows that are read into one block. */
const BLOCK_ROWS = 4_096;
/** A dataset of so few rows is read once and kept; a larger one is read again in every pass. */
const KEPT_BLOCKS = 16;
/** A quote that is never closed must not gather the whole file into one field. */
const MAX_RECORD_BYTES = 1 << 20;

/** Reads a CSV file with a header, pass after pass. */
export class Dataset {
  readonly #options: DatasetOptions;
  #kept: Block[] | undefined;

  constructor(options: DatasetOptions) {
    this.#options = options;
  }

  /** Tells this content from another: path, size and time of change, and what is read of it. */
  signature(): string {
    const { path, targetColumn, idColumn } = this.#options;
    const { size, mtimeMs } = this.#stat();
    return JSON.stringify([path, size, mtimeMs, targetColumn, idColumn]);
  }

  #stat() {
    const { path } = this.#options;
    try {
      return statSync(path);
    } catch (error) {
      throw new DatasetError(path, "cannot be read: does it exist? Set DATASET_PATH to a CSV file with a header.", { cause: error });
    }
  }

  /**
   * One pass over the rows.
   *
   * @throws DatasetError where the file has no rows that can be sent, or its header lacks a column.
   */
  async *pass(): AsyncGenerator<Block, void> {
    if (this.#kept !== undefined) {
      yield* this.#kept;
      return;
    }
    let blocks: Block[] | undefined = [];
    let any = false;
    for await (const block of this.#read()) {
      any = true;
      blocks?.push(block);
      if (blocks !== undefined && blocks.length > KEPT_BLOCKS) blocks = undefined;
      yield block;
    }
    if (!any) throw new DatasetError(this.#options.path, "has no row that can be sent.");
    this.#kept = blocks;
  }

  async *#read(): AsyncGenerator<Block, void> {
    const { path, onMalformed } = this.#options;
    this.#stat();
    const parser = parse({ bom: true, info: true, skip_empty_lines: true, skip_records_with_error: true, relax_column_count: true, max_record_size: MAX_RECORD_BYTES });
    parser.on("skip", (error: CsvError & { lines?: number }) => onMalformed(error.lines ?? 0, error.message));
    const file = createReadStream(path);
    file.on("error", (error) => parser.destroy(error));
    file.pipe(parser);
    let reader: RowReader | undefined;
    for await (const entry of parser) {
      const { record, info }: { record: string[]; info: { lines: number } } = entry;
      if (reader === undefined) {
        reader = new RowReader(this.#options, record);
        continue;
      }
      const problem = reader.add(record);
      if (problem !== undefined) onMalformed(info.lines, problem);
      if (reader.rows === BLOCK_ROWS) yield reader.take();
    }
    if (reader === undefined) throw new DatasetError(path, "is empty: it needs a header and rows.");
    if (reader.rows > 0) yield reader.take();
  }
}

/** Turns records into blocks. */
class RowReader {
  readonly #header: readonly string[];
  readonly #target: number;
  readonly #id: number;
  #cells: Cell[][];
  #targets: number[] = [];
  #ids: string[] = [];

  constructor({ path, targetColumn, idColumn }: DatasetOptions, header: readonly string[]) {
    const list = header.join(", ").slice(0, 500);
    const twice = header.find((name, i) => header.indexOf(name) !== i);
    if (twice !== undefined) throw new DatasetError(path, `names the column ${JSON.stringify(twice)} twice.`);
    this.#header = header;
    this.#target = header.indexOf(targetColumn);
    if (this.#target < 0) throw new DatasetError(path, `has no column ${targetColumn}: set TARGET_COLUMN to one of ${list}.`);
    this.#id = idColumn === "" ? -1 : header.indexOf(idColumn);
    if (idColumn !== "" && this.#id < 0) throw new DatasetError(path, `has no column ${idColumn}: set ID_COLUMN to one of ${list}, or leave it empty.`);
    this.#cells = header.map(() => []);
  }

  get rows(): number {
    return this.#targets.length;
  }

  /** @returns why the record is no row; undefined where it was taken. */
  add(record: readonly string[]): string | undefined {
    if (record.length !== this.#header.length) return `it has ${record.length} fields, the header has ${this.#header.length}`;
    const target = cellOf(record[this.#target] ?? "");
    if (typeof target !== "number") return `${this.#header[this.#target] ?? ""} is not a number: ${JSON.stringify(record[this.#target])}`;
    const id = record[this.#id] ?? "";
    if (this.#id >= 0 && (id === "" || id.length > 128)) return `${this.#header[this.#id] ?? ""} is not an id of 1 to 128 characters`;
    for (const [i, text] of record.entries()) this.#cells[i]?.push(cellOf(text));
    this.#targets.push(target);
    this.#ids.push(id);
    return undefined;
  }

  /** The rows added since the last call. */
  take(): Block {
    const columns = new Map<string, Column>();
    for (const [i, name] of this.#header.entries()) {
      if (i === this.#target || i === this.#id) continue;
      const cells = this.#cells[i] ?? [];
      columns.set(name, cells.every((cell) => typeof cell === "number") ? Float64Array.from(cells, Number) : cells);
    }
    const block = { rows: this.rows, columns, y_true: Float64Array.from(this.#targets), ids: this.#id < 0 ? undefined : this.#ids };
    this.#cells = this.#header.map(() => []);
    this.#targets = [];
    this.#ids = [];
    return block;
  }
}

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/** A number where it reads as a finite one, null where it is empty, else the text: a category, which the model may want. */
function cellOf(text: string): Cell {
  if (NUMBER.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : text;
  }
  return text.trim() === "" ? null : text;
}
