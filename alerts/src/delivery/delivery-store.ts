import { existsSync, readFileSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { BackOff, Deferred, errorText, replaceFile, SavedValueError, syncFolder, type Logger } from "@streamgauge/core";
import type { Deliveries } from "./deliveries.js";
import { DELIVERIES_FORMAT, type SavedDeliveries } from "./saved-deliveries.js";

/** What was saved; undefined if nothing was. A damaged file is set aside, and the log says so. @throws LaterVersionError */
export function readDeliveries(path: string, log: Logger): SavedDeliveries | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return DELIVERIES_FORMAT.read(readFileSync(path, "utf8"));
  } catch (error) {
    if (!(error instanceof SavedValueError)) throw error;
    const aside = `${path}.damaged-${Date.now()}`;
    renameSync(path, aside);
    log.error(`${error.message}. It is kept as ${aside}; alerts that waited for a receiver are in the file of alerts only.`);
    return undefined;
  }
}

/** Keeps deliveries on disk. Changes that come together share one write. */
export class DeliveryStore {
  readonly #path: string;
  readonly #deliveries: Deliveries;
  readonly #log: Logger;
  readonly #closing = new AbortController();
  #next: Deferred<boolean> | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(path: string, deliveries: Deliveries, log: Logger) {
    this.#path = path;
    this.#deliveries = deliveries;
    this.#log = log;
  }

  /** Resolves with true when all changes so far are on disk; with false if it is to close first. A full disk is waited for. */
  save(): Promise<boolean> {
    if (this.#next === undefined) {
      const saved = new Deferred<boolean>();
      this.#next = saved;
      this.#work = this.#work.then(() => this.#write(saved));
    }
    return this.#next.promise;
  }

  async #write(done: Deferred<boolean>): Promise<void> {
    // Those who ask from here on need another write. Those who asked in this turn of the event loop share this one.
    await new Promise((resolve) => setImmediate(resolve));
    const backOff = new BackOff(200, 10_000);
    let said = "";
    for (;;) {
      this.#next = undefined;
      try {
        replaceFile(this.#path, DELIVERIES_FORMAT.write(this.#deliveries.saved()));
        syncFolder(dirname(this.#path));
        if (said !== "") this.#log.info("The state of alerts can be written again.");
        done.resolve(true);
        return;
      } catch (error) {
        const reason = errorText(error);
        if (reason !== said)
          this.#log.error(
            `The state of alerts cannot be written (${reason}): make room or mend the rights. Alerts stay in their queue meanwhile.`,
          );
        said = reason;
      }
      await backOff.wait(this.#closing.signal);
      if (this.#closing.signal.aborted) {
        done.resolve(false);
        return;
      }
    }
  }

  /** From now on a write that fails is not tried again. */
  stopRetrying(): void {
    this.#closing.abort();
  }

  /** Resolves when nothing is written any more. */
  async close(): Promise<void> {
    this.stopRetrying();
    await this.#work;
  }
}
