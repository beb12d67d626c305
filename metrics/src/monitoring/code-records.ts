import { AppendFile, setAside, type Disk } from "../log/append-file.js";
import type { Readable } from "@streamgauge/core/metric-log";
import type { CodeRun, FeatureTables } from "../state/feature-tables.js";
import type { RowCode } from "../state/row-code.js";

/** How the file begins, with its version. */
const MAGIC = Buffer.from("streamgauge codes 1\n".padEnd(32));
const NO_LAYOUT = -1;

/** Lines one after another with codes of one layout, or without. */
interface NewRun {
  readonly layout: number;
  readonly width: number;
  lines: number;
}

/** Codes of lines that are not written yet, in the order of the lines. */
export class NewCodes {
  #bytes = new Uint8Array(4_096);
  #length = 0;
  #runs: NewRun[] = [];
  #lines = 0;

  /** The codes of the next line; undefined if it has none. */
  add(code: RowCode | undefined): void {
    const { layout, width } = code ?? { layout: NO_LAYOUT, width: 0 };
    const run = this.#runs.at(-1);
    if (run?.layout === layout) run.lines += 1;
    else this.#runs.push({ layout, width, lines: 1 });
    this.#lines += 1;
    if (code === undefined) return;
    if (this.#length + width > this.#bytes.length) this.#grow(width);
    for (let i = 0; i < width; i += 1) this.#bytes[this.#length + i] = code.bytes[code.at + i] ?? 0;
    this.#length += width;
  }

  #grow(width: number): void {
    const larger = new Uint8Array(2 * this.#bytes.length + width);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  get runs(): readonly NewRun[] {
    return this.#runs;
  }

  /** All codes. Valid until the next line is added. */
  get bytes(): Buffer {
    return Buffer.from(this.#bytes.buffer, 0, this.#length);
  }

  /** The codes of the i-th line, from 0; undefined if it has none. */
  at(i: number): RowCode | undefined {
    let [left, at] = [i, 0];
    if (i < 0 || i >= this.#lines) return undefined;
    for (const { layout, width, lines } of this.#runs) {
      if (left < lines)
        return layout === NO_LAYOUT
          ? undefined
          : { layout, width, bytes: this.#bytes.slice(at + left * width, at + (left + 1) * width), at: 0, unseen: null };
      left -= lines;
      at += lines * width;
    }
    return undefined;
  }

  clear(): void {
    this.#length = 0;
    this.#runs = [];
    this.#lines = 0;
  }
}

/** How far the file is committed, as the store knows it. */
export interface CommittedCodes {
  /** Bytes. */
  readonly length: number;
  /** The number of the first line after those whose codes are written. */
  readonly end: number;
}

/**
 * The codes of each line of the log since codes began to come, in the order of the log and committed with it: a label that is corrected changes the
 * bins of its row.
 */
export class CodeRecords {
  readonly #file: AppendFile;
  readonly #table: FeatureTables;
  /** The number of the first line after those in the file. */
  #end: number;
  /** Layout of the last lines; undefined before the first. */
  #last: number | undefined;

  private constructor(file: AppendFile, table: FeatureTables, end: number, last: number | undefined) {
    this.#file = file;
    this.#table = table;
    this.#end = end;
    this.#last = last;
  }

  /**
   * Opens the file, and cuts it back to what is committed. A file that does not fit the log is set aside, and a new one begins with the next line.
   *
   * @param committed - undefined in a store without codes. @param end - the number of the first line whose codes are to be written next.
   * @returns the records, whether those of earlier lines were lost, and a sentence for the user about it.
   */
  static open(path: string, table: FeatureTables, committed: CommittedCodes | undefined, end: number, disk: Disk, now: Date) {
    const findings: string[] = [];
    let file = AppendFile.open(path, disk);
    try {
      const { length = 0, end: committedEnd = end } = committed ?? {};
      const fits = length > 0 && committedEnd === end && file.length >= length && file.read(0, MAGIC.length).equals(MAGIC);
      if (!fits && file.length > MAGIC.length) {
        file.close();
        const aside = setAside(path, now);
        if (length > 0)
          findings.push(
            `${path} does not fit the log; it is kept as ${aside}. Corrections of earlier labels do not change the windows of features.`,
          );
        file = AppendFile.open(path, disk);
      }
      if (file.length < MAGIC.length) {
        file.dropBeyond(0);
        file.append(MAGIC);
        file.sync();
      } else file.dropBeyond(Math.max(MAGIC.length, length));
      return { codes: new CodeRecords(file, table, end, fits ? table.runOf()?.layout : undefined), hasLost: !fits, findings };
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Within a commit: adds codes durably. @throws FileChangedError if the file was changed from outside. */
  append(codes: NewCodes): void {
    let offset = this.#file.length;
    for (const { layout, width, lines } of codes.runs) {
      if (layout !== this.#last) this.#table.putRun({ line: this.#end, layout, width, offset });
      this.#last = layout;
      this.#end += lines;
      offset += lines * width;
    }
    if (codes.bytes.length === 0) return;
    this.#file.assertUntouched();
    this.#file.append(codes.bytes);
    this.#file.sync();
  }

  /** The codes of a line, counted from 0; undefined if it has none here. */
  at(line: number): RowCode | undefined {
    return codesOfLine(this.#table, this.#file, this.#end, line);
  }

  /** The number of the first line after those in the file. */
  get end(): number {
    return this.#end;
  }

  /** See `CommittedCodes`. */
  get committed(): CommittedCodes {
    return { length: this.#file.length, end: this.#end };
  }

  close(): void {
    this.#file.close();
  }
}

/** The codes of a line, counted from 0; undefined if it has none in the file. @param end - the number of the first line after those in the file. */
export function codesOfLine(table: FeatureTables, file: Pick<AppendFile, "read">, end: number, line: number): RowCode | undefined {
  const run = line < end ? table.runOf(line) : undefined;
  if (run === undefined || run.layout === NO_LAYOUT) return undefined;
  const { layout, width } = run;
  return { layout, width, bytes: file.read(run.offset + (line - run.line) * width, width), at: 0, unseen: null };
}

/** Lines one after another with codes of one layout. */
export interface CodedLines {
  /** The number of the first one, from 0. */
  readonly line: number;
  /** The number of the layout, and its codes of a line. */
  readonly layout: number;
  readonly width: number;
  /** Shape [lines][width]. */
  readonly bytes: Uint8Array;
}

/** The codes of these lines, without those that have none. @param runs - all runs of the file, ascending. @param to - behind the last line. */
export function codesBetween(runs: readonly CodeRun[], file: Pick<AppendFile, "read">, from: number, to: number): CodedLines[] {
  return runs.flatMap(({ line, layout, width, offset }, i) => {
    const [first, end] = [Math.max(from, line), Math.min(to, runs[i + 1]?.line ?? to)];
    if (first >= end || layout === NO_LAYOUT) return [];
    return [{ line: first, layout, width, bytes: file.read(offset + (first - line) * width, (end - first) * width) }];
  });
}

/** Lines whose codes are read at once. */
const CHUNK_LINES = 8_192;

/** The codes of these lines, one after another; undefined for a line without. @param runs - all runs of the file, ascending. @param to - behind the last line. */
export function* codesInOrder(
  runs: readonly CodeRun[],
  file: Pick<AppendFile, "read">,
  from: number,
  to: number,
): Generator<RowCode | undefined, undefined> {
  let line = from;
  for (const [i, run] of runs.entries()) {
    if (run.layout === NO_LAYOUT) continue;
    for (; line < Math.min(run.line, to); line += 1) yield undefined;
    const end = Math.min(runs[i + 1]?.line ?? to, to);
    if (line < end) yield* codesOfRun(run, file, line, end);
    line = Math.max(line, end);
  }
  for (; line < to; line += 1) yield undefined;
}

function* codesOfRun(run: CodeRun, file: Pick<AppendFile, "read">, from: number, to: number): Generator<RowCode> {
  const { layout, width } = run;
  for (let line = from; line < to; line += CHUNK_LINES) {
    const length = Math.min(CHUNK_LINES, to - line) * width;
    const bytes = file.read(run.offset + (line - run.line) * width, length);
    for (let at = 0; at < length; at += width) yield { layout, width, bytes, at, unseen: null };
  }
}

/** Whether a file has the codes that are committed. */
export function isCodeFile(file: Readable, { length }: CommittedCodes): boolean {
  return file.length >= length && file.read(0, MAGIC.length).equals(MAGIC);
}
