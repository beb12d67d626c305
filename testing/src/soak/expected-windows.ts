const MINUTE_MS = 60_000;

/** A window as `/windows` and `streamgauge windows --json` give it. */
export interface ReadWindow {
  readonly start: string;
  readonly predicted: number;
  readonly labelled: number;
  readonly corrected: number;
  readonly mae: number | null;
}

/** Sums of float32 predictions that were scored in other batches differ in their last bits. */
const TOLERANCE = 1e-5;

/** What windows must hold: counted here row by row, when it is sent, by the minute in which it happened. */
export class ExpectedWindows {
  /** ms since 1970, a full hour. */
  readonly #from: number;
  readonly #rows: Float64Array;
  readonly #unlabelled: Float64Array;
  readonly #corrected: Float64Array;
  readonly #errors: Float64Array;

  /** @param from - the first moment, ms since 1970, a full hour. */
  constructor(from: number, minutes: number) {
    this.#from = from;
    this.#rows = new Float64Array(minutes);
    this.#unlabelled = new Float64Array(minutes);
    this.#corrected = new Float64Array(minutes);
    this.#errors = new Float64Array(minutes);
  }

  /** @param at - when the row happened, ms since 1970. @param absoluteError - by the label that is in force in the end. */
  add(at: number, absoluteError: number, isCorrected = false): void {
    const minute = this.#minuteOf(at);
    this.#rows[minute] = (this.#rows[minute] ?? 0) + 1;
    this.#errors[minute] = (this.#errors[minute] ?? 0) + absoluteError;
    if (isCorrected) this.#corrected[minute] = (this.#corrected[minute] ?? 0) + 1;
  }

  /** A row that is predicted, and whose label never comes. @param at - when it happened, ms since 1970. */
  addUnlabelled(at: number): void {
    const minute = this.#minuteOf(at);
    this.#unlabelled[minute] = (this.#unlabelled[minute] ?? 0) + 1;
  }

  #minuteOf(at: number): number {
    const minute = Math.floor((at - this.#from) / MINUTE_MS);
    if (minute < 0 || minute >= this.#rows.length) throw new RangeError(`${new Date(at).toISOString()} is not within the run.`);
    return minute;
  }

  /** Compares windows of some minutes from `from` to before `to`, both ms since 1970. @returns a sentence for each that is wrong or missing. */
  problems(windows: readonly ReadWindow[], minutes: number, from: number, to: number): string[] {
    const byStart = new Map(windows.map((window) => [Date.parse(window.start), window]));
    const problems: string[] = [];
    for (let start = from; start < to; start += minutes * MINUTE_MS) {
      const expected = this.#sum(start, minutes);
      const window = byStart.get(start);
      const said = `The window of ${minutes} min from ${new Date(start).toISOString()}`;
      if (expected.predicted === 0) continue;
      if (window === undefined) problems.push(`${said} is missing.`);
      else if (!isRight(window, expected))
        problems.push(`${said} is ${JSON.stringify(short(window))}, and must be ${JSON.stringify(expected)}.`);
    }
    return problems;
  }

  #sum(start: number, minutes: number): Figures {
    const first = (start - this.#from) / MINUTE_MS;
    const sum = (values: Float64Array) => values.subarray(first, first + minutes).reduce((all, value) => all + value, 0);
    const labelled = sum(this.#rows);
    return {
      predicted: labelled + sum(this.#unlabelled),
      labelled,
      corrected: sum(this.#corrected),
      mae: labelled === 0 ? null : sum(this.#errors) / labelled,
    };
  }
}

type Figures = Omit<ReadWindow, "start">;

function isRight({ predicted, labelled, corrected, mae }: ReadWindow, expected: Figures): boolean {
  const near = expected.mae === null ? mae === null : Math.abs((mae ?? Number.NaN) - expected.mae) <= TOLERANCE * expected.mae;
  return near && predicted === expected.predicted && labelled === expected.labelled && corrected === expected.corrected;
}

function short({ predicted, labelled, corrected, mae }: ReadWindow): Figures {
  return { predicted, labelled, corrected, mae };
}
