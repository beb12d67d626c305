import { statSync, type Stats } from "node:fs";
import { CsvRefusedError, errorText } from "@streamgauge/core";
import { csvFileRows, type CsvPiece } from "./csv-file.js";
import { DatasetError } from "./dataset-error.js";
import { RowReader, type Block, type SpecialColumns } from "./row-reader.js";

export interface DatasetOptions extends SpecialColumns {
  /** A CSV file with a header. */
  readonly path: string;
  /** Called once for each line that cannot be sent, not once per pass: its number (the header is line 1) and the reason. */
  readonly onMalformed: (line: number, problem: string) => void;
}

/** The most cells and rows in one block. */
const BLOCK = { cells: 1 << 18, rows: 4_096 };
/** A dataset of at most this many cells is kept in memory; a larger one is read again in every pass. */
const KEPT_CELLS = 1 << 20;

/** Reads a CSV file with a header, pass after pass. */
export class Dataset {
  readonly #options: DatasetOptions;
  #kept: { readonly version: string; readonly blocks: readonly Block[] } | undefined;
  /** The content whose malformed lines were reported. */
  #reported: string | undefined;
  #header: string | undefined;

  constructor(options: DatasetOptions) {
    this.#options = options;
  }

  /** Identifies the content: path, size, modification time and selected columns. */
  signature(): string {
    const { path, targetColumn, idColumn, features, textColumns, timeColumn = "", timeZone, allowUnlabelled } = this.#options;
    const chosen = features === undefined && textColumns === undefined ? [] : [features ?? [], textColumns ?? []];
    const times = timeColumn === "" ? [] : [{ timeColumn, timeZone }];
    const unlabelled = allowUnlabelled === true ? [{ allowUnlabelled }] : [];
    return JSON.stringify([path, versionOf(this.#stat()), targetColumn, idColumn, ...chosen, ...times, ...unlabelled]);
  }

  #stat(): Stats {
    const { path } = this.#options;
    try {
      return statSync(path);
    } catch (error) {
      throw unreadable(path, error);
    }
  }

  /**
   * One pass over the rows of the file as it is when the pass begins: lines appended meanwhile appear in the next pass.
   *
   * @throws DatasetError if the file cannot be read, has no valid rows, or has an invalid header.
   */
  async *pass(): AsyncGenerator<Block, void> {
    const stats = this.#stat();
    const version = versionOf(stats);
    if (this.#kept?.version === version) {
      yield* this.#kept.blocks;
      return;
    }
    let blocks: Block[] | undefined = [];
    let cells = 0;
    for await (const block of this.#read(stats)) {
      cells += block.rows * (block.columns.size + 1);
      if (cells > KEPT_CELLS) blocks = undefined;
      blocks?.push(block);
      yield block;
    }
    if (cells === 0) throw new DatasetError(this.#options.path, "has no row that can be sent.");
    this.#reported = version;
    this.#kept = blocks === undefined ? undefined : { version, blocks };
  }

  async *#read(stats: Stats): AsyncGenerator<Block, void> {
    const { onMalformed } = this.#options;
    const report = this.#reported === versionOf(stats) ? () => undefined : onMalformed;
    let reader: RowReader | undefined;
    let blockRows = 0;
    for await (const { header, rows } of this.#pieces(stats)) {
      reader ??= this.#readerFor(header);
      blockRows = Math.max(1, Math.min(BLOCK.rows, Math.floor(BLOCK.cells / header.length)));
      for (const { line, cells, problem = reader.add(cells) } of rows) {
        if (problem !== undefined) report(line, problem);
        if (reader.rows === blockRows) yield reader.take();
      }
    }
    if (reader !== undefined && reader.rows > 0) yield reader.take();
  }

  async *#pieces(stats: Stats): AsyncGenerator<CsvPiece, void> {
    const { path } = this.#options;
    try {
      // While a file grows, the text after its last line break may be half a line.
      yield* csvFileRows(path, stats, () => versionOf(this.#stat()) === versionOf(stats));
    } catch (error) {
      if (error instanceof DatasetError) throw error;
      throw error instanceof CsvRefusedError ? DatasetError.of(path, error) : unreadable(path, error);
    }
  }

  #readerFor(header: readonly string[]): RowReader {
    const { path } = this.#options;
    this.#header ??= JSON.stringify(header);
    if (this.#header !== JSON.stringify(header)) throw new DatasetError(path, "was given another header while it was sent: start again.");
    return new RowReader(path, header, this.#options);
  }
}

/** What changes with the content. A pipe has none that could be compared. */
function versionOf(stats: Stats): string {
  return stats.isFile() ? `${stats.size} ${stats.mtimeMs}` : "";
}

function unreadable(path: string, cause: unknown): DatasetError {
  const detail = errorText(cause);
  return new DatasetError(path, `cannot be read: set DATASET_PATH to a CSV file with a header (${detail}).`, { cause });
}
