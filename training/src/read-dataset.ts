import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { CsvRefusedError, readCsv, type CsvRow } from "@streamgauge/core";
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
  /** The 1-based line of the file on which each record begins, [rows]. */
  readonly lines: readonly number[];
}

/**
 * Reads a comma-separated UTF-8 file with a header.
 *
 * @returns every cell as text; empty lines are left out, and a byte order mark is ignored.
 * @throws DatasetError when the file cannot be read, has no header or no rows, names a column twice or not at
 * all, or has a line that is no row; it names the line.
 */
export async function readDataset(path: string): Promise<Dataset> {
  let bytes: Buffer;
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
export function parseDataset(path: string, bytes: Buffer): Dataset {
  const { header, rows } = csvIn(path, bytes);
  for (const { line, problem } of rows)
    if (problem !== undefined) throw new DatasetError({ path, line, problem, remedy: "Mend the line, or take it out" });
  return {
    path,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    header,
    records: rows.map(({ cells }) => cells),
    lines: rows.map(({ line }) => line),
  };
}

function csvIn(path: string, bytes: Buffer): { readonly header: readonly string[]; readonly rows: readonly CsvRow[] } {
  try {
    return readCsv(bytes);
  } catch (error) {
    throw error instanceof CsvRefusedError ? DatasetError.of(path, error) : error;
  }
}
