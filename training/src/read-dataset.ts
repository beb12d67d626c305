import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { CsvError, parse } from "csv-parse/sync";
import { DatasetError } from "./dataset-error.js";

/** A CSV file with a header, every cell still as its text. */
export interface Dataset {
  /** As the user gave it; used in messages only. */
  readonly path: string;
  /** SHA-256 of the file's bytes, 64 hex digits. */
  readonly sha256: string;
  /** Column names, [columns]. */
  readonly header: readonly string[];
  /** Cells, [rows][columns]. */
  readonly records: readonly (readonly string[])[];
  /** The 1-based line of the file on which each record ends, [rows]. */
  readonly lines: readonly number[];
}

/** A record of the file with the 1-based line on which it ends. */
interface NumberedRecord {
  readonly cells: readonly string[];
  readonly line: number;
}

/**
 * Reads a comma-separated UTF-8 file with a header.
 *
 * @returns every cell as text; empty lines are left out, and a byte order mark is ignored.
 * @throws DatasetError when the file cannot be read, has no header or no rows, names a column twice or not at
 * all, or has a row of another width; it names the line.
 */
export async function readDataset(path: string): Promise<Dataset> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new DatasetError({
      path,
      problem: "the file cannot be read",
      remedy: "Check that it exists and that this user may read it",
      cause,
    });
  }
  return parseDataset(path, bytes);
}

/** The part of `readDataset` that does not touch the disk; same result, same errors. */
export function parseDataset(path: string, bytes: Uint8Array): Dataset {
  const [header, ...rows] = parseCsv(path, bytes);
  if (header === undefined) {
    throw new DatasetError({
      path,
      problem: "the file is empty",
      remedy: "Give a CSV file with a header line and a line per row",
    });
  }
  checkHeader(path, header);
  if (rows.length === 0) {
    throw new DatasetError({
      path,
      problem: "the file has a header and no rows",
      remedy: "Add a line per row",
    });
  }
  for (const row of rows) {
    if (row.cells.length !== header.cells.length) {
      throw new DatasetError({
        path,
        line: row.line,
        problem: `the row has ${row.cells.length} cells, the header ${header.cells.length}`,
        remedy: "Give every row one cell for each column",
      });
    }
  }
  return {
    path,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    header: header.cells,
    records: rows.map((row) => row.cells),
    lines: rows.map((row) => row.line),
  };
}

function parseCsv(path: string, bytes: Uint8Array): NumberedRecord[] {
  const lines: number[] = [];
  try {
    const records = parse(bytes, {
      bom: true,
      // Found per file by default, which leaves \r in the cells of a file that mixes line ends.
      record_delimiter: ["\r\n", "\n", "\r"],
      skip_empty_lines: true,
      // The width is checked in parseDataset, where the message can say what was expected.
      relax_column_count: true,
      on_record: (record: string[], context) => {
        lines.push(context.lines);
        return record;
      },
    });
    return records.map((cells, index) => ({ cells, line: lines[index]! }));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new DatasetError({
      path,
      problem: `the file is not readable as CSV (${cause.message})`,
      remedy: 'Separate cells by commas, quote with " and double a quote inside',
      cause,
    });
  }
}

function checkHeader(path: string, header: NumberedRecord): void {
  const seen = new Set<string>();
  for (const [index, column] of header.cells.entries()) {
    if (column.trim() === "") {
      throw new DatasetError({
        path,
        line: header.line,
        problem: `column ${index + 1} of the header has no name`,
        remedy: "Name every column",
      });
    }
    if (seen.has(column)) {
      throw new DatasetError({
        path,
        line: header.line,
        column,
        problem: "the header has this name twice",
        remedy: "Give every column its own name",
      });
    }
    seen.add(column);
  }
}
