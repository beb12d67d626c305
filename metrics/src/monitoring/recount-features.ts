import type { Readable } from "@streamgauge/core/metric-log";
import { lengthOf, startOf } from "@streamgauge/core/windows";
import type { FeatureTables, FeatureWindowKey } from "../state/feature-tables.js";
import type { PendingHalf } from "../state/half-table.js";
import type { NumberedNames } from "../state/numbered-names.js";
import type { RowCode } from "../state/row-code.js";
import { codesInOrder, isCodeFile, type CommittedCodes } from "./code-records.js";
import { featureDifferences, type ComparedHour } from "./compare-features.js";
import { CountedWindows } from "./counted-windows.js";
import { FeatureWindows } from "./feature-windows.js";
import type { MonitorEvent } from "./journal.js";
import type { LineRecord } from "./line-records.js";
import type { PairRates } from "./pair-rates.js";

const HOUR_MS = lengthOf("1h");

/** The hours of features as they are committed, and what is needed to count them again. */
export interface CommittedFeatures {
  readonly windows: FeatureWindows;
  readonly tables: FeatureTables;
  /** Of model versions. */
  readonly names: NumberedNames;
  /** See `Windows`. */
  readonly watermark: number;
  /** Which lines are in pairs. */
  readonly pairRates: Pick<PairRates, "isPaired">;
  /** How far the file of codes is committed. */
  readonly codes: CommittedCodes;
}

/** The error of a line, y_pred − y_true, with the number of the line and the low hash of its id; `before` is its error until it was corrected. */
interface CountedError {
  readonly error: number;
  readonly line: number;
  readonly hash: number;
}

/**
 * The hours of features as they follow from the lines of the log, their codes and the predictions that wait: counted by the code that counted them when
 * the rows came. The names of unseen texts are not: nothing keeps them after the label.
 */
export class RecountedFeatures {
  readonly #committed: CommittedFeatures;
  readonly #counted: FeatureWindows;
  /** The codes of the lines in the file. */
  readonly #codes: Iterator<RowCode | undefined, undefined>;
  /** The codes of earlier lines were lost, or never were. */
  readonly #firstLine: number;
  /** Hours that hold rows whose values or codes are missing; ms since 1970. */
  readonly #unknown = new Set<number>();

  private constructor(committed: CommittedFeatures, file: Readable, firstLine: number) {
    const { tables, names, watermark, codes } = committed;
    const runs = tables.runs();
    this.#committed = committed;
    this.#counted = new FeatureWindows(new CountedWindows(tables.layouts), names, watermark);
    this.#codes = codesInOrder(runs, file, firstLine, codes.end);
    this.#firstLine = runs[0]?.line ?? codes.end;
  }

  /** @param file - of codes. @param firstLine - the number of the first line that will be taken. @returns undefined if the file cannot be read. */
  static of(committed: CommittedFeatures, file: Readable, firstLine: number): RecountedFeatures | undefined {
    return isCodeFile(file, committed.codes) ? new RecountedFeatures(committed, file, firstLine) : undefined;
  }

  /** Takes the next line. @returns its codes; undefined if it has none. */
  next(line: number, record: LineRecord | MonitorEvent): RowCode | undefined {
    const code = "code" in record ? record.code : this.#codes.next().value;
    if (line < this.#firstLine) this.#leaveOut(record);
    return code;
  }

  /** Takes the next line, which is in a missing part of the log. */
  skip(line: number, record: LineRecord | MonitorEvent): void {
    if (this.next(line, record) !== undefined) this.#leaveOut(record);
  }

  #leaveOut({ eventTime }: LineRecord): void {
    this.#unknown.add(startOf(eventTime, HOUR_MS));
  }

  /** Counts a line. */
  count(code: RowCode, { model, eventTime }: LineRecord, { error, line, hash }: CountedError): void {
    this.#counted.predict(code, model, eventTime);
    this.#counted.label(code, model, eventTime, error, this.#committed.pairRates.isPaired(hash, line));
  }

  /** The label of a counted line was corrected. */
  correct(
    code: RowCode,
    { model, eventTime }: LineRecord,
    { before, error, line, hash }: CountedError & { readonly before: number },
  ): void {
    this.#counted.correct(code, model, eventTime, before, error, this.#committed.pairRates.isPaired(hash, line));
  }

  /** Counts a prediction that waits for its label. */
  wait({ code, model, eventTime }: PendingHalf): void {
    const number = this.#committed.names.find(model);
    if (code !== undefined && number !== undefined) this.#counted.predict(code, number, eventTime);
  }

  /** @param expired - the predictions of an hour that got no label in time: their codes are not kept. @returns a sentence for each difference. */
  *problems(expired: (start: number) => number): Generator<string> {
    const { windows, tables, watermark } = this.#committed;
    this.#counted.endCommit(watermark);
    const left = new Map<number, number>();
    for (const key of this.#keys()) {
      const [start] = key;
      const most = left.get(start) ?? expired(start);
      const layout = windows.layoutOf(key);
      const columns = layout === undefined ? undefined : tables.reference(layout.reference)?.columns;
      const hour: ComparedHour = { start, model: windows.modelOf(key), nameOf: (column) => columns?.[column]?.name };
      const [saved, counted] = [windows.saved(key), this.#counted.saved(key)];
      left.set(start, most - Math.max(0, (saved?.predicted ?? 0) - (counted?.predicted ?? 0)));
      yield* featureDifferences(hour, saved, counted, most);
    }
  }

  /** Of all windows that are saved or counted, without those that cannot be compared. */
  #keys(): FeatureWindowKey[] {
    const all = [...this.#committed.windows.keys(), ...this.#counted.keys()].filter(([start]) => !this.#unknown.has(start));
    return [...new Map(all.map((key) => [key.join(" "), key])).values()].toSorted(
      (one, other) => one[0] - other[0] || one[1] - other[1] || one[2] - other[2],
    );
  }
}
