import { csvRecord } from "@streamgauge/core";
import { AppendFile, type CommittedFile, type Disk } from "./append-file.js";
import { setAsideUnlessHeader } from "./file-header.js";

/** A CSV file beside the log for the few rows that are not logged. It is committed together with the log. */
export class RecordFile {
  readonly #file: AppendFile;
  #staged = "";
  #lines: number;

  private constructor(file: AppendFile, lines: number) {
    this.#file = file;
    this.#lines = lines;
  }

  /**
   * Opens the file and repairs it: it is cut back to what is committed, or to its last whole record if that is unknown. A file
   * with another header is set aside. The bytes that are cut off are kept.
   *
   * @returns the file, and a sentence for the user about each repair.
   */
  static open(path: string, columns: readonly string[], committed: CommittedFile | undefined, disk: Disk, now: Date) {
    const header = csvRecord(columns);
    const findings: string[] = [];
    const replaced = setAsideUnlessHeader(path, header, now);
    if (replaced !== undefined) findings.push(replaced);
    const file = AppendFile.open(path, disk);
    try {
      const lines = repair(file, committed, findings, now);
      if (file.length === 0) {
        file.append(Buffer.from(header));
        file.sync();
      }
      return { records: new RecordFile(file, lines), findings };
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Adds a record for the next `write`. */
  stage(values: readonly (string | number)[]): void {
    this.#staged += csvRecord(values);
    this.#lines += 1;
  }

  /** Writes the staged records durably. @throws FileChangedError if the file was changed from outside. */
  write(): void {
    if (this.#staged === "") return;
    this.#file.assertUntouched();
    this.#file.append(Buffer.from(this.#staged));
    this.#file.sync();
    this.#staged = "";
  }

  /** How far the file is written. */
  get committed(): CommittedFile {
    return { length: this.#file.length, lines: this.#lines };
  }

  close(): void {
    this.#file.close();
  }
}

/** Cuts the file back to whole records. @returns how many it has then, without the header. */
function repair(file: AppendFile, committed: CommittedFile | undefined, findings: string[], now: Date): number {
  if (committed !== undefined) {
    const beyond = file.length - committed.length;
    if (beyond > 0)
      findings.push(`${file.path} had ${beyond} uncommitted bytes: they were cut off and kept in ${file.cutTo(committed.length, now)}.`);
    if (beyond < 0) findings.push(`${file.path} has lost ${-beyond} committed bytes: the records that are left are kept.`);
    if (beyond >= 0) return committed.lines;
  }
  const { count, end } = wholeRecords(file);
  if (end < file.length)
    findings.push(`${file.path} ended within a record: the incomplete record was cut off and kept in ${file.cutTo(end, now)}.`);
  return Math.max(0, count - 1);
}

const CHUNK_BYTES = 1 << 20;
const QUOTE = 0x22;
const NEWLINE = 0x0a;

/** How many whole records a file has, with its header, and where the last one ends. */
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
