import { Deferred, MessageTooLargeError } from "@streamgauge/core";
import type { PredictedRows } from "./predict-rows.js";
import { groupedByMessage, predictionMessage, type PredictionMessage } from "./prediction-message.js";

interface Unsent {
  readonly predicted: PredictedRows;
  readonly sent: Deferred<void>;
}

/** Sends predictions, those that come in one turn of the event loop together: a batch of one-row messages is answered in one. */
export class PredictionOutbox {
  readonly #publish: (message: PredictionMessage) => Promise<void>;
  #unsent: Unsent[] = [];

  /** @param publish - resolves when the message is confirmed. */
  constructor(publish: (message: PredictionMessage) => Promise<void>) {
    this.#publish = publish;
  }

  /** Resolves when the predictions are confirmed. Rejects with what `publish` failed with. */
  send(predicted: PredictedRows): Promise<void> {
    const sent = new Deferred<void>();
    // A tick comes after all promises that are settled now: after every message of a batch.
    if (this.#unsent.length === 0) process.nextTick(() => this.#flush());
    this.#unsent.push({ predicted, sent });
    return sent.promise;
  }

  #flush(): void {
    const unsent = this.#unsent;
    this.#unsent = [];
    for (const group of groupedByMessage(unsent, ({ predicted }) => predicted)) void this.#send(group);
  }

  /** Sends one message. Never rejects. */
  async #send(group: readonly Unsent[]): Promise<void> {
    try {
      await this.#publish(predictionMessage(group.map(({ predicted }) => predicted)));
      for (const { sent } of group) sent.resolve();
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      // Predictions that went together need not share the fate of the largest.
      if (error instanceof MessageTooLargeError && group.length > 1) for (const one of group) void this.#send([one]);
      else for (const { sent } of group) sent.reject(error);
    }
  }
}
