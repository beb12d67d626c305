import type { LogUpdate } from "./logged-errors.js";

const SHORTEST_INTERVAL_MS = 1_000;
/** The pause after a drawing, as a multiple of its duration: the rows have priority for the processor. */
const REST = 19;
const POLL_INTERVAL_MS = 5_000;
const LAST_CATCH_UP_MS = 5_000;

/** The work that a schedule triggers. */
export interface Redrawing {
  /** Reads what is new in the log. */
  readonly update: () => Promise<LogUpdate>;
  /** Draws and writes the picture of what was read. */
  readonly draw: () => Promise<void>;
  /** Called with every failed update or drawing; the next turn retries it. */
  readonly onError: (error: unknown) => void;
}

/**
 * Redraws a picture when its log has grown.
 *
 * A turn reads what is new and draws if anything is; the first one always draws. Turns follow a notice, but never sooner
 * than a second after the turn before or nineteen times what its drawing took, and without notices every five seconds, since a notice may be missed. A log too
 * long for one turn is drawn as far as it was read, once a second. Turns never overlap.
 */
export class RedrawSchedule {
  readonly #redrawing: Redrawing;
  #turn: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #resting = false;
  #noticed = false;
  #outdated = true;
  #caughtUp = true;
  #drawingTook = 0;
  #closing: Promise<void> | undefined;

  constructor(redrawing: Redrawing) {
    this.#redrawing = redrawing;
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
   * Waits for the current turn, reads the rest of the log (for at most five seconds) and draws it, if anything is new.
   * Does not reject: failures go to `onError`.
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
      await this.#drawOutdated();
    }).then(() => {
      this.#turn = undefined;
      this.#rest();
    });
  }

  async #takeLastTurn(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#turn;
    const deadline = performance.now() + LAST_CATCH_UP_MS;
    await this.#attempt(async () => {
      do await this.#update();
      while (!this.#caughtUp && performance.now() < deadline);
      await this.#drawOutdated();
    });
  }

  #rest(): void {
    if (this.#closing !== undefined) return;
    this.#resting = true;
    const rest = Math.max(SHORTEST_INTERVAL_MS, REST * this.#drawingTook);
    this.#timer = setTimeout(() => {
      this.#resting = false;
      if (this.#noticed || !this.#caughtUp) this.#takeTurn();
      else this.#timer = setTimeout(() => this.#takeTurn(), Math.max(0, POLL_INTERVAL_MS - rest));
    }, rest);
  }

  async #update(): Promise<void> {
    const { changed, caughtUp } = await this.#redrawing.update();
    this.#outdated ||= changed;
    this.#caughtUp = caughtUp;
  }

  async #drawOutdated(): Promise<void> {
    if (!this.#outdated) return;
    const began = performance.now();
    await this.#redrawing.draw();
    this.#drawingTook = performance.now() - began;
    this.#outdated = false;
  }

  async #attempt(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      // A failure may come after rows were read, so the picture may be out of date.
      this.#outdated = true;
      this.#redrawing.onError(error);
    }
  }
}
