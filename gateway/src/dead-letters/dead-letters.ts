import {
  DEAD_EXCHANGE,
  isReasonsMessage,
  originOfLetter,
  readReasons,
  RESENT_EXCHANGE,
  type Bus,
  type Closable,
  type Delivery,
  type LetterOrigin,
  type Refusal,
  type Subscription,
} from "@streamgauge/core";
import type { DeadLettersEvent } from "@streamgauge/core/windows";
import { ReasonGroups } from "./reason-groups.js";

/** What waits for this gateway at the broker: copies, of which the oldest may be dropped. */
const MOST_WAITING = { messages: 20_000, bytes: 64 * 1024 * 1024 };
/** How long the queue is empty before its reasons are forgotten, in ms: who looks at dead letters holds them for a while. */
const FORGET_MS = 60_000;

/**
 * Why messages became dead letters, from copies of these: the queue itself is left alone, since a message that is looked at is hidden from
 * who would send it again.
 */
export class DeadLetters implements Closable {
  readonly #bus: Bus;
  readonly #clock: () => number;
  readonly #groups = new ReasonGroups();
  readonly #subscriptions: Subscription[] = [];
  #since: number;
  /** Copies since then: now, and when the queue was looked at last. */
  #seen = 0;
  #seenBefore = 0;
  #waiting: number | undefined;
  #gone = 0;
  #emptySince: number | undefined;

  /** @param clock - ms since 1970. */
  constructor(bus: Bus, clock: () => number = Date.now) {
    this.#bus = bus;
    this.#clock = clock;
    this.#since = clock();
  }

  async start(): Promise<void> {
    const take = (delivery: Delivery) => this.#take(delivery);
    this.#subscriptions.push(await this.#bus.subscribe(DEAD_EXCHANGE, "gateway", take, { most: MOST_WAITING }));
    const takeBack = (delivery: Delivery) => this.#takeBack(delivery);
    this.#subscriptions.push(await this.#bus.subscribe(RESENT_EXCHANGE, "gateway-resent", takeBack, { most: MOST_WAITING }));
  }

  #take(delivery: Delivery): void {
    const origin = originOfLetter(delivery);
    this.#seen += 1;
    this.#groups.add(origin.stage, refusalsOf(delivery, origin), timeOf(origin) ?? this.#clock());
  }

  /** A letter was sent back. One that came before they were counted is none of these. */
  #takeBack(delivery: Delivery): void {
    const origin = originOfLetter(delivery);
    if (!this.#groups.remove(origin.stage, refusalsOf(delivery, origin), timeOf(origin) ?? this.#clock())) return;
    this.#seen -= 1;
    this.#seenBefore = Math.max(0, this.#seenBefore - 1);
  }

  /** Takes the depth of the queue. @param waiting - undefined while the broker is away. */
  observe(waiting: number | undefined): void {
    this.#waiting = waiting;
    if (waiting === undefined) return;
    // A copy may be here before its message is in the queue.
    this.#gone = Math.max(0, this.#seenBefore - waiting);
    const isNew = this.#seen > this.#seenBefore;
    this.#seenBefore = this.#seen;
    if (waiting > 0 || isNew) this.#emptySince = undefined;
    else this.#emptySince ??= this.#clock();
    if (this.#emptySince !== undefined && this.#clock() - this.#emptySince >= FORGET_MS) this.#forget();
  }

  #forget(): void {
    this.#groups.clear();
    this.#seen = 0;
    this.#seenBefore = 0;
    this.#gone = 0;
    this.#since = this.#clock();
  }

  event(): DeadLettersEvent {
    const waiting = this.#waiting ?? null;
    return {
      waiting,
      is_kept: this.#bus.isShared,
      since: this.#since,
      before: Math.max(0, (waiting ?? 0) - this.#seen),
      gone: this.#gone,
      groups: waiting === 0 ? [] : this.#groups.list(),
      other: waiting === 0 ? 0 : this.#groups.other,
    };
  }

  async close(): Promise<void> {
    for (const subscription of this.#subscriptions) await subscription.close();
  }
}

/** Those of single rows that do not fit in a letter's header follow it in messages of their own. */
function refusalsOf(delivery: Delivery, { reason }: LetterOrigin): readonly Refusal[] {
  const refusals = readReasons(delivery);
  if (refusals === undefined) return isReasonsMessage(delivery) ? [] : [{ reason }];
  return refusals;
}

function timeOf({ time }: LetterOrigin): number | undefined {
  const at = Date.parse(time);
  return Number.isFinite(at) ? at : undefined;
}
