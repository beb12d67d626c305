import { settlesWithin } from "@streamgauge/core";
import type { Database } from "../store/database.js";

/** The limit of waiting predictions is reached. */
export class TooManyPendingError extends Error {
  override readonly name = "TooManyPendingError";

  constructor() {
    super(`${MAX_PENDING} predictions wait for their answers already: try again later.`);
  }
}

/** What holds rows in memory. */
export interface RowHolder {
  /** The number of rows without an answer. */
  readonly waiting: number;
  /** The number of rows that are not in the database. */
  readonly unstored: number;
  /** Resolves when the next of these rows are stored, or given up. */
  readonly released: Promise<void>;
}

const MAX_PENDING = 100_000;
/** How long a request waits until there is room for its rows, in ms. */
const ROOM_WITHIN_MS = 10_000;

/** Bounds the rows that are held in memory, together. */
export class Room {
  readonly #database: Database;
  readonly #holders: () => readonly RowHolder[];

  /** @param holders - all who hold rows, as they are now. */
  constructor(database: Database, holders: () => readonly RowHolder[]) {
    this.#database = database;
    this.#holders = holders;
  }

  /** The number of rows without an answer. */
  get waiting(): number {
    return this.#holders().reduce((sum, { waiting }) => sum + waiting, 0);
  }

  get #unstored(): number {
    return this.#holders().reduce((sum, { unstored }) => sum + unstored, 0);
  }

  /** Waits for the database if it only has to catch up: its pace is that of who asks. @throws TooManyPendingError */
  async require(rows: number): Promise<void> {
    const deadline = performance.now() + ROOM_WITHIN_MS;
    while (this.waiting + rows <= MAX_PENDING) {
      if (this.#unstored + rows <= MAX_PENDING) return;
      const released = Promise.race(this.#holders().map((holder) => holder.released));
      if (this.#database.isAway || !(await settlesWithin(deadline - performance.now(), released))) break;
    }
    throw new TooManyPendingError();
  }
}
