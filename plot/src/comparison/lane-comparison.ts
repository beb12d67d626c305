import { CHAMPION, LanePartition } from "@streamgauge/core";
import { lanePaths, LaneTail, type LogLines } from "@streamgauge/core/metric-log";
import type { LogUpdate } from "../logged-rows.js";
import { Comparison, type ComparisonSummary } from "./comparison.js";
import { PairJoin, type LaneSide } from "./pair-join.js";

/** Chunks read from one log before switching to the other, so that few rows wait for their partner. */
const CHUNKS_IN_TURN = 4;
const TURNS_PER_UPDATE = 32;

/** The paths of the logs that are compared: the champion's, and those of a lane beside it. @param partitions - of each lane. */
export function comparedLogs(logsDir: string, lane: string, partitions: number): readonly [champion: string[], challenger: string[]] {
  const logsOf = (name: string) => LanePartition.all(name, partitions).map((partition) => lanePaths(logsDir, partition).log);
  return [logsOf(CHAMPION), logsOf(lane)];
}

/** Compares the logs of two lanes, and goes on while they grow. */
export class LaneComparison {
  readonly #tails: Readonly<Record<LaneSide, LaneTail>>;
  #comparison = new Comparison();
  #join: PairJoin;

  readonly #mostWaiting: number | undefined;

  /** @param champion - paths of the champion's logs. @param challenger - of the other. @param onMissing - see `LaneTail`. @param mostWaiting - see `PairJoin`. */
  constructor(champion: readonly string[], challenger: readonly string[], onMissing?: (path: string) => void, mostWaiting?: number) {
    this.#tails = { champion: new LaneTail(champion, onMissing), challenger: new LaneTail(challenger, onMissing) };
    this.#mostWaiting = mostWaiting;
    this.#join = this.#newJoin();
  }

  #newJoin(): PairJoin {
    return new PairJoin((pair) => this.#comparison.add(pair), this.#mostWaiting);
  }

  /** Reads what was appended to either log. One call at a time. @throws LogUnreadableError */
  async update(): Promise<LogUpdate> {
    let changed = false;
    for (let turn = 0; turn < TURNS_PER_UPDATE; turn += 1) {
      const champion = await this.#readOn("champion");
      // Its partners are behind rows that the champion logged before there was a challenger.
      const waits = champion === "more" && this.#join.hasEnough("challenger");
      const challenger = waits ? "more" : await this.#readOn("challenger");
      if (champion === "startedOver" || challenger === "startedOver") return this.#startOver();
      changed ||= champion !== "nothing" || challenger !== "nothing";
      if (champion !== "more" && challenger !== "more") return { changed, caughtUp: true };
    }
    return { changed, caughtUp: false };
  }

  /** Reads some chunks of a log. */
  async #readOn(side: LaneSide): Promise<"nothing" | "all" | "more" | "startedOver"> {
    for (let chunk = 0; chunk < CHUNKS_IN_TURN; chunk += 1) {
      const batch = await this.#tails[side].next();
      if (batch === undefined) return chunk === 0 ? "nothing" : "all";
      if (batch.startedOver) return "startedOver";
      this.#add(side, batch);
      if (batch.reachedEnd) return "all";
    }
    return "more";
  }

  #add(side: LaneSide, { ids, yTrue, absoluteErrors }: LogLines): void {
    for (let i = 0; i < ids.length; i += 1) {
      this.#join.add(side, { id: ids.at(i), yTrue: yTrue[i] ?? Number.NaN, absoluteError: absoluteErrors[i] ?? Number.NaN });
    }
  }

  /** Restarts both logs from the beginning after one was replaced. */
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
