import type { LogUpdate } from "./logged-rows.js";

const SHORTEST_INTERVAL_MS = 1_000;
/** The share of a processor's time that drawing takes at most: the rows have priority. */
const SHARE = 0.05;
const POLL_INTERVAL_MS = 5_000;
const LAST_TURN_MS = 5_000;

/** The work that a schedule triggers. */
export interface Redrawing {
  /** Reads what is new in the log. */
  readonly update: () => Promise<LogUpdate>;
  /** Each draws and writes a picture of what was read. */
  readonly pictures: readonly Draw[];
  /** The share of a processor's time that drawing takes at most; 0.05 by default. */
  readonly share?: number;
  /** By which drawings are measured, in ms: processor time by default, since a drawing that waits for a busy machine costs nothing. */
  readonly clock?: () => number;
  /** Called with every failed update or drawing; the next turn retries it. */
  readonly onError: (error: unknown) => void;
}

type Draw = () => Promise<void>;

/**
 * Redraws pictures when what they show has changed.
 *
 * A turn reads what is new and draws one picture: the one that has been out of date for longest, so that no drawing holds up the rows for long.
 * At first all are out of date. Turns follow a notice, but never sooner than a second after the turn before, nor before the last drawing is
 * within its share of the time; without notices they come every five seconds, since a notice may be missed. A log too long for one turn is
 * drawn as far as it was read. Turns never overlap.
 */
export class RedrawSchedule {
  readonly #redrawing: Redrawing;
  #turn: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #resting = false;
  #noticed = false;
  /** Out of date, the one that has been so for longest first. */
  readonly #outdated: Set<Draw>;
  #failed = false;
  #caughtUp = true;
  #drawingTook = 0;
  #closing: Promise<void> | undefined;

  constructor(redrawing: Redrawing) {
    this.#redrawing = redrawing;
    this.#outdated = new Set(redrawing.pictures);
  }

  /** Starts the first turn now. */
  start(): void {
    this.notice();
  }

  /** Something was logged. Cheap enough to be called for every message; does nothing after `close`. */
  notice(): void {
    this.#noticed = true;
    if (!this.#resting && this.#turn === undefined && this.#closing === undefined) this.#takeTurn();
  }

  /**
   * Waits for the current turn, reads the rest of the log and draws all pictures that are out of date: for about five seconds at most, but one
   * is drawn in any case. Does not reject: failures go to `onError`.
   */
  close(): Promise<void> {
    this.#closing ??= this.#takeLastTurn();
    return this.#closing;
  }

  #takeTurn(): void {
    clearTimeout(this.#timer);
    this.#noticed = false;
    this.#turn = this.#attempt(async () => {
      await this.#update();
      await this.#drawNext();
    }).then(() => {
      this.#turn = undefined;
      this.#rest();
    });
  }

  async #takeLastTurn(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#turn;
    const deadline = performance.now() + LAST_TURN_MS;
    await this.#attempt(async () => {
      do await this.#update();
      while (!this.#caughtUp && performance.now() < deadline);
    });
    let pictures = this.#outdated.size;
    do await this.#attempt(() => this.#drawNext());
    while (--pictures > 0 && performance.now() < deadline);
  }

  #rest(): void {
    if (this.#closing !== undefined) return;
    this.#resting = true;
    const { share = SHARE } = this.#redrawing;
    const rest = Math.max(SHORTEST_INTERVAL_MS, this.#drawingTook * (1 / share - 1));
    this.#timer = setTimeout(() => {
      this.#resting = false;
      const hasMore = !this.#caughtUp || (this.#outdated.size > 0 && !this.#failed);
      if (this.#noticed || hasMore) this.#takeTurn();
      else this.#timer = setTimeout(() => this.#takeTurn(), Math.max(0, POLL_INTERVAL_MS - rest));
    }, rest);
  }

  async #update(): Promise<void> {
    const { changed, caughtUp } = await this.#redrawing.update();
    if (changed) this.#markOutdated();
    this.#caughtUp = caughtUp;
  }

  /** Those that were out of date before stay in front. */
  #markOutdated(): void {
    for (const draw of this.#redrawing.pictures) this.#outdated.add(draw);
  }

  async #drawNext(): Promise<void> {
    const [draw] = this.#outdated;
    if (draw === undefined) return;
    // A picture that cannot be drawn is behind the others when it fails.
    this.#outdated.delete(draw);
    const { clock = processorTime } = this.#redrawing;
    const began = clock();
    await draw();
    this.#drawingTook = clock() - began;
  }

  async #attempt(action: () => Promise<void>): Promise<void> {
    try {
      await action();
      this.#failed = false;
    } catch (error) {
      this.#failed = true;
      // A failure may come after rows were read, so the pictures may be out of date.
      this.#markOutdated();
      this.#redrawing.onError(error);
    }
  }
}

/** What this process has taken of its processors, in ms. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
