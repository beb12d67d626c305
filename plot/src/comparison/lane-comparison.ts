import type { LogUpdate } from "../logged-errors.js";
import { LogTail } from "../log-tail.js";
import { Comparison, type ComparisonSummary } from "./comparison.js";
import { PairJoin, type LaneSide } from "./pair-join.js";
import { parseLogRows, type ParsedRows } from "./parse-log-rows.js";

/** Chunks that are read of one log before the other has its turn: what waits for its partner stays little. */
const CHUNKS_IN_TURN = 4;
const TURNS_PER_UPDATE = 32;
const NO_ROWS: ParsedRows = { rows: [], malformed: 0 };

/** Compares the logs of two lanes, and goes on while they grow. */
export class LaneComparison {
  readonly #tails: Readonly<Record<LaneSide, LogTail<ParsedRows>>>;
  #comparison = new Comparison();
  #join = this.#newJoin();

  /** @param champion - path of the champion's log. @param challenger - of the other. */
  constructor(champion: string, challenger: string) {
    const tailOf = (path: string) => new LogTail(path, { parse: parseLogRows, nothing: NO_ROWS });
    this.#tails = { champion: tailOf(champion), challenger: tailOf(challenger) };
  }

  #newJoin(): PairJoin {
    return new PairJoin((pair) => this.#comparison.add(pair));
  }

  /** Reads what was appended to either log. One call at a time. @throws LogUnreadableError */
  async update(): Promise<LogUpdate> {
    let changed = false;
    for (let turn = 0; turn < TURNS_PER_UPDATE; turn += 1) {
      let more = false;
      for (const side of ["champion", "challenger"] as const) {
        for (let chunk = 0; chunk < CHUNKS_IN_TURN; chunk += 1) {
          const batch = await this.#tails[side].next();
          if (batch === undefined) break;
          if (batch.startedOver) return this.#startOver();
          for (const row of batch.rows) this.#join.add(side, row);
          changed = true;
          if (batch.reachedEnd) break;
          if (chunk === CHUNKS_IN_TURN - 1) more = true;
        }
      }
      if (!more) return { changed, caughtUp: true };
    }
    return { changed, caughtUp: false };
  }

  /** A log was replaced: both are read again from their starts. */
  #startOver(): LogUpdate {
    for (const tail of Object.values(this.#tails)) tail.rewind();
    this.#comparison = new Comparison();
    this.#join = this.#newJoin();
    return { changed: true, caughtUp: false };
  }

  summary(): ComparisonSummary & { readonly missed: number } {
    return { ...this.#comparison.summary(), missed: this.#join.missed };
  }
}
