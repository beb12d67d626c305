import { ExactSums } from "../statistics/exact-sums.js";
import { pairGroups, PAIR_GROUPS, unseenColumns, type CodeLayout } from "./code-layout.js";
import { firstBins, type PredictedBins } from "./predicted-bins.js";
import {
  BIN_SUMS,
  type SavedBin,
  type SavedColumn,
  type SavedFeaturePair,
  type SavedFeatureWindow,
  type SavedPairCell,
} from "./saved-feature-window.js";
import { UnseenNames } from "./unseen-names.js";

const PAIR_CELLS = PAIR_GROUPS * PAIR_GROUPS;

const NO_SLOT = -1;
const FIRST_SLOTS = 16;

/** Rows with labels by cell, and the sums of their errors. Cells take memory from their first row on: a window of few rows has few of its pairs. */
class ErrorCells {
  /** Where each cell is kept. */
  readonly #slots: Int32Array;
  #used = 0;
  #labelled = new Float64Array(FIRST_SLOTS);
  readonly #sums = new ExactSums(BIN_SUMS * FIRST_SLOTS);
  readonly #places: Int32Array;

  /** @param most - cells that a row is in. */
  constructor(cells: number, most: number) {
    this.#slots = new Int32Array(cells).fill(NO_SLOT);
    this.#places = new Int32Array(most);
  }

  /** Adds a row to cells, or takes it out. @param times - 1 or -1. */
  count(cells: Int32Array, error: number, times: 1 | -1): void {
    const places = this.#places;
    for (let i = 0; i < cells.length; i += 1) {
      const slot = this.#slotOf(cells[i] ?? 0);
      this.#labelled[slot] = (this.#labelled[slot] ?? 0) + times;
      places[i] = BIN_SUMS * slot;
    }
    this.#sums.addErrors(places, error, times);
  }

