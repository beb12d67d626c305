import { alertKey, type Alert } from "@streamgauge/core";
import { recentOf, type Waiting } from "./next-step.js";
import type { SavedDeliveries } from "./saved-deliveries.js";

/** The most alerts that wait for one receiver. Of more the oldest are left out: they are in the file of alerts. */
export const MAX_WAITING = 1_000;
/** How many alerts are known if they come again. */
const MAX_SEEN = 2_000;
/** Pauses before an alert that the receiver refused is sent again. */
const REFUSED_MS = { first: 60_000, most: 60 * 60 * 1000 };

/** What one receiver still has to get. */
interface Progress {
  waiting: readonly Waiting[];
  sent: readonly number[];
  skipped: number;
}

/** Which alert each receiver has got: pure bookkeeping, restored from what was saved. */
export class Deliveries {
  readonly #alerts = new Map<string, Alert>();
  /** By fingerprint. */
  readonly #firing = new Map<string, Alert>();
  readonly #seen = new Set<string>();
  readonly #progress = new Map<string, Progress>();

  /**
   * @param receivers - ids. A new one gets what fires now. What waits for one that is gone is dropped.
   * @returns itself with the number of alerts that were dropped, by id.
   */
  static restore(
    saved: SavedDeliveries | undefined,
    receivers: readonly string[],
  ): { deliveries: Deliveries; dropped: ReadonlyMap<string, number> } {
    const deliveries = new Deliveries();
    for (const alert of saved?.alerts ?? []) deliveries.#alerts.set(alertKey(alert), alert);
    for (const key of saved?.seen ?? []) deliveries.#seen.add(key);
    for (const key of saved?.firing ?? []) {
      const alert = deliveries.#alerts.get(key);
      if (alert !== undefined) deliveries.#firing.set(alert.fingerprint, alert);
    }
    const dropped = new Map<string, number>();
    for (const { id, waiting, sent, skipped } of saved?.receivers ?? []) {
      const known = waiting.flatMap((each) => {
        const episode = deliveries.#alerts.get(each.key)?.episode;
        return episode === undefined ? [] : [{ ...each, episode }];
      });
      if (receivers.includes(id)) deliveries.#progress.set(id, { waiting: known, sent, skipped });
      else if (known.length > 0) dropped.set(id, known.length);
    }
    for (const id of receivers) deliveries.#addIfNew(id);
    deliveries.#forget();
    return { deliveries, dropped };
  }

  #addIfNew(id: string): void {
    if (this.#progress.has(id)) return;
    this.#progress.set(id, { waiting: this.firing.map(asWaiting), sent: [], skipped: 0 });
  }

  /** The alerts that fire, oldest first. */
  get firing(): readonly Alert[] {
    return [...this.#firing.values()];
  }

  /** Takes an alert for all receivers. @returns false if it came before, or came after its own end. */
  take(alert: Alert): boolean {
    const key = alertKey(alert);
    if (this.#seen.has(key) || (alert.state === "firing" && this.#seen.has(alertKey({ ...alert, state: "resolved" })))) return false;
    this.#seen.add(key);
    for (const old of this.#seen) {
      if (this.#seen.size <= MAX_SEEN) break;
      this.#seen.delete(old);
    }
    this.#alerts.set(key, alert);
    if (alert.state === "firing") this.#firing.set(alert.fingerprint, alert);
    else if (this.#firing.get(alert.fingerprint)?.episode === alert.episode) this.#firing.delete(alert.fingerprint);
    for (const progress of this.#progress.values()) this.#enqueue(progress, alert);
    this.#forget();
    return true;
  }

  #enqueue(progress: Progress, alert: Alert): void {
    const waiting = [...progress.waiting, asWaiting(alert)];
    const excess = Math.max(0, waiting.length - MAX_WAITING);
    progress.waiting = waiting.slice(excess);
    progress.skipped += excess;
  }

  waiting(id: string): readonly Waiting[] {
    return this.#of(id).waiting;
  }

  /** When the receiver got its last messages. */
  sent(id: string): readonly number[] {
    return this.#of(id).sent;
  }

  /** Alerts that were left out since its last message. */
  skipped(id: string): number {
    return this.#of(id).skipped;
  }

  /** The alerts of these keys. */
  alerts(keys: readonly string[]): readonly Alert[] {
    return keys.flatMap((key) => this.#alerts.get(key) ?? []);
  }

  /** A receiver has got these alerts in one message. @param skipped - how many left-out ones the message counted. */
  delivered(id: string, keys: readonly string[], skipped: number, now: number): void {
    const progress = this.#of(id);
    progress.waiting = progress.waiting.filter(({ key }) => !keys.includes(key));
    progress.sent = [...recentOf(progress.sent, now), now];
    progress.skipped -= skipped;
    this.#forget();
  }

  /** A receiver refused these alerts: they are tried again later, and hold up no others. */
  refused(id: string, keys: readonly string[], now: number): void {
    const progress = this.#of(id);
    progress.waiting = progress.waiting.map((each) => {
      if (!keys.includes(each.key)) return each;
      const pause = Math.min(REFUSED_MS.most, REFUSED_MS.first * 2 ** each.refusals);
      return { ...each, refusals: each.refusals + 1, notBefore: now + pause };
    });
  }

  /** What a restart needs. */
  saved(): SavedDeliveries {
    return {
      version: 1,
      alerts: [...this.#alerts.values()],
      firing: this.firing.map(alertKey),
      seen: [...this.#seen],
      receivers: [...this.#progress].map(([id, { waiting, sent, skipped }]) => ({
        id,
        waiting: waiting.map(({ key, refusals, notBefore }) => ({ key, refusals, notBefore })),
        sent,
        skipped,
      })),
    };
  }

  #of(id: string): Progress {
    const progress = this.#progress.get(id);
    if (progress === undefined) throw new Error(`There is no receiver ${id}.`);
    return progress;
  }

  /** Removes alerts that neither fire nor wait. */
  #forget(): void {
    const used = new Set(this.firing.map(alertKey));
    for (const { waiting } of this.#progress.values()) for (const { key } of waiting) used.add(key);
    for (const key of this.#alerts.keys()) if (!used.has(key)) this.#alerts.delete(key);
  }
}

function asWaiting(alert: Alert): Waiting {
  return { key: alertKey(alert), episode: alert.episode, refusals: 0, notBefore: 0 };
}
