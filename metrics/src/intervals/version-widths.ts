import { CellCounts, DecayedCells, type SavedDecayedCells, type SignedValue } from "@streamgauge/core/windows";
import { packDoubles, unpackDoubles } from "../state/packed-doubles.js";
import { Announcements } from "./announcements.js";
import { Dtaci } from "./dtaci.js";

/** Without so many labels of a version there is no width. */
export const LEAST_LABELS = 100;
/** The half-life of an error: rows, and commits if these hold more rows. */
const HALF_LIFE = { rows: 250, commits: 4 } as const;
/** The least time between two announcements, in ms. */
const ANNOUNCE_MS = 20;

/** What is kept of the widths of a version. */
export interface SavedVersionWidths {
  readonly model: string;
  readonly labelled: number;
  /** See `Dtaci`; packed. */
  readonly alphas: string;
  readonly weights: string;
  readonly cells: SavedDecayedCells;
  /** See `Announcements`. */
  readonly announced: string;
}

/** Rows of one commit that had the same announcement. */
class RowsOfAnnouncement {
  /** Undefined if it is not known. */
  alphas: Float64Array | undefined;
  readonly counts = new CellCounts();
}

/**
 * The half width of the intervals of one model version: a quantile of its recent |e|, at a level that follows how many of the announced intervals held the label. All of it follows from the
 * rows in the order of the log, the widths that they were predicted with, and the commits.
 */
export class VersionWidths {
  readonly #dtaci: Dtaci;
  readonly #cells = new DecayedCells();
  readonly #announcements = new Announcements();
  /** Used again by each commit. */
  readonly #groups: RowsOfAnnouncement[] = [];
  #used = 0;
  #labelled = 0;
  /** The group of the last row, and how that row was predicted. */
  #group: RowsOfAnnouncement | undefined;
  #halfWidth = Number.NaN;
  #predictedAt = Number.NaN;

  /** @param coverage - the share of rows whose interval is to hold the label. */
  constructor(coverage: number) {
    this.#dtaci = new Dtaci(1 - coverage);
  }

  /** A labelled row. @param halfWidth - announced with its prediction; NaN if none was. @param predictedAt - when that came in, ms since 1970. */
  add(error: SignedValue, halfWidth: number, predictedAt: number): void {
    let group = this.#group;
    if (
      group === undefined ||
      (halfWidth !== this.#halfWidth && !(Number.isNaN(halfWidth) && Number.isNaN(this.#halfWidth))) ||
      predictedAt !== this.#predictedAt
    ) {
      group = this.#groupOf(halfWidth, predictedAt);
      this.#group = group;
      this.#halfWidth = halfWidth;
      this.#predictedAt = predictedAt;
    }
    group.counts.add(error);
  }

  #groupOf(halfWidth: number, predictedAt: number): RowsOfAnnouncement {
    const alphas = this.#announcements.alphasOf(halfWidth, predictedAt);
    for (let i = 0; i < this.#used; i += 1) {
      const group = this.#groups[i];
      if (group?.alphas === alphas && group !== undefined) return group;
    }
    const group = (this.#groups[this.#used] ??= new RowsOfAnnouncement());
    this.#used += 1;
    group.alphas = alphas;
    return group;
  }

  /** Ends a commit: learns from its rows, and announces a width if there is one. @param now - ms since 1970. */
  endCommit(now: number): void {
    if (this.#used === 0) return;
    const groups = this.#groups.slice(0, this.#used);
    const errors = groups.map(({ counts }) => counts.entries());
    if (this.#labelled >= LEAST_LABELS)
      for (const [i, { cells, counts }] of errors.entries())
        this.#dtaci.step({ betas: this.#cells.sharesFrom(cells), counts }, groups[i]?.alphas);
    const rows = groups.reduce((sum, { counts }) => sum + counts.count, 0);
    this.#cells.add(errors, 2 ** -Math.min(rows / HALF_LIFE.rows, 1 / HALF_LIFE.commits));
    this.#labelled += rows;
    for (const { counts } of groups) counts.clear();
    this.#used = 0;
    this.#group = undefined;
    this.#announce(now);
  }

  #announce(now: number): void {
    const { latestAt } = this.#announcements;
    if (this.#labelled < LEAST_LABELS || (now >= latestAt && now < latestAt + ANNOUNCE_MS)) return;
    const halfWidth = this.#cells.quantile(1 - this.#dtaci.alpha);
    // An interval without ends says nothing.
    if (Number.isFinite(halfWidth)) this.#announcements.add(now, halfWidth, this.#dtaci.alphas);
  }

  /** The half width that was announced last; undefined if none was. */
  get halfWidth(): number | undefined {
    return this.#announcements.halfWidth;
  }

  /** Another share is wanted from now on: the level begins anew. */
  static withCoverage(saved: SavedVersionWidths, coverage: number): VersionWidths {
    const widths = new VersionWidths(coverage);
    widths.#labelled = saved.labelled;
    widths.#cells.restore(saved.cells);
    return widths;
  }

  /** @returns what `save` returned, to the last bit. */
  static of(saved: SavedVersionWidths, coverage: number): VersionWidths {
    const widths = VersionWidths.withCoverage(saved, coverage);
    unpackDoubles(saved.alphas, widths.#dtaci.alphas);
    unpackDoubles(saved.weights, widths.#dtaci.weights);
    widths.#announcements.restore(saved.announced);
    return widths;
  }

  save(model: string): SavedVersionWidths {
    const { alphas, weights } = this.#dtaci;
    return {
      model,
      labelled: this.#labelled,
      alphas: packDoubles(alphas),
      weights: packDoubles(weights),
      cells: this.#cells.save(),
      announced: this.#announcements.save(),
    };
  }
}
