import { createArrayCsvStringifier } from "csv-writer";
import { AppendFile } from "./append-file.js";

/** A CSV file beside the log for the few rows that do not end up in it; committed together with the log. */
export class RecordFile {
  readonly #file: AppendFile;
  readonly #stringifier: ReturnType<typeof createArrayCsvStringifier>;
  #staged = "";
  #lines: number;

  private constructor(file: AppendFile, columns: readonly string[], lines: number) {
    this.#file = file;
    this.#stringifier = createArrayCsvStringifier({ header: [...columns] });
    this.#lines = lines;
    if (file.length === 0) {
      this.#staged = this.#stringifier.getHeaderString() ?? "";
      this.write();
    }
  }

  /**
   * Opens the file and cuts off what is not committed; a file of which nothing is known is gone on with as it is.
   *
   * @returns a sentence for the user where something was cut.
   */
  static open(path: string, columns: readonly string[], committed: { readonly length: number; readonly lines: number } | undefined, now: Date) {
    const file = AppendFile.open(path);
    let finding: string | undefined;
    if (committed !== undefined && file.length > committed.length) {
      finding = `${path} had bytes that were not committed: they are kept in ${file.cutTo(committed.length, now)}.`;
    }
    return { records: new RecordFile(file, columns, committed?.lines ?? 0), finding };
  }

  /** Adds a line, to be written with the next `write`. */
  stage(values: readonly (string | number)[]): void {
    this.#staged += this.#stringifier.stringifyRecords([[...values]]);
    this.#lines += 1;
  }

  /** Writes what is staged, durably. */
  write(): void {
    if (this.#staged === "") return;
    this.#file.append(Buffer.from(this.#staged));
    this.#file.sync();
    this.#staged = "";
  }

  /** How far it is written. */
  get committed() {
    return { length: this.#file.length, lines: this.#lines };
  }

  close(): void {
    this.#file.close();
  }
}
