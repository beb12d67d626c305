import {
  addressOfAllIds,
  DEAD_HEADER,
  DEAD_QUEUE,
  DONE,
  FEATURES,
  isReasonsMessage,
  MessageTooLargeError,
  originOfLetter,
  RESENT_EXCHANGE,
  resendable,
  resentNotice,
  NoRouteError,
  readReasons,
  UnsendableMessageError,
  type Address,
  type Bus,
  type Delivery,
  type HeaderValue,
  type Message,
  type Outcome,
  type Refusal,
} from "@streamgauge/core";

/** A dead letter as listed. */
export interface DeadLetter {
  readonly id: string;
  readonly type: string;
  readonly stage: string;
  readonly time: string;
  readonly reason: string;
  /** Its original address, of a partition that for all ids; undefined if unknown. */
  readonly target: Address | undefined;
  readonly bytes: number;
  /** The reasons of single rows; empty for letters of earlier versions. */
  readonly refusals: readonly Refusal[];
  readonly delivery: Delivery;
}

/** A dead letter that cannot be resent, and why. */
export interface StuckLetter {
  readonly letter: DeadLetter;
  readonly why: string;
}

/** Selects dead letters; an absent field matches all. */
export interface LetterFilter {
  readonly id?: string;
  readonly type?: string;
  readonly stage?: string;
  /** Part of the reason, ignoring case. */
  readonly reason?: string;
}

/** The matching dead letters among the first `most` in the queue. They stay there. */
export async function listDeadLetters(bus: Bus, filter: LetterFilter, most: number): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  const following = new Map<string, Refusal[]>();
  await bus.drain(DEAD_QUEUE, most, (delivery) => {
    if (isReasonsMessage(delivery)) {
      const key = letterOf(delivery);
      following.set(key, [...(following.get(key) ?? []), ...(readReasons(delivery) ?? [])]);
    } else {
      const letter = readLetter(delivery);
      if (matches(letter, filter)) letters.push(letter);
    }
    return Promise.resolve({ kind: "retry", reason: "only looked at" });
  });
  return letters.map((letter) => ({ ...letter, refusals: [...letter.refusals, ...(following.get(letterOf(letter.delivery)) ?? [])] }));
}

/** Identifies a dead letter and the messages after it that carry the reasons of its rows. */
function letterOf({ headers }: Delivery): string {
  return JSON.stringify([headers[DEAD_HEADER.queue], headers[DEAD_HEADER.messageId], headers[DEAD_HEADER.time]]);
}

/**
 * Resends the dead letters that match to their original addresses, each confirmed there before it leaves the dead letters: after
 * a crash in between it is in both, and its rows are recognised as duplicates. Sends only what waits now: a letter that is refused
 * again returns to the end of the queue, and stays there. Each one that was sent is broadcast, so that pages no longer show it.
 *
 * @returns how many were sent, and the letters that could not be sent.
 */
export async function resendDeadLetters(
  bus: Bus,
  filter: LetterFilter,
  most: number,
): Promise<{ readonly sent: number; readonly stuck: readonly StuckLetter[] }> {
  let sent = 0;
  const stuck: StuckLetter[] = [];
  const followed = new Set<string>();
  const waiting = await bus.depth(DEAD_QUEUE);
  await bus.drain(DEAD_QUEUE, Math.min(most, waiting), async (delivery) => {
    if (isReasonsMessage(delivery)) return { kind: "retry", reason: "it goes when its letter has gone" };
    const letter = readLetter(delivery);
    if (!matches(letter, filter)) return { kind: "retry", reason: "not meant" };
    const stays = (why: string): Outcome => {
      stuck.push({ letter, why });
      return { kind: "retry", reason: why };
    };
    if (letter.target === undefined) return stays("nothing says where it came from");
    try {
      await bus.publish(letter.target, asSentFirst(delivery));
    } catch (error) {
      if (concernsItAlone(error)) return stays(error.message);
      throw error;
    }
    sent += 1;
    bus.broadcast(RESENT_EXCHANGE, resentNotice(delivery));
    if (delivery.headers[DEAD_HEADER.following] !== undefined) followed.add(letterOf(delivery));
    return { kind: "done" };
  });
  if (followed.size > 0) await removeReasons(bus, followed, waiting);
  return { sent, stuck };
}

/** Removes the reason messages of letters that were sent. */
async function removeReasons(bus: Bus, letters: ReadonlySet<string>, most: number): Promise<void> {
  await bus.drain(DEAD_QUEUE, most, (delivery) => {
    const isTheirs = isReasonsMessage(delivery) && letters.has(letterOf(delivery));
    if (isTheirs) bus.broadcast(RESENT_EXCHANGE, resentNotice(delivery));
    return Promise.resolve(isTheirs ? DONE : { kind: "retry", reason: "not meant" });
  });
}

function concernsItAlone(error: unknown): error is Error {
  return [MessageTooLargeError, NoRouteError, UnsendableMessageError].some((kind) => error instanceof kind);
}

function readLetter(delivery: Delivery): DeadLetter {
  const header = (name: string) => {
    const value = delivery.headers[name];
    return typeof value === "string" ? value : undefined;
  };
  const sentTo = targetOf(delivery, header);
  const target = sentTo === undefined ? undefined : addressOfAllIds(sentTo);
  const { type = "" } = delivery;
  return {
    id: delivery.messageId ?? "",
    type: type === "" ? typeOf(target) : type,
    ...originOfLetter(delivery),
    target,
    bytes: delivery.body.length,
    refusals: readReasons(delivery) ?? [],
    delivery,
  };
}

/** The message type for an address, if the producer set none. */
function typeOf(target: Address | undefined): string {
  if (target === undefined) return "";
  return target.exchange === FEATURES.exchange ? target.routingKey : "y_pred";
}

function targetOf(delivery: Delivery, header: (name: string) => string | undefined): Address | undefined {
  const exchange = header(DEAD_HEADER.exchange);
  const routingKey = header(DEAD_HEADER.routingKey);
  if (exchange !== undefined && routingKey !== undefined) return { exchange, routingKey };
  const deaths = delivery.headers["x-death"];
  const [death]: unknown[] = Array.isArray(deaths) ? deaths : [];
  if (typeof death !== "object" || death === null || !("exchange" in death) || !("routing-keys" in death)) return undefined;
  const [key]: unknown[] = Array.isArray(death["routing-keys"]) ? death["routing-keys"] : [];
  return typeof death.exchange === "string" && typeof key === "string" ? { exchange: death.exchange, routingKey: key } : undefined;
}

function matches(letter: DeadLetter, { id, type, stage, reason }: LetterFilter): boolean {
  return (
    (id === undefined || letter.id === id) &&
    (type === undefined || letter.type === type) &&
    (stage === undefined || letter.stage === stage) &&
    (reason === undefined || letter.reason.toLowerCase().includes(reason.toLowerCase()))
  );
}

/** The original message, without what dead-lettering added to it. */
function asSentFirst(delivery: Delivery): Message {
  const message = resendable(delivery);
  const added: readonly string[] = Object.values(DEAD_HEADER);
  const headers: Record<string, HeaderValue> = Object.fromEntries(
    Object.entries(message.headers).filter(([name]) => !added.includes(name)),
  );
  return { ...message, headers };
}
