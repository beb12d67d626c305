import { mae } from "../statistics/metrics/mae.js";
import { NO_SIGNED_CELLS } from "../statistics/signed-cells.js";
import { ErrorWindow } from "./error-window.js";
import { estimatedMae, type EstimatedMae } from "./estimated-mae.js";
import { withoutPairs, type SavedWindow } from "./saved-window.js";
import { coverageOf, type WindowAge } from "./window-json.js";
import { lengthOf } from "./window-size.js";

/** What a line over time shows of a window: the same figures as `windowJson`, at a small part of its cost. */
export interface WindowPoint extends WindowAge {
  /** ms since 1970. */
  readonly start: number;
  readonly predicted: number;
  readonly labelled: number;
  /** Mean absolute error of the labelled rows; not finite without any, or if it is beyond the largest double. */
  readonly mae: number;
  /** Of the MAE of all its predictions; undefined if it cannot be estimated. */
  readonly estimate: EstimatedMae | undefined;
  /** Mean |e| of the reference of its latest model version; NaN while there is none. */
  readonly referenceMae: number;
}

/** A window with all that decides on its point, which sums do, and without its thousands of cells, which would take longest to merge. */
export function withoutCells(saved: SavedWindow): SavedWindow {
  return { ...withoutPairs(saved), errors: NO_SIGNED_CELLS };
}

/** A window as a point of a line. */
export function windowPoint(saved: SavedWindow): WindowPoint {
  const { size, start, finalAt, predicted, labelled, referenceMae } = saved;
  const window = ErrorWindow.of(withoutCells(saved));
  return {
    start,
    end: start + lengthOf(size),
    finalAt,
    predicted,
    labelled,
    coverage: coverageOf(saved),
    mae: mae.of(window.errors()),
    estimate: estimatedMae(window),
    referenceMae,
  };
}
