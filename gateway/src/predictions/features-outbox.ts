import { activeSpans, Deferred, FEATURES, MessageTooLargeError, type TraceSpan } from "@streamgauge/core";
import type { Publisher } from "../ingress/publisher.js";
import type { Asked } from "./accepted.js";
import { featureMessages } from "./feature-messages.js";

/** The rows of one request. */
interface Unsent {
  readonly rows: readonly Asked[];
  readonly sent: Deferred<void>;
  /** The request, if it is traced. */
  readonly spans: readonly TraceSpan[];
}

/** Rows of several requests that share a message. */
const MOST_ROWS = 2_048;

/**
 * Sends rows to be scored. Requests with the same features that come in one turn of the event loop share a message: one that is alone does
 * not wait, and many at once cost the pipeline few messages.
 */
export class FeaturesOutbox {
  readonly #publisher: Publisher;
  #unsent: Unsent[] = [];

  constructor(publisher: Publisher) {
    this.#publisher = publisher;
  }

  /**
   * Resolves when the rows are confirmed. Rejects with what `Publisher.publish` failed with.
   *
   * @param rows - all with the same features by name.
   */
  send(rows: readonly Asked[]): Promise<void> {
    if (rows.length === 0) return Promise.resolve();
    const sent = new Deferred<void>();
    if (this.#unsent.length === 0) setImmediate(() => this.#flush());
    this.#unsent.push({ rows, sent, spans: activeSpans() });
    return sent.promise;
  }

  #flush(): void {
    const unsent = this.#unsent;
    this.#unsent = [];
    for (const together of groupedByMessage(unsent)) void this.#send(together);
  }

  /** Sends one message. Never rejects. */
  async #send(together: readonly Unsent[]): Promise<void> {
    try {
      const rows = together.flatMap((one) => one.rows);
      const spans = together.flatMap((one) => one.spans);
      const messages = featureMessages(rows, Date.now());
      await Promise.all(messages.map((message) => this.#publisher.publish(FEATURES, spans.length === 0 ? message : { ...message, spans })));
      for (const { sent } of together) sent.resolve();
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      // Requests that go together need not share the fate of the largest.
      if (error instanceof MessageTooLargeError && together.length > 1) for (const one of together) void this.#send([one]);
      else for (const { sent } of together) sent.reject(error);
    }
  }
}

function groupedByMessage(unsent: readonly Unsent[]): Unsent[][] {
  const groups: Unsent[][] = [];
  const open = new Map<string, { readonly group: Unsent[]; rows: number }>();
  for (const one of unsent) {
    const names = Object.keys(one.rows[0]?.features ?? {}).join("\0");
    let current = open.get(names);
    if (current === undefined || current.rows + one.rows.length > MOST_ROWS) {
      current = { group: [], rows: 0 };
      open.set(names, current);
      groups.push(current.group);
    }
    current.group.push(one);
    current.rows += one.rows.length;
  }
  return groups;
}
