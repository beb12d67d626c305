import type { Writable } from "node:stream";
import type { EventLog } from "./event-log.js";

/** When a browser connects again after it lost the gateway, in ms. */
const RETRY_MS = 1_000;

/**
 * The events of a log as one client reads them: `text/event-stream`, all that are new in one write. A client that is slow gets the next
 * ones when it has taken the last, so what waits for it is never more than what the log keeps, or one snapshot.
 */
export class Viewer {
  readonly #log: EventLog;
  readonly #to: Writable;
  #at: number | undefined;
  /** Whether the client has not taken what was written. */
  #isFull = false;
  #ended = false;

  /** @param lastEventId - of the event that the client saw last. @param to - what is written here, the client reads. @param onClose - called once, when it has gone. */
  constructor(log: EventLog, lastEventId: string | undefined, to: Writable, onClose: (viewer: Viewer) => void) {
    this.#log = log;
    this.#at = lastEventId === undefined ? undefined : log.numberOf(lastEventId);
    this.#to = to;
    to.on("drain", () => {
      this.#isFull = false;
      this.pump();
    });
    to.once("close", () => {
      this.#ended = true;
      onClose(this);
    });
    // Sends the headers at once.
    this.#isFull = !to.write(`retry: ${RETRY_MS}\n\n`);
    this.pump();
  }

  get #takes(): boolean {
    return !this.#isFull && !this.#ended && !this.#to.destroyed;
  }

  /** Sends the events that the client does not have, as long as it takes them. */
  pump(): void {
    while (this.#takes && this.#at !== this.#log.last) {
      const { n, bytes } = this.#log.after(this.#at);
      this.#at = n;
      if (bytes.length > 0) this.#isFull = !this.#to.write(bytes);
    }
  }

  /** Keeps the connection alive: proxies close silent ones, and a client takes one for dead. No id: it is no part of the log. */
  beat(): void {
    if (this.#takes) this.#isFull = !this.#to.write("event: beat\ndata: {}\n\n");
  }

  /** Ends the answer: the client connects again by itself. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#to.end();
  }
}
