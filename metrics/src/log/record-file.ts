import { createArrayCsvStringifier } from "csv-writer";
import { AppendFile, type CommittedFile, type Disk } from "./append-file.js";
import { setAsideUnlessHeader } from "./file-header.js";

/** A CSV file beside the log for the few rows that do not end up in it; committed together with the log. */
export class RecordFile {
  readonly #file: AppendFile;
  readonly #stringifier: ReturnType<typeof createArrayCsvStringifier>;
  #staged = "";
  #lines: number;

  private constructor(file: AppendFile, stringifier: ReturnType<typeof createArrayCsvStringifier>, lines: number) {
    this.#file = file;
    this.#stringifier = stringifier;
    this.#lines = lines;
  }

  /**
   * Opens the file and makes it fit to go on: cut back to what is committed, or to its last whole record where that is
   * not known. A file with another header is set aside. What is cut is kept.
   *
   * @returns the file, and a sentence for the user for each thing that was found and mended.
   */
  static open(path: string, columns: readonly string[], committed: CommittedFile | undefined, disk: Disk, now: Date) {
    const stringifier = createArrayCsvStringifier({ header: [...columns] });
    const header = stringifier.getHeaderString() ?? "";
    const findings: string[] = [];
    const replaced = setAsideUnlessHeader(path, header, now);
    if (replaced !== undefined) findings.push(replaced);
    const file = AppendFile.open(path, disk);
    try {
      const lines = mend(file, committed, findings, now);
      if (file.length === 0) {
        file.append(Buffer.from(header));
        file.sync();
      }
      return { records: new RecordFile(file, stringifier, lines), findings };
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Adds a record, to be written with the next `write`. */
  stage(values: readonly (string | number)[]): void {
    this.#staged += this.#stringifier.stringifyRecords([[...values]]);
    this.#lines += 1;
  }

  /** Writes what is staged, durably. @throws FileChangedError where someone else changed the file. */
  write(): void {
    if (this.#staged === "") return;
    this.#file.assertUntouched();
    this.#file.append(Buffer.from(this.#staged));
    this.#file.sync();
    this.#staged = "";
  }

  /** How far it is written. */
  get committed(): CommittedFile {
    return { length: this.#file.length, lines: this.#lines };
  }

  close(): void {
    this.#file.close();
  }
}

/** Brings the file to where it can go on. @returns how many records it has then, without the header. */
function mend(file: AppendFile, committed: CommittedFile | undefined, findings: string[], now: Date): number {
  if (committed !== undefined) {
    const beyond = file.length - committed.length;
    if (beyond > 0)
      findings.push(`${file.path} had ${beyond} bytes that were not committed: they are kept in ${file.cutTo(committed.length, now)}.`);
    if (beyond < 0) findings.push(`${file.path} has lost ${-beyond} bytes that were committed: it goes on with what is in it.`);
    if (beyond >= 0) return committed.lines;
  }
  const { count, end } = wholeRecords(file);
  if (end < file.length) findings.push(`${file.path} ended within a record: what there was of it is kept in ${file.cutTo(end, now)}.`);
  return Math.max(0, count - 1);
}

const CHUNK_BYTES = 1 << 20;
const QUOTE = 0x22;
const NEWLINE = 0x0a;

/** How many whole records a file has, its header counted, and where the last of them ends. */
function wholeRecords(file: AppendFile): { readonly count: number; readonly end: number } {
  let count = 0;
  let end = 0;
  let quoted = false;
  for (let at = 0; at < file.length; at += CHUNK_BYTES) {
    for (const [i, byte] of file.read(at, CHUNK_BYTES).entries()) {
      if (byte === QUOTE) quoted = !quoted;
      if (byte !== NEWLINE || quoted) continue;
      count += 1;
      end = at + i + 1;
    }
  }
  return { count, end };
}
