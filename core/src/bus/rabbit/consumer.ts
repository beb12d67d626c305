import type { Channel, ConsumeMessage } from "amqplib";
import { Deferred } from "../../deferred.js";
import { deliveryOf } from "./message.js";
import type { Logger } from "../../logging.js";
import { QueueTakenError, type Bus, type ConsumeOptions, type Delivery, type Handler } from "../bus.js";
import { DeliveryLedger } from "../delivery-ledger.js";
import { isLocked, isMissing, isUnreachable, queueTaken } from "./errors.js";
import { GOODBYE_MS, type RabbitSession } from "./session.js";
import { FINISH_MS, isSuspicious, settlementOf, unfinished } from "../settlement.js";
import { RepeatedWarning } from "../repeated-warning.js";
import { PrefetchWindow } from "../prefetch-window.js";
import { settlesWithin } from "../settles-within.js";

/**
 * How long acknowledgements gather, in ms, if there are few. Each that is sent costs the broker as much as half a message: an entry in the
 * journal of a quorum queue.
 */
const GATHER_MS = 20;
/** The share of the prefetch that is acknowledged at once, so that messages keep coming. */
const AT_ONCE = 1 / 8;

/**
 * For so long a reader is waited for that cannot be found. A node that runs says at once whether a queue is locked; one that is lost is not answered for,
 * until RabbitMQ gives up after a minute (seen on 4.3.6).
 */
const LOST_MS = 10_000;

/** Who holds a lock, as far as it is known. */
interface Question {
  readonly lock: string;
  readonly since: number;
  /** Undefined while there is none. */
  answer: "held" | "held by a lost node" | "free" | undefined;
}

/** How far one session is with the locks of a queue. */
interface Locking {
  readonly session: RabbitSession;
  /** Of the lock that it holds or tries for; the ones before are held by nodes that are lost. */
  number: number;
  question: Question | undefined;
}

/** One session's part of a consumer: its channel and what is in flight. */
interface Reading {
  readonly session: RabbitSession;
  readonly channel: Channel;
  /** Of the consumers that stand. The prefetch grows by one more consumer. */
  tags: string[];
  readonly ledger: DeliveryLedger;
  readonly window: PrefetchWindow;
  /** The delivery tag that the first message of these consumers has. */
  first: number;
  /** A change of the prefetch that is under way. */
  adapting: Promise<void> | undefined;
  /** A flush at the end of this turn, and one that comes later. */
  flushing: boolean;
  later: NodeJS.Timeout | undefined;
}

/** Reads one queue across sessions: hands messages to the handler and settles them as it says. */
export class RabbitConsumer {
  /** The one whose channel is open; answers to messages of earlier ones count for nothing. */
  #reading: Reading | undefined;
  #closing: Promise<void> | undefined;
  #locking: Locking | undefined;
  /** Messages that the handler has, those of lost sessions included. */
  #inFlight = 0;
  /** Messages that wait while the handler still has as many as the prefetch from a lost session. */
  #held: (() => void)[] = [];
  readonly #idle = new Deferred<void>();

  readonly queue: string;
  readonly alone: string | undefined;
  readonly handler: Handler;
  readonly options: ConsumeOptions;
  readonly bus: Bus;
  readonly stage: string;
  readonly log: Logger;
  readonly warnings: RepeatedWarning;

  constructor(queue: string, handler: Handler, options: ConsumeOptions, bus: Bus, stage: string, log: Logger) {
    this.queue = queue;
    this.alone = options.exclusive === true ? queue : undefined;
    this.handler = handler;
    this.options = options;
    this.bus = bus;
    this.stage = stage;
    this.log = log;
    this.warnings = new RepeatedWarning(log);
  }

