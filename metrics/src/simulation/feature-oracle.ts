import { commonestNames, doubleOf, type SavedFeatureWindow } from "@streamgauge/core";
import type { JoinState } from "../join/join-state.js";
import { Monitor } from "../monitoring/monitor.js";
import { finalLabel } from "./correction-oracle.js";
import { LAYOUT, type PlannedCode, type PlannedRow } from "./traffic.js";

const HOUR_MS = 3_600_000;
const KEPT_MS = 90 * 86_400_000;

/** Rows with labels, and Σe, Σ|e|, Σe². */
type Sums = [labelled: number, signed: number, absolute: number, squared: number];

/** An hour by brute force. */
interface PlannedHour {
  predicted: number;
  labelled: number;
  /** By column and bin. */
  readonly predictedIn: Map<string, number>;
  readonly bins: Map<string, Sums>;
  readonly pairs: Map<string, Sums>;
  readonly unseen: Map<string, number>;
  /** The largest |e|. */
  greatest: number;
}

/** Compares the hours of features with what was planned. @throws Error on a difference. */
export function assertFeatureWindows(rows: readonly PlannedRow[], { store }: JoinState): void {
  const features = Monitor.read(store)?.features;
  const saved = features?.keys().flatMap((key) => features.saved(key) ?? []) ?? [];
  const hours = plannedHours(rows);
  const planned = [...hours].toSorted(([a], [b]) => a - b).map(([start, hour]) => hourText(start, hour));
  const shown = saved.filter(({ predicted }) => predicted > 0).map(textOf);
  assertPeaks(saved, hours);
  if (shown.join("\n") !== planned.join("\n")) throw new Error(`features:\n${shown.join("\n")}\n    expected\n${planned.join("\n")}`);
}

function plannedHours(rows: readonly PlannedRow[]): Map<number, PlannedHour> {
  const predicted = rows.filter(({ fate }) => fate !== "y_true");
  const latest = Math.max(-Infinity, ...predicted.map(({ eventTime }) => eventTime));
  const hours = new Map<number, PlannedHour>();
  for (const row of predicted) {
    const start = row.eventTime - (row.eventTime % HOUR_MS);
    if (row.code === undefined || start < latest - (latest % HOUR_MS) - KEPT_MS) continue;
    const none = { predicted: 0, labelled: 0, predictedIn: new Map(), bins: new Map(), pairs: new Map(), unseen: new Map(), greatest: 0 };
    const hour = hours.get(start) ?? none;
    hours.set(start, hour);
    count(hour, row, row.code);
  }
  return hours;
}

/** What a window says of its largest error is no less than what is there: labels that were corrected may have had larger ones. */
function assertPeaks(saved: readonly SavedFeatureWindow[], planned: ReadonlyMap<number, PlannedHour>): void {
  for (const { start, labelled, peak = -1 } of saved)
    if (labelled > 0 && !(peak >= (planned.get(start)?.greatest ?? 0)))
      throw new Error(`features: the peak of the hour ${start} is ${peak}`);
}

function count(hour: PlannedHour, row: PlannedRow, { codes, unseen }: PlannedCode): void {
  hour.predicted += 1;
  for (const [column, code] of codes.entries()) {
    const bin = `${column}:${code}`;
    hour.predictedIn.set(bin, (hour.predictedIn.get(bin) ?? 0) + 1);
  }
  if (unseen !== null) hour.unseen.set(unseen, (hour.unseen.get(unseen) ?? 0) + 1);
  if (row.fate !== "both") return;
  hour.labelled += 1;
  const error = row.y_pred - finalLabel(row);
  hour.greatest = Math.max(hour.greatest, Math.abs(error));
  for (const [column, code] of codes.entries()) add(hour.bins, `${column}:${code}`, error);
  // Few rows come in a second: all are counted in pairs.
  const [first = 0, text = 0, third = 0] = codes;
  const groups = [GROUPS_OF_3[first] ?? 0, GROUPS_OF_TEXTS[text] ?? 0, GROUPS_OF_1[third] ?? 0];
  for (const [one, other] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const)
    add(hour.pairs, `${one},${other}:${groups[one]},${groups[other]}`, error);
}

/** The groups of bins by hand: missing, below or other, own ones from 2, above or unseen 7. */
const GROUPS_OF_3 = [0, 1, 2, 3, 4, 7];
const GROUPS_OF_TEXTS = [0, 1, 7, 2, 3];
const GROUPS_OF_1 = [0, 1, 2, 7];

function add(sums: Map<string, Sums>, name: string, error: number): void {
  const [labelled, signed, absolute, squared] = sums.get(name) ?? [0, 0, 0, 0];
  sums.set(name, [labelled + 1, signed + error, absolute + Math.abs(error), squared + error * error]);
}

function hourText(start: number, { predicted, labelled, predictedIn, bins, pairs, unseen }: PlannedHour): string {
  const names = [...unseen].map(([name, each]) => `${name}=${each}`).toSorted();
  return JSON.stringify({ start, predicted, labelled, predictedIn: sorted(predictedIn), bins: sums(bins), pairs: sums(pairs), names });
}

function textOf({ start, predicted, labelled, columns, pairs, layout }: SavedFeatureWindow): string {
  if (layout !== LAYOUT.text) throw new Error(`The layout is ${layout}.`);
  const cells = columns.flatMap(({ bins }, column) => bins.map((bin) => ({ name: `${column}:${bin.bin}`, ...bin })));
  const pairCells = pairs.flatMap(({ columns: which, cells: each }) =>
    each.map((cell) => ({ name: `${which.join(",")}:${cell.groups.join(",")}`, ...cell })),
  );
  const sumsOf = ({ labelled: count, sums: exact }: { labelled: number; sums: readonly string[] }): Sums => {
    const [signed = 0, absolute = 0, squared = 0] = exact.map(doubleOf);
    return [count, signed, absolute, squared];
  };
  const names = columns.flatMap(({ unseen }) => commonestNames(unseen)).map(({ name, count: each }) => `${name}=${each}`);
  return JSON.stringify({
    start,
    predicted,
    labelled,
    predictedIn: sorted(new Map(cells.map((cell) => [cell.name, cell.predicted]))),
    bins: sums(new Map(cells.filter((cell) => cell.labelled > 0).map((cell) => [cell.name, sumsOf(cell)]))),
    pairs: sums(new Map(pairCells.map((cell) => [cell.name, sumsOf(cell)]))),
    names: names.toSorted(),
  });
}

function sorted<T>(entries: ReadonlyMap<string, T>): (readonly [string, T])[] {
  return [...entries].toSorted(([one], [other]) => (one < other ? -1 : 1));
}

/** Sums are rounded, because this count rounds them too; Σe by Σ|e|, from which its digits cancel. */
function sums(of: ReadonlyMap<string, Sums>): string[] {
  return sorted(of).map(([name, [labelled, signed, absolute, squared]]) =>
    [name, labelled, (absolute === 0 ? 0 : signed / absolute).toFixed(6), absolute.toPrecision(9), squared.toPrecision(9)].join(" "),
  );
}
