import { doubleOf, type SavedFeatureWindow } from "@streamgauge/core";

/** Which hour is compared, and the names of its columns. */
export interface ComparedHour {
  /** ms since 1970. */
  readonly start: number;
  readonly model: string;
  /** The feature of a column, or y_pred; undefined if its reference is not known. */
  readonly nameOf: (column: number) => string | undefined;
}

/** Rows of one bin of a column, or of two groups of bins of a pair, whose predictions are not counted. */
interface Cell {
  readonly title: string;
  readonly predicted: number;
  readonly labelled: number;
  readonly sums: readonly string[];
}

const SUM_NAMES = ["Σe", "Σ|e|", "Σe²"];

/**
 * Compares the committed window of an hour with the one that was counted again.
 *
 * @param expired - at most so many predictions of the window got no label in time: they are in the committed one only.
 * @returns a sentence for each bin that differs, with hour, feature and bin.
 */
export function featureDifferences(
  hour: ComparedHour,
  saved: SavedFeatureWindow | undefined,
  counted: SavedFeatureWindow | undefined,
  expired: number,
): string[] {
  const [predicted, byLog] = [saved?.predicted ?? 0, counted?.predicted ?? 0];
  const rest = Math.min(Math.max(0, predicted - byLog), expired);
  const title = `The hour from ${new Date(hour.start).toISOString()} of ${hour.model === "" ? "rows without a model" : hour.model}`;
  const ofHour = predicted - byLog === rest ? [] : [`${title}: ${predictedText(predicted, byLog, expired)}.`];
  const differences = [...ofHour, ...cellDifferences(title, cellsOf(hour, saved), cellsOf(hour, counted), rest)];
  return differences.length > 0 ? differences : columnDifferences(title, hour, saved);
}

function cellDifferences(title: string, saved: ReadonlyMap<string, Cell>, counted: ReadonlyMap<string, Cell>, rest: number): string[] {
  const names = new Set([...saved.keys(), ...counted.keys()]);
  return [...names].flatMap((name) => {
    const [one, other] = [saved.get(name), counted.get(name)];
    const texts = differingTexts(one, other, rest);
    return texts.length === 0 ? [] : [`${title}, ${(one ?? other)?.title ?? ""}: ${texts.join("; ")}.`];
  });
}

function differingTexts(one: Cell | undefined, other: Cell | undefined, rest: number): string[] {
  const texts: string[] = [];
  const [predicted, byLog] = [one?.predicted ?? 0, other?.predicted ?? 0];
  if (predicted < byLog || predicted > byLog + rest) texts.push(predictedText(predicted, byLog, rest));
  const [labelled, labelledByLog] = [one?.labelled ?? 0, other?.labelled ?? 0];
  if (labelled !== labelledByLog) texts.push(`${labelled} labelled rows, by the log ${labelledByLog}`);
  for (const [i, name] of SUM_NAMES.entries()) {
    const [sum, sumByLog] = [one?.sums[i] ?? ZERO, other?.sums[i] ?? ZERO];
    if (sum !== sumByLog) texts.push(`${name} ${differing(sum, sumByLog)}`);
  }
  return texts;
}

const ZERO = "0p0";

function predictedText(predicted: number, byLog: number, expired: number): string {
  const inVain = expired === 0 ? "" : `, and at most ${expired} that got no label in time`;
  return `${predicted} predicted rows, by the log ${byLog}${inVain}`;
}

/** Two sums; exactly if they are equal as doubles. */
function differing(sum: string, byLog: string): string {
  const [one, other] = [doubleOf(sum), doubleOf(byLog)];
  return Object.is(one, other) ? `${sum}, by the log ${byLog}` : `${one}, by the log ${other}`;
}

/** Each row is in one bin of each column: also those whose bins cannot be counted again. */
function columnDifferences(title: string, hour: ComparedHour, saved: SavedFeatureWindow | undefined): string[] {
  return (saved?.columns ?? []).flatMap(({ bins }, column) => {
    const rows = bins.reduce((sum, { predicted }) => sum + predicted, 0);
    const all = saved?.predicted ?? 0;
    return rows === all ? [] : [`${title}, ${featureTitle(hour, column)}: its bins have ${rows} predicted rows, the hour ${all}.`];
  });
}

function cellsOf(hour: ComparedHour, window: SavedFeatureWindow | undefined): ReadonlyMap<string, Cell> {
  const cells = new Map<string, Cell>();
  for (const [column, { bins }] of (window?.columns ?? []).entries())
    for (const { bin, ...rows } of bins) cells.set(`${column} ${bin}`, { title: `${featureTitle(hour, column)}, bin ${bin}`, ...rows });
  for (const { columns, cells: ofPair } of window?.pairs ?? []) {
    const features = `features ${columns.map((column) => nameOf(hour, column)).join(" and ")}`;
    for (const { groups, ...rows } of ofPair)
      cells.set(`${columns.join(",")} ${groups.join(",")}`, {
        title: `${features}, groups of bins ${groups.join(" and ")}`,
        predicted: 0,
        ...rows,
      });
  }
  return cells;
}

function featureTitle(hour: ComparedHour, column: number): string {
  return `feature ${nameOf(hour, column)}`;
}

/** A name, or the number of the column if the reference is not known. */
function nameOf(hour: ComparedHour, column: number): string {
  return hour.nameOf(column) ?? `${column + 1} of the reference`;
}