  /**
   * Begins to read in a new session. The consumers of a node that is lost are counted until it is back, and from RabbitMQ 4.0 on it keeps its locks: its reader
   * must be able to go on elsewhere, with the next lock.
   *
   * @throws QueueTakenError, or whatever the broker said. If who reads the queue is lost, a try some seconds later succeeds.
   */
  async start(session: RabbitSession): Promise<void> {
    const locking = this.#locking?.session === session ? this.#locking : { session, number: 1, question: undefined };
    this.#locking = locking;
    try {
      await this.#start(session, locking);
    } catch (error) {
      const isTaken = error instanceof QueueTakenError;
      if (!isTaken && !isLocked(error)) throw error;
      // Who reads it without this lock may have the next one.
      const asked = locking.number + (isTaken ? 1 : 0);
      if (!isLost(locking, this.#lockNamed(asked), isTaken)) throw isTaken ? error : queueTaken(this.queue, { cause: error });
      locking.number = asked + 1;
      await this.start(session);
    }
  }

  async #start(session: RabbitSession, locking: Locking): Promise<void> {
    if (this.#closing !== undefined) return;
    const channel = await session.openChannel(`The channel that reads ${this.queue}`);
    const window = new PrefetchWindow(this.options.prefetch);
    const reading: Reading = {
      session,
      channel,
      tags: [],
      ledger: new DeliveryLedger(),
      window,
      first: 1,
      adapting: undefined,
      flushing: false,
      later: undefined,
    };
    this.#reading = reading;
    this.#held = [];
    try {
      if (this.options.exclusive === true) await this.#lock(channel, locking.number);
      await this.#consume(reading, window.current);
    } catch (error) {
      if (this.#reading === reading) this.#reading = undefined;
      await session.release(channel);
      // A close takes away the channel.
      if (this.#closing !== undefined) return;
      throw error;
    }
    // It was closed while it started.
    if (this.#closing !== undefined) await this.#leave(reading);
  }

  async #consume(reading: Reading, prefetch: number): Promise<void> {
    const { channel, window } = reading;
    const consumerTag = `${this.stage}.${this.queue}.${window.current}`;
    reading.tags.push(consumerTag);
    // Per consumer: quorum queues refuse a prefetch that is shared by a channel.
    await channel.prefetch(prefetch, false);
    await channel.consume(this.queue, (message) => this.#receive(reading, message), { consumerTag });
  }

  /**
   * Fits the prefetch to the size of the messages. It grows, by a consumer beside the one that stands, when that has all that it may have: only then
   * would more be of use. The one that stands is not cancelled for it: if a node dies while a cancelled consumer has messages in flight, its queue
   * keeps both, and neither is read until the queue has another leader (seen on 3.10.8). It shrinks at once, since messages too large for the
   * memory cannot wait: what the broker has under way at that moment goes back to the queue, as one delivery more.
   */
  #fitPrefetch(reading: Reading): void {
    const { window, ledger } = reading;
    const more = window.wanted - window.current;
    if (more === 0 || reading.adapting !== undefined || this.#closing !== undefined) return;
    if (more > 0 && ledger.openFrom(reading.first) !== window.current) return;
    window.change();
    reading.adapting = this.#adapt(reading, more);
  }

  async #adapt(reading: Reading, more: number): Promise<void> {
    try {
      if (more > 0) await this.#consume(reading, more);
      else await this.#consumeAnew(reading);
      reading.adapting = undefined;
      // Meanwhile the prefetch may have filled up.
      this.#fitPrefetch(reading);
    } catch (error) {
      reading.session.fail(new Error(`The channel that reads ${this.queue} is gone.`, { cause: error }));
    }
  }

  async #consumeAnew(reading: Reading): Promise<void> {
    await cancel(reading);
    reading.tags = [];
    reading.first = reading.ledger.next;
    if (this.#closing === undefined && reading === this.#reading) await this.#consume(reading, reading.window.current);
  }

  /**
   * Makes sure that no other consumer reads the queue. Quorum queues ignore AMQP's exclusive consumers without a word (3.10.8),
   * so a queue that belongs to this connection stands for the right to read, and vanishes with it. A consumer without such a lock, of another program, cannot be
   * told from one whose node is lost: it is waited for, as `start` says.
   */
  async #lock(channel: Channel, number: number): Promise<void> {
    await channel.assertQueue(this.#lockNamed(number), { exclusive: true, durable: false });
    // Consumers of nodes that are lost are still counted.
    if (number > 1) return;
    if ((await channel.checkQueue(this.queue)).consumerCount > 0) throw queueTaken(this.queue);
  }

  #lockNamed(number: number): string {
    return number === 1 ? `${this.queue}.reader` : `${this.queue}.reader.${number}`;
  }

  #receive(reading: Reading, message: ConsumeMessage | null): void {
    // What comes after the close goes back to the queue with the channel.
    if (this.#closing !== undefined) return;
    if (message === null) {
      reading.session.fail(new Error(`RabbitMQ cancelled the consumer of ${this.queue}: the queue was deleted or moved.`));
      return;
    }
    const { session } = reading;
    const tag = message.fields.deliveryTag;
    reading.ledger.open(tag);
    const delivery = deliveryOf(message, this.queue);
    reading.window.note(delivery.body.length, isSuspicious(delivery));
    this.#fitPrefetch(reading);
    const begin = () => {
      if (session.reason === undefined) void this.#handle(reading, tag, delivery);
    };
    if (this.#inFlight < this.options.prefetch) begin();
    else this.#held.push(begin);
  }

  async #handle(reading: Reading, tag: number, delivery: Delivery): Promise<void> {
    this.#inFlight += 1;
    const how = await settlementOf(delivery, this.handler, this);
    this.#inFlight -= 1;
    reading.ledger.settle(tag, how);
    this.#scheduleFlush(reading);
    if (this.#closing === undefined) this.#held.shift()?.();
    else if (this.#inFlight === 0) this.#idle.resolve();
  }

  /** Many that are settled in one turn of the event loop go at its end, few go with those that follow soon. */
  #scheduleFlush(reading: Reading): void {
    const { ledger, window } = reading;
    if (reading.flushing) return;
    if (ledger.unsent < window.current * AT_ONCE) {
      reading.later ??= setTimeout(() => this.#flush(reading), GATHER_MS);
      return;
    }
    reading.flushing = true;
    setImmediate(() => this.#flush(reading));
  }

  #flush(reading: Reading): void {
    reading.flushing = false;
    clearTimeout(reading.later);
    reading.later = undefined;
    if (reading !== this.#reading) return;
    const { ackUpTo, ack, requeue, deadLetter } = reading.ledger.flush();
    // A channel that closed meanwhile throws; its messages are delivered again in the next session.
    try {
      // Not `nack`: RabbitMQ counts it up to 4.2 only, and what is not counted may come back for ever.
      for (const tag of requeue) reading.channel.reject(tagged(tag), true);
      for (const tag of deadLetter) reading.channel.reject(tagged(tag), false);
      if (ackUpTo !== undefined) reading.channel.ack(tagged(ackUpTo), true);
      for (const tag of ack) reading.channel.ack(tagged(tag), false);
    } catch (error) {
      reading.session.fail(new Error(`The channel that reads ${this.queue} is gone.`, { cause: error }));
    }
  }

  /** Sends the acknowledgements of what was settled so far. */
  flush(): void {
    if (this.#reading !== undefined) this.#flush(this.#reading);
  }

  /** Takes no more; resolves when messages in flight are settled, and acknowledged if the link stands. */
  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    this.#held = [];
    const reading = this.#reading;
    // Other consumers get what waits, while what is in flight is finished.
    const cancelling = reading === undefined ? Promise.resolve() : Promise.resolve(reading.adapting).then(() => cancel(reading));
    const cancelled = settlesWithin(GOODBYE_MS, cancelling);
    const finished = this.#inFlight === 0 || (await settlesWithin(FINISH_MS, this.#idle.promise));
    if (!finished) this.log.warn(unfinished(this.#inFlight, this.queue));
    this.flush();
    this.#reading = undefined;
    const inTime = await cancelled;
    if (reading === undefined) return;
    const left = cancelling.then(() => this.#leave(reading)).catch(() => undefined);
    // A broker that has not answered so far is not waited for. What it sent meanwhile goes back to the queue when it does, or with the session.
    if (inTime) await left;
  }

  async #leave({ session, channel }: Reading): Promise<void> {
    const number = this.#locking?.session === session ? this.#locking.number : 1;
    if (this.options.exclusive === true) await settlesWithin(GOODBYE_MS, channel.deleteQueue(this.#lockNamed(number)));
    await session.release(channel);
  }
}

/**
 * Whether a lock was asked for, and nobody who holds it has been found for so long that there is none.
 *
 * @param isNext - the lock is the one behind that of this consumer, which nobody needs to hold. Else someone does.
 */
function isLost(locking: Locking, lock: string, isNext: boolean): boolean {
  const { question } = locking;
  const isOver = question?.answer === "held" || (question?.answer === "free" && !isNext);
  if (question?.lock !== lock || isOver) {
    locking.question = askedFor(locking.session, lock);
    return false;
  }
  return question.answer === "held by a lost node" || performance.now() - question.since >= LOST_MS;
}

function askedFor(session: RabbitSession, lock: string): Question {
  const question: Question = { lock, since: performance.now(), answer: undefined };
  session
    .withChannel((channel) => channel.checkQueue(lock))
    .then(
      () => (question.answer = "held"),
      (error: unknown) => {
        question.answer = isUnreachable(error) ? "held by a lost node" : isMissing(error) ? "free" : "held";
      },
    );
  return question;
}

async function cancel({ channel, tags }: Reading): Promise<void> {
  await Promise.all(tags.map((tag) => channel.cancel(tag)));
}

/** All that an acknowledgement needs of a message. */
function tagged(deliveryTag: number) {
  const fields = { deliveryTag, redelivered: false, exchange: "", routingKey: "" };
  return { content: EMPTY, fields, properties: NO_PROPERTIES };
}

const EMPTY = Buffer.alloc(0);
const NO_PROPERTIES = {
  contentType: undefined,
  contentEncoding: undefined,
  headers: undefined,
  deliveryMode: undefined,
  priority: undefined,
  correlationId: undefined,
  replyTo: undefined,
  expiration: undefined,
  messageId: undefined,
  timestamp: undefined,
  type: undefined,
  userId: undefined,
  appId: undefined,
  clusterId: undefined,
};
