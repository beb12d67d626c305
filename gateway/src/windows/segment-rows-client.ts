import { randomUUID } from "node:crypto";
import {
  LanePartition,
  METRICS_EXCHANGE,
  readSegmentRows,
  WINDOW_REQUESTS_EXCHANGE,
  writeSegmentRowsRequest,
  type Bus,
  type Closable,
  type Delivery,
  type FoundRows,
  type SegmentRowsAnswer,
  type SegmentRowsRequest,
  type Subscription,
} from "@streamgauge/core";

/** How long an answer is waited for, in ms: metrics looks at two million lines in one or two seconds. */
const ANSWERED_WITHIN_MS = 5_000;

/** Rows of a segment as the partitions of its lane found them. */
export interface AnsweredRows {
  /** By partition; empty if no metrics of the lane answered. */
  readonly found: ReadonlyMap<string, FoundRows>;
  /** Partitions that did not answer. */
  readonly unanswered: readonly string[];
}

interface Question {
  readonly lane: string;
  readonly found: Map<string, FoundRows>;
  readonly end: () => void;
}

/** Asks metrics for rows of segments: it has the log, which may be on another machine. */
export class SegmentRowsClient implements Closable {
  readonly #bus: Bus;
  readonly #answeredWithinMs: number;
  readonly #questions = new Map<string, Question>();
  #subscription: Subscription | undefined;

  constructor(bus: Bus, answeredWithinMs: number = ANSWERED_WITHIN_MS) {
    this.#bus = bus;
    this.#answeredWithinMs = answeredWithinMs;
  }

  async start(): Promise<void> {
    this.#subscription = await this.#bus.subscribe(METRICS_EXCHANGE, "gateway-segment-rows", (delivery) => this.#onNotice(delivery));
  }

  /** Resolves when all partitions of the lane have answered, or after a while. */
  async ask(asked: Omit<SegmentRowsRequest, "request">): Promise<AnsweredRows> {
    const request = randomUUID();
    const found = new Map<string, FoundRows>();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#answeredWithinMs);
      const end = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#questions.set(request, { lane: asked.lane, found, end });
      this.#bus.broadcast(WINDOW_REQUESTS_EXCHANGE, writeSegmentRowsRequest({ ...asked, request }));
    });
    this.#questions.delete(request);
    return { found, unanswered: unansweredOf(asked.lane, found) };
  }

  #onNotice(delivery: Delivery): void {
    const answer = readSegmentRows(delivery);
    const question = answer === undefined ? undefined : this.#questions.get(answer.request);
    if (answer === undefined || question?.lane !== answer.lane) return;
    question.found.set(answer.partition, foundIn(answer));
    if (unansweredOf(question.lane, question.found).length === 0) question.end();
  }

  /** Ends the waiting of all who asked. */
  async close(): Promise<void> {
    for (const { end } of this.#questions.values()) end();
    await this.#subscription?.close();
  }
}

function foundIn({ rows, count, lookedAt, isWhole }: SegmentRowsAnswer): FoundRows {
  return { rows, count, lookedAt, isWhole };
}

/** The partitions of the lane that are missing, as one that answered says. */
function unansweredOf(lane: string, found: ReadonlyMap<string, FoundRows>): string[] {
  const [one] = found.keys();
  const all = one === undefined ? undefined : LanePartition.beside(lane, one);
  return (all ?? []).map(({ name }) => name).filter((name) => !found.has(name));
}
