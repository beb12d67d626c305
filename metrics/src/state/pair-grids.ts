import { pairGrid, type PairGrid } from "@streamgauge/core/windows";
import type { Database, RootDatabase } from "lmdb";

/** The LMDB database of the grids. */
export const GRID_DATABASE = "pair-grids";

const GRID_BYTES = 16;

/**
 * Where the pairs of each model version are counted finely, in LMDB: frozen with the first reference of the version, and kept for ever, so that windows can
 * be counted again when that is forgotten.
 */
export class PairGrids {
  readonly #stored: Database<Buffer, number> | undefined;
  readonly #grids = new Map<string, PairGrid | undefined>();
  #unsaved: string[] = [];
  #last: readonly [model: string, grid: PairGrid | undefined] | undefined;

  /** @param nameOf - the name of a model version by its number. */
  constructor(root: RootDatabase, nameOf: (number: number) => string) {
    // The store of an earlier version that is opened for reading has none.
    this.#stored = root.openDB({ name: GRID_DATABASE, encoding: "binary" });
    for (const { key, value } of this.#stored?.getRange() ?? []) this.#grids.set(nameOf(key), decoded(value));
  }

  /** The grid of a version; undefined before there is one, and if its predictions do not differ. */
  of(model: string): PairGrid | undefined {
    if (this.#last?.[0] === model) return this.#last[1];
    const grid = this.#grids.get(model);
    this.#last = [model, grid];
    return grid;
  }

  /** Sets the grid of a version, for good. */
  freeze(model: string, grid: PairGrid | undefined): void {
    if (this.#grids.has(model)) return;
    this.#grids.set(model, grid);
    this.#unsaved.push(model);
    this.#last = undefined;
  }

  /** Within a commit: stores what is new. */
  save(numberOf: (model: string) => number): void {
    for (const model of this.#unsaved) this.#stored?.putSync(numberOf(model), encoded(this.#grids.get(model)));
    this.#unsaved = [];
  }
}

/** Exponent and middle; NaN if there is no grid. */
function encoded(grid: PairGrid | undefined): Buffer {
  const bytes = Buffer.allocUnsafe(GRID_BYTES);
  bytes.writeDoubleLE(grid?.middle ?? 0, bytes.writeDoubleLE(grid?.exponent ?? Number.NaN, 0));
  return bytes;
}

function decoded(bytes: Buffer): PairGrid | undefined {
  const exponent = bytes.readDoubleLE(0);
  return Number.isNaN(exponent) ? undefined : pairGrid(exponent, bytes.readDoubleLE(8));
}
