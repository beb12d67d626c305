import type { CsvRefusedError } from "@streamgauge/core";

/** A dataset that cannot be used at all. */
export class DatasetError extends Error {
  override readonly name = "DatasetError";
  readonly path: string;

  /** @param problem - what is wrong and what to do, as the end of a sentence that starts with the path. */
  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`The dataset ${path} ${problem}`, options);
    this.path = path;
  }

  /** A dataset that cannot be read as CSV. */
  static of(path: string, cause: CsvRefusedError): DatasetError {
    const { problem, remedy } = cause.fault;
    return new DatasetError(path, `${problem}: ${remedy}.`, { cause });
  }
}
