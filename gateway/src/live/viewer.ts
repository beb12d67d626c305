import { Readable } from "node:stream";
import type { EventLog } from "./event-log.js";

/** When a browser connects again after it lost the gateway, in ms. */
const RETRY_MS = 1_000;

/**
 * The events of a log as one client reads them: `text/event-stream`, all that are new in one write. A client that is slow gets the next
 * ones when it has taken the last, so what waits for it is never more than what the log keeps, or one snapshot.
 */
export class Viewer {
  readonly stream: Readable;
  readonly #log: EventLog;
  #at: number | undefined;
  #wants = false;
  #ended = false;

  /** @param lastEventId - of the event that the client saw last. @param onClose - called once, when the client has gone. */
  constructor(log: EventLog, lastEventId: string | undefined, onClose: (viewer: Viewer) => void) {
    this.#log = log;
    this.#at = lastEventId === undefined ? undefined : log.numberOf(lastEventId);
    this.stream = new Readable({
      read: () => {
        this.#wants = !this.#ended;
        this.pump();
      },
      destroy: (error, done) => {
        onClose(this);
        done(error);
      },
    });
    // Sends the headers at once.
    this.stream.push(`retry: ${RETRY_MS}\n\n`);
  }

  /** Sends the events that the client does not have, as long as it takes them. */
  pump(): void {
    while (this.#wants && this.#at !== this.#log.last) {
      const { n, bytes } = this.#log.after(this.#at);
      this.#at = n;
      if (bytes.length > 0) this.#wants = this.stream.push(bytes);
    }
  }

  /** Keeps the connection alive: proxies close silent ones. */
  beat(): void {
    if (this.#wants) this.#wants = this.stream.push(": still here\n\n");
  }

  /** Ends the answer: the client connects again by itself. */
  end(): void {
    if (this.#ended || this.stream.destroyed) return;
    this.#ended = true;
    this.#wants = false;
    this.stream.push(null);
  }
}
