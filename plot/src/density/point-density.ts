import { type AxisCells, FINEST } from "./axis-cells.js";
import { CellCounts } from "./cell-counts.js";

/** So many points decide on the cells. */
export const FIRST_POINTS = 1_024;
/** With more cells than these, each four become one. */
const MOST_CELLS = 1 << 14;

/** The cells of both directions. */
export interface DensityAxes {
  readonly x: AxisCells;
  readonly y: AxisCells;
}

/** Points as counts of cells. */
export interface CountedPoints extends DensityAxes {
  readonly count: number;
  readonly cells: CellCounts;
  /** Of the cells; see `AxisCells`. */
  readonly level: number;
}

/**
 * The distribution of any number of points of any magnitude, in at most 16,384 cells (0.5 MB, which a processor keeps at hand). The first 1,024 points decide where cells are
 * fine. More cells become fewer, coarser ones: a point's cell stays known, so counts are exact.
 */
export class PointDensity {
  readonly #fit: (xs: readonly number[], ys: readonly number[]) => DensityAxes;
  readonly #first: { readonly xs: number[]; readonly ys: number[] } = { xs: [], ys: [] };
  #counted: CountedPoints | undefined;

  /** @param fit - chooses the cells for points such as these. */
  constructor(fit: (xs: readonly number[], ys: readonly number[]) => DensityAxes) {
    this.#fit = fit;
  }

  /** Adds points; shapes [n]. */
  add(xs: Float64Array, ys: Float64Array): void {
    const { xs: firstXs, ys: firstYs } = this.#first;
    let at = 0;
    for (; at < xs.length && firstXs.length < FIRST_POINTS; at += 1) {
      firstXs.push(xs[at] ?? NaN);
      firstYs.push(ys[at] ?? NaN);
    }
    if (at === xs.length) return;
    this.#counted = count(this.#counted ?? this.points(), xs, ys, at);
  }

  /** What was added. */
  points(): CountedPoints {
    if (this.#counted !== undefined) return this.#counted;
    const { xs, ys } = this.#first;
    const axes = this.#fit(xs, ys);
    return count({ ...axes, count: 0, cells: new CellCounts(), level: FINEST }, Float64Array.from(xs), Float64Array.from(ys), 0);
  }
}

/** Adds points from an index on. */
function count({ x, y, count: before, cells, level }: CountedPoints, xs: Float64Array, ys: Float64Array, from: number): CountedPoints {
  let [counts, coarsened] = [cells, level];
  for (let i = from; i < xs.length; i += 1) {
    const shift = FINEST - coarsened;
    counts.add(x.cellOf(xs[i] ?? NaN) >> shift, y.cellOf(ys[i] ?? NaN) >> shift, 1);
    if (counts.size <= MOST_CELLS || coarsened === 0) continue;
    counts = counts.halved();
    coarsened -= 1;
  }
  return { x, y, count: before + xs.length - from, cells: counts, level: coarsened };
}
