import type { Errors } from "../statistics/metrics/metric.js";
import { ErrorWindow } from "./error-window.js";
import type { IntervalFigures } from "./interval-sums.js";

/**
 * Windows of several times as one, without their pairs and worst rows. What a figure needs is added up when it is asked for: rules look each second, and
 * most of them at one figure. Use it before the windows change.
 */
export class SummedWindows {
  readonly #windows: readonly ErrorWindow[];
  #whole: ErrorWindow | undefined;

  /** @param windows - ascending. */
  constructor(windows: readonly ErrorWindow[]) {
    this.#windows = windows;
  }

  get predicted(): number {
    return this.#windows.reduce((sum, { predicted }) => sum + predicted, 0);
  }

  get labelled(): number {
    return this.#windows.reduce((sum, { labelled }) => sum + labelled, 0);
  }

  /** See `ErrorWindow.models`. */
  models(): ReturnType<ErrorWindow["models"]> {
    const sum = emptyWindow();
    for (const window of this.#windows) sum.addVersions(window);
    return sum.models();
  }

  /** See `ErrorWindow.errors`. */
  errors(): Errors {
    return this.#rows().errors();
  }

  /** See `ErrorWindow.intervals`. */
  intervals(): IntervalFigures {
    return this.#rows().intervals();
  }

  /** See `ErrorWindow.lag`. */
  lag(q: number): number {
    return this.#rows().lag(q);
  }

  /** See `ErrorWindow.lagAtLeast`. */
  lagAtLeast(q: number): number {
    return this.#rows().lagAtLeast(q);
  }

  #rows(): ErrorWindow {
    if (this.#whole !== undefined) return this.#whole;
    this.#whole = emptyWindow();
    for (const window of this.#windows) this.#whole.addRows(window);
    return this.#whole;
  }
}

function emptyWindow(): ErrorWindow {
  return new ErrorWindow("1m", 0);
}
