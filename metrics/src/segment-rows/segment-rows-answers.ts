import {
  METRICS_EXCHANGE,
  readSegmentRowsRequest,
  writeSegmentRows,
  type Bus,
  type Delivery,
  type FoundRows,
  type LanePartition,
  type Logger,
  type SegmentRowsRequest,
} from "@streamgauge/core";
import type { LanePaths } from "@streamgauge/core/metric-log";
import type { OpenJoin } from "../join/open-join.js";
import { openCommittedLines } from "./committed-lines.js";
import { searchRows } from "./search-rows.js";

/** Requests that wait while another one is answered. Those beyond it get no answer: who asks says so, and asks again. */
const MOST_WAITING = 16;

/** Metrics ended, or its state was opened anew, while rows were searched. */
class SearchEndedError extends Error {
  override readonly name = "SearchEndedError";
}

/** Answers requests for rows of segments from what is committed, one after another and some lines at a time. */
export class SegmentRowsAnswers {
  readonly #bus: Bus;
  readonly #log: Logger;
  readonly #partition: LanePartition;
  readonly #paths: LanePaths;
  readonly #join: () => OpenJoin | undefined;
  readonly #waiting: SegmentRowsRequest[] = [];
  #isBusy = false;

  /** @param join - the current join; undefined while it does not run. */
  constructor(bus: Bus, log: Logger, partition: LanePartition, paths: LanePaths, join: () => OpenJoin | undefined) {
    this.#bus = bus;
    this.#log = log;
    this.#partition = partition;
    this.#paths = paths;
    this.#join = join;
  }

  onRequest(delivery: Pick<Delivery, "type" | "body">): void {
    const asked = readSegmentRowsRequest(delivery);
    if (asked?.lane !== this.#partition.lane || this.#waiting.length >= MOST_WAITING) return;
    this.#waiting.push(asked);
    if (!this.#isBusy) void this.#answerAll();
  }

  async #answerAll(): Promise<void> {
    this.#isBusy = true;
    for (let asked = this.#waiting.shift(); asked !== undefined; asked = this.#waiting.shift()) {
      try {
        await this.#answer(asked);
      } catch (error) {
        if (!(error instanceof SearchEndedError)) this.#log.warn(error, "Rows of a segment could not be read.");
      }
    }
    this.#isBusy = false;
  }

  async #answer(asked: SegmentRowsRequest): Promise<void> {
    const { rows, ...counts } = await this.#found(asked);
    const { lane, name: partition } = this.#partition;
    const answer = { request: asked.request, lane, partition, ...counts, rows: rows.map((row) => ({ ...row, codes: [...row.codes] })) };
    this.#bus.broadcast(METRICS_EXCHANGE, writeSegmentRows(answer));
  }

  async #found({ from, to, ...asked }: SegmentRowsRequest): Promise<FoundRows> {
    const { state } = this.#running();
    const lines = openCommittedLines(this.#paths, state.store, (line) => state.log.markBefore(line));
    if (lines === undefined) return { rows: [], count: 0, lookedAt: 0, isWhole: true };
    try {
      return await searchRows(lines, { ...asked, from: from ?? -Infinity, to: to ?? Infinity }, () => this.#pause());
    } finally {
      lines.close();
    }
  }

  async #pause(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#running();
  }

  /** @throws SearchEndedError */
  #running(): OpenJoin {
    const join = this.#join();
    if (join === undefined) throw new SearchEndedError("Metrics does not run.");
    return join;
  }
}
