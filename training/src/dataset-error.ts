import type { CsvRefusedError } from "@streamgauge/core";

/** Where a dataset is at fault, and what to do about it. */
export interface DatasetFault {
  readonly path: string;
  /** 1-based line of the file; absent when no single line is at fault. */
  readonly line?: number;
  /** Name of the column; absent when no single column is at fault. */
  readonly column?: string;
  readonly problem: string;
  readonly remedy: string;
  readonly cause?: unknown;
}

/** A dataset that cannot be used as it is. The message names the line and the column, and says what to do. */
export class DatasetError extends Error {
  override readonly name = "DatasetError";
  readonly path: string;
  readonly line: number | undefined;
  readonly column: string | undefined;
  readonly problem: string;
  readonly remedy: string;

  constructor(fault: DatasetFault) {
    const line = fault.line === undefined ? "" : `, line ${fault.line}`;
    const column = fault.column === undefined ? "" : `, column "${fault.column}"`;
    super(
      `${fault.path}${line}${column}: ${fault.problem}. ${fault.remedy}.`,
      fault.cause === undefined ? undefined : { cause: fault.cause },
    );
    this.path = fault.path;
    this.line = fault.line;
    this.column = fault.column;
    this.problem = fault.problem;
    this.remedy = fault.remedy;
  }

  /** A file that cannot be read as CSV. */
  static of(path: string, cause: CsvRefusedError): DatasetError {
    const { problem, remedy } = cause.fault;
    return new DatasetError({ path, problem: `the file ${problem}`, remedy: remedy.charAt(0).toUpperCase() + remedy.slice(1), cause });
  }
}