  #slotOf(cell: number): number {
    const slot = this.#slots[cell] ?? NO_SLOT;
    return slot === NO_SLOT ? this.#take(cell) : slot;
  }

  #take(cell: number): number {
    const slot = this.#used;
    this.#used += 1;
    this.#slots[cell] = slot;
    if (slot < this.#labelled.length) return slot;
    const labelled = new Float64Array(2 * slot);
    labelled.set(this.#labelled);
    this.#labelled = labelled;
    this.#sums.grow(BIN_SUMS * labelled.length);
    return slot;
  }

  labelled(cell: number): number {
    const slot = this.#slots[cell] ?? NO_SLOT;
    return slot === NO_SLOT ? 0 : (this.#labelled[slot] ?? 0);
  }

  /** The sums of a cell that has rows. */
  save(cell: number): readonly string[] {
    const first = BIN_SUMS * (this.#slots[cell] ?? 0);
    return [this.#sums.saveAt(first), this.#sums.saveAt(first + 1), this.#sums.saveAt(first + 2)];
  }

  merge(cell: number, labelled: number, sums: readonly string[]): void {
    const slot = this.#slotOf(cell);
    this.#labelled[slot] = (this.#labelled[slot] ?? 0) + labelled;
    for (const [i, sum] of sums.entries()) this.#sums.mergeAt(BIN_SUMS * slot + i, sum);
  }
}

/**
 * The rows of an hour by the bins of their features: those of one model version with codes of one layout. The order of the rows does not matter, and a
 * row that is taken out leaves no trace but `peak`.
 */
export class FeatureWindow {
  /** Where the hour begins, ms since 1970. */
  readonly start: number;
  readonly model: string;
  readonly layout: CodeLayout;
  revision = 0;
  predicted = 0;
  labelled = 0;
  /** No |e| that any label gave is larger; Infinity if that is not known. It only grows. */
  peak = 0;
  /** The first cell of each column. */
  readonly #first: Int32Array;
  readonly #predicted: Float64Array;
  readonly #errors: ErrorCells;
  readonly #unseen = new Map<number, UnseenNames>();
  readonly #cells: Int32Array;
  /** Of the pairs; undefined while no row is counted in pairs. */
  #pairErrors: ErrorCells | undefined;
  readonly #groups: readonly Uint8Array[];
  readonly #pairCells: Int32Array;

  constructor(start: number, model: string, layout: CodeLayout) {
    this.start = start;
    this.model = model;
    this.layout = layout;
    const { columns, paired, width } = layout;
    this.#first = firstBins(layout);
    const cells = columns.reduce((sum, { bins }) => sum + bins, 0);
    this.#predicted = new Float64Array(cells);
    this.#errors = new ErrorCells(cells, width);
    this.#cells = new Int32Array(width);
    this.#groups = columns.slice(0, paired).map(pairGroups);
    this.#pairCells = new Int32Array((paired * (paired - 1)) / 2);
  }

  /** Bins of all columns. */
  get bins(): number {
    return this.#predicted.length;
  }

  /** The predicted rows so far; the bins change with the window. */
  get predictedBins(): PredictedBins {
    return { rows: this.predicted, bins: this.#predicted };
  }

  /** Counts the prediction of a row, or takes it back. @param codes - of many rows. @param at - where those of the row begin. @param unseen - its unseen texts, in the order of the columns that are unseen. @param times - 1 or -1. */
  predict(codes: Uint8Array, at: number, unseen: readonly string[], times: 1 | -1 = 1): void {
    const predicted = this.#predicted;
    this.predicted += times;
    for (let column = 0; column < this.#first.length; column += 1) {
      const cell = (this.#first[column] ?? 0) + (codes[at + column] ?? 0);
      predicted[cell] = (predicted[cell] ?? 0) + times;
    }
    if (unseen.length > 0) this.#name(codes, at, unseen, times);
  }

  #name(codes: Uint8Array, at: number, unseen: readonly string[], times: 1 | -1): void {
    const columns = unseenColumns(this.layout, codes, at);
    for (const [i, column] of columns.entries()) {
      const name = unseen[i];
      if (name === undefined) continue;
      let names = this.#unseen.get(column);
      if (names === undefined) this.#unseen.set(column, (names = new UnseenNames()));
      if (times === 1) names.add(name);
      else names.remove(name);
    }
  }

  /** Counts the label of a row whose prediction is counted, or takes it out. @param isPaired - whether the row is one of those that are counted in pairs. */
  label(codes: Uint8Array, at: number, error: number, isPaired: boolean, times: 1 | -1 = 1): void {
    const cells = this.#cells;
    this.labelled += times;
    if (!(Math.abs(error) <= this.peak)) this.peak = Math.abs(error);
    for (let column = 0; column < cells.length; column += 1) cells[column] = (this.#first[column] ?? 0) + (codes[at + column] ?? 0);
    this.#errors.count(cells, error, times);
    if (isPaired && this.#pairCells.length > 0) this.#labelPairs(codes, at, error, times);
  }

  #labelPairs(codes: Uint8Array, at: number, error: number, times: 1 | -1): void {
    const groups = this.#groups;
    let pair = 0;
    for (let one = 0; one < groups.length; one += 1) {
      const row = PAIR_GROUPS * (groups[one]?.[codes[at + one] ?? 0] ?? 0);
      for (let other = one + 1; other < groups.length; other += 1) {
        this.#pairCells[pair] = PAIR_CELLS * pair + row + (groups[other]?.[codes[at + other] ?? 0] ?? 0);
        pair += 1;
      }
    }
    this.#pairs().count(this.#pairCells, error, times);
  }

  #pairs(): ErrorCells {
    const pairs = this.#pairCells.length;
    return (this.#pairErrors ??= new ErrorCells(PAIR_CELLS * pairs, pairs));
  }

  /** A label that was counted was wrong. @param before - the error by it. @param error - by the one that takes its place. */
  correct(codes: Uint8Array, at: number, before: number, error: number, isPaired: boolean): void {
    this.label(codes, at, before, isPaired, -1);
    this.label(codes, at, error, isPaired);
  }

  save(): SavedFeatureWindow {
    const { start, model, layout, revision, predicted, labelled } = this;
    const columns = layout.columns.map((_, column) => this.#saveColumn(column));
    const peak = Number.isFinite(this.peak) ? { peak: this.peak } : {};
    const pairs = this.#savePairs();
    return { version: 1, start, model, layout: layout.text, revision, predicted, labelled, ...peak, columns, pairs };
  }

  #saveColumn(column: number): SavedColumn {
    const bins: SavedBin[] = [];
    for (let bin = 0; bin < (this.layout.columns[column]?.bins ?? 0); bin += 1) {
      const cell = (this.#first[column] ?? 0) + bin;
      const [predicted, labelled] = [this.#predicted[cell] ?? 0, this.#errors.labelled(cell)];
      if (predicted === 0 && labelled === 0) continue;
      bins.push({ bin, predicted, labelled, sums: labelled === 0 ? [] : this.#errors.save(cell) });
    }
    return { bins, unseen: this.#unseen.get(column)?.save() ?? [] };
  }

  #savePairs(): SavedFeaturePair[] {
    const errors = this.#pairErrors;
    if (errors === undefined) return [];
    return pairsOf(this.#groups.length).flatMap((columns, pair) => {
      const cells: SavedPairCell[] = [];
      for (let place = 0; place < PAIR_CELLS; place += 1) {
        const cell = PAIR_CELLS * pair + place;
        const labelled = errors.labelled(cell);
        const groups = [Math.floor(place / PAIR_GROUPS), place % PAIR_GROUPS] as const;
        if (labelled > 0) cells.push({ groups, labelled, sums: errors.save(cell) });
      }
      return cells.length === 0 ? [] : [{ columns, cells }];
    });
  }

  /** Adds what `save` returned of a window with the same layout. */
  merge({ revision, predicted, labelled, peak, columns, pairs }: SavedFeatureWindow): this {
    this.peak = Math.max(this.peak, peak ?? (labelled === 0 ? 0 : Infinity));
    this.revision += revision;
    this.predicted += predicted;
    this.labelled += labelled;
    for (const [column, { bins, unseen }] of columns.entries()) {
      for (const { bin, predicted: rows, labelled: withLabel, sums } of bins) {
        const cell = (this.#first[column] ?? 0) + bin;
        this.#predicted[cell] = (this.#predicted[cell] ?? 0) + rows;
        this.#errors.merge(cell, withLabel, sums);
      }
      if (unseen.length > 0) this.#mergeNames(column, unseen);
    }
    for (const pair of pairs) this.#mergePair(pair);
    return this;
  }

  #mergeNames(column: number, unseen: SavedColumn["unseen"]): void {
    const names = this.#unseen.get(column) ?? new UnseenNames();
    this.#unseen.set(column, names);
    names.merge(unseen);
  }

  #mergePair({ columns: [one, other], cells }: SavedFeaturePair): void {
    const pair = pairsOf(this.#groups.length).findIndex(([first, second]) => first === one && second === other);
    if (pair < 0) return;
    for (const { groups, labelled, sums } of cells)
      this.#pairs().merge(PAIR_CELLS * pair + PAIR_GROUPS * groups[0] + groups[1], labelled, sums);
  }
}

/** Every two of so many columns, in order. */
function pairsOf(columns: number): (readonly [number, number])[] {
  return Array.from({ length: columns }, (_, one) => one).flatMap((one) =>
    Array.from({ length: columns - one - 1 }, (_, i) => [one, one + 1 + i] as const),
  );
}
