import { connect, type Channel, type ChannelModel, type SocketOptions } from "amqplib";
import { Deferred } from "../../deferred.js";
import { errorText } from "../../error-text.js";
import type { Logger } from "../../logging.js";
import type { Address, Message } from "../bus.js";
import { argumentsOf } from "./queue-arguments.js";
import { asError, isLocked, isMissing, NoMajorityError, topologyErrorIn } from "./errors.js";
import { NOTICE_CHUNKS, RabbitBroadcaster } from "./broadcaster.js";
import type { LinkTiming } from "./link-timing.js";
import { PublishSocket } from "./publish-socket.js";
import { RabbitPublisher } from "./publisher.js";
import { sourcesOf, type QueueDeclaration, type Topology } from "../topology.js";
import { settlesWithin } from "../settles-within.js";
import { wireOf } from "./wire.js";

/** How long a graceful close may take before the sockets are destroyed. */
export const GOODBYE_MS = 1_000;
/** How often a node is asked for an answer that takes a majority. */
const MAJORITY_EVERY_MS = 3_000;

export interface RabbitSessionOptions {
  /** With one address. */
  readonly url: string;
  readonly timing: LinkTiming;
  readonly topology: Topology;
  /** The service. */
  readonly name: string;
  readonly log: Logger;
  /** Aborting it gives up the opening. */
  readonly signal: AbortSignal;
}

/**
 * One life of the link to RabbitMQ: two connections, their channels and consumers, torn down whole when any part
 * of it fails. Two connections, because a broker under an alarm stops reading from a connection that publishes, and
 * acknowledgements must still get through.
 *
 * Within about a second of its end both sockets are destroyed, and with them every answer that is still awaited is
 * rejected: nothing that is asked of a session waits for ever.
 */
export class RabbitSession {
  readonly #options: RabbitSessionOptions;
  readonly #appId: string;
  readonly #connections: ChannelModel[] = [];
  /** Those whose end ends the session. */
  readonly #channels = new Set<Channel>();
  /** Destroys the sockets, whatever their state. */
  readonly #cut = new AbortController();
  readonly #over = new Deferred<Error>();
  #consuming: ChannelModel | undefined;
  #publishing: ChannelModel | undefined;
  /** The last one sends; those before it wait for their confirms. */
  #publishers: { readonly publisher: RabbitPublisher; readonly channel: Channel }[] = [];
  #isRenewing = false;
  #broadcaster: RabbitBroadcaster | undefined;
  /** Under an alarm the broker reads nothing, and says so. */
  #blocked = false;
  /** Since when it has been reading, on the clock of `performance.now()`. */
  #reading = 0;
  #watchdog: NodeJS.Timeout | undefined;
  #majority: NodeJS.Timeout | undefined;
  #answered = true;
  #standing = false;
  #reason: Error | undefined;
  #left: Promise<void> = Promise.resolve();

  private constructor(options: RabbitSessionOptions) {
    this.#options = options;
    this.#appId = `streamgauge-${options.name}`;
  }

  /** Resolves with the reason when the session is over, however that came. */
  get ended(): Promise<Error> {
    return this.#over.promise;
  }

  /** Why it is over; undefined while it stands. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  /**
   * Connects and declares the topology.
   *
   * @throws TopologyError if the broker holds something of that name with other arguments; otherwise whatever
   * the network or the broker said.
   */
  static async open(options: RabbitSessionOptions): Promise<RabbitSession> {
    const session = new RabbitSession(options);
    const giveUp = () => session.fail(new Error("Given up."));
    options.signal.addEventListener("abort", giveUp, { once: true });
    if (options.signal.aborted) giveUp();
    const late = session.limitSetUp();
    try {
      await session.#setUp();
      // A part may have died after its own set-up and before that of the last.
      if (session.#reason !== undefined) throw session.#reason;
      session.#stand();
      return session;
    } catch (error) {
      session.fail(asError(error));
      // What a dead link does to the calls that wait for it says less than why it died.
      throw topologyErrorIn(session.#reason) ?? session.#reason;
    } finally {
      clearTimeout(late);
      options.signal.removeEventListener("abort", giveUp);
    }
  }

  /**
   * Ends the session if queues or a reader take too long to be set up, unless the timer is cleared: a queue that lost its leader lets calls
   * wait for ever, on a link that is sound (seen on 3.10.8), and so does a node that lost the others.
   */
  limitSetUp(): NodeJS.Timeout {
    const ms = this.#options.timing.setUpMs;
    const what = "RabbitMQ did not answer while its queues were set up: see whether each of them has a leader";
    return setTimeout(() => this.fail(new Error(`${what} (waited ${ms / 1000} s).`)), ms);
  }

  async #setUp(): Promise<void> {
    const [publishing, consuming] = await Promise.all([this.#link("publishing"), this.#link("consuming")]);
    this.#consuming = consuming;
    this.#publishing = publishing;
    await this.#declare(publishing);
    await this.#openPublisher(publishing);
    const notices = await publishing.createChannel({ highWaterMark: NOTICE_CHUNKS });
    this.#watch(notices, "The channel for notices");
    this.#broadcaster = new RabbitBroadcaster(notices, this.#appId);
  }

  async #openPublisher(publishing: ChannelModel): Promise<void> {
    const channel = await publishing.createConfirmChannel();
    this.#watch(channel, "The channel for publishing");
    const publisher = new RabbitPublisher(channel, new PublishSocket(wireOf(publishing.connection, channel), this.#appId));
    this.#publishers.push({ publisher, channel });
  }

  #stand(): void {
    this.#standing = true;
    const { confirmWithinMs, refusedWithinMs, majorityWithinMs } = this.#options.timing;
    const look = () => {
      this.#expectConfirms(confirmWithinMs);
      if (refusedWithinMs !== undefined) void this.#renewRefused(refusedWithinMs);
    };
    this.#watchdog = setInterval(look, confirmWithinMs / 4).unref();
    if (majorityWithinMs !== undefined) this.#expectMajoritySoon(majorityWithinMs);
  }

  #expectMajoritySoon(withinMs: number): void {
    if (this.#reason !== undefined) return;
    this.#majority = setTimeout(() => void this.#expectMajority(withinMs), MAJORITY_EVERY_MS).unref();
  }

  /**
   * From 4.0 on a node that lost the others keeps its links, and its readers would wait for as long as that lasts. To bind a queue again
   * changes nothing, and takes a majority (seen on 3.10.8 and 4.3.6; to declare one again does not).
   */
  async #expectMajority(withinMs: number): Promise<void> {
    const [queue] = this.#options.topology.queues;
    if (queue === undefined) return;
    const late = setTimeout(() => this.fail(new NoMajorityError(withinMs)), withinMs);
    try {
      await this.withChannel((channel) => channel.bindQueue(queue.name, queue.from.exchange, queue.from.routingKey));
      this.#expectMajoritySoon(withinMs);
    } catch (error) {
      this.fail(asError(error));
    } finally {
      clearTimeout(late);
    }
  }

  /**
   * A queue that lost its leader takes messages and never confirms them, on a link that is sound (seen on 3.10.8). A new
   * link sends them again, and its log line says where to look.
   */
  #expectConfirms(withinMs: number): void {
    const oldest = this.#publishers.find(({ publisher }) => publisher.oldest !== undefined)?.publisher.oldest;
    if (oldest === undefined || this.#blocked) return;
    if (performance.now() - Math.max(oldest.since, this.#reading) < withinMs) return;
    const { exchange, routingKey } = oldest.address;
    this.fail(
      new Error(
        `RabbitMQ has not confirmed a message to ${exchange}/${routingKey} for ${withinMs / 1000} s: see whether its queues have a leader.`,
      ),
    );
  }

  /**
   * A queue that a node led which dies refuses what comes through a channel that was opened just then, until that node is back, and takes what comes through a
   * later one (seen on 3.10.8). Whether it is that or a full queue is not known here: a new channel costs little, and messages under way keep theirs.
   */
  async #renewRefused(withinMs: number): Promise<void> {
    const current = this.#publishers.at(-1)?.publisher;
    if (this.#publishing === undefined || this.#isRenewing || current === undefined || current.refusedForMs < withinMs) return;
    this.#isRenewing = true;
    try {
      await this.#openPublisher(this.#publishing);
      const idle = this.#publishers.slice(0, -1).filter(({ publisher }) => publisher.oldest === undefined);
      this.#publishers = this.#publishers.filter((each) => !idle.includes(each));
      await Promise.all(idle.map(({ channel }) => this.release(channel)));
    } catch (error) {
      this.fail(asError(error));
    } finally {
      this.#isRenewing = false;
    }
  }

  async #link(purpose: string): Promise<ChannelModel> {
    const { url, name, log, timing } = this.#options;
    // amqplib hands its options to the socket, which is destroyed when the signal is aborted; its types do not say so.
    const options: SocketOptions & { readonly signal: AbortSignal } = {
      noDelay: true,
      keepAlive: true,
      timeout: timing.handshakeMs,
      clientProperties: { connection_name: `streamgauge ${name} (${purpose})` },
      signal: this.#cut.signal,
    };
    const connection = await connect(withHeartbeat(url, timing.heartbeatS), options);
    // Noted at once: the other connection may fail, and this one must be closed then.
    this.#connections.push(connection);
    const what = `The connection for ${purpose}`;
    connection.on("error", (error) => this.fail(new Error(`${what} failed: ${errorText(error)}`, { cause: error })));
    connection.on("close", (error) => this.fail(new Error(`${what} was closed: ${errorText(error)}`, { cause: error })));
    connection.on("blocked", (reason) => {
      this.#blocked = true;
      log.warn(`RabbitMQ takes no messages just now (${reason}); sending waits until it does.`);
    });
    connection.on("unblocked", () => {
      this.#blocked = false;
      this.#reading = performance.now();
      log.info("RabbitMQ takes messages again.");
    });
    return connection;
  }

  async #declare(connection: ChannelModel): Promise<void> {
    const channel = await connection.createChannel();
    this.#watch(channel, "The channel for declarations");
    const { exchanges, queues, strangers = [] } = this.#options.topology;
    for (const stranger of strangers) if (await isThere(connection, stranger.name)) await assertQueue(channel, stranger);
    for (const { name, kind, durable } of exchanges) await channel.assertExchange(name, kind, { durable });
    for (const queue of queues) {
      await assertQueue(channel, queue);
      for (const { exchange, routingKey } of sourcesOf(queue)) await channel.bindQueue(queue.name, exchange, routingKey);
    }
    await this.release(channel);
  }

  /** An error or an unasked-for close of a channel ends the session. */
  #watch(channel: Channel, what: string): void {
    this.#channels.add(channel);
    channel.on("error", (error) => {
      // A lock concerns only its caller, whose call rejects.
      if (isLocked(error)) this.#channels.delete(channel);
      else if (this.#channels.has(channel)) this.fail(new Error(`${what} failed: ${errorText(error)}`, { cause: error }));
    });
    channel.on("close", () => {
      // A connection that dies closes its channels first and says why after, in the same turn.
      queueMicrotask(() => {
        if (this.#channels.delete(channel)) this.fail(new Error(`${what} was closed.`));
      });
    });
  }

  /**
   * Resolves when the broker has confirmed; rejects with PublishRefusedError, MessageTooLargeError, UnsendableMessageError,
   * or with the reason why the session ended.
   */
  publish(address: Address, message: Message, messageId: string): Promise<void> {
    const publisher = this.#publishers.at(-1)?.publisher;
    if (this.#reason !== undefined || publisher === undefined) return Promise.reject(this.#reason ?? new Error("Not connected."));
    return publisher.publish(address, message, messageId);
  }

  broadcast(exchange: string, message: Message): void {
    if (this.#reason === undefined) this.#broadcaster?.broadcast(exchange, message);
  }

  /** A channel of its own, so that its delivery tags and its `multiple` acknowledgements concern one consumer. */
  async openChannel(what: string): Promise<Channel> {
    const channel = await this.#newChannel();
    this.#watch(channel, what);
    return channel;
  }

  async #newChannel(): Promise<Channel> {
    if (this.#reason !== undefined || this.#consuming === undefined) throw this.#reason ?? new Error("Not connected.");
    return this.#consuming.createChannel();
  }

  /** Works on a channel of its own, whose failure rejects this call alone. What it wrote has reached the broker when this resolves. */
  async withChannel<T>(work: (channel: Channel) => Promise<T>): Promise<T> {
    const channel = await this.#newChannel();
    // The failed call rejects.
    channel.on("error", () => undefined);
    try {
      return await work(channel);
    } finally {
      await settlesWithin(GOODBYE_MS, endOf(channel));
    }
  }

  /** Closes a channel that has done its work, without ending the session. Resolves when the broker has read all that was written. */
  async release(channel: Channel): Promise<void> {
    if (this.#channels.delete(channel)) await settlesWithin(GOODBYE_MS, endOf(channel));
  }

  /** Ends the session, because a user of it found it broken. */
  fail(reason: Error): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    clearInterval(this.#watchdog);
    clearTimeout(this.#majority);
    for (const { publisher } of this.#publishers) publisher.end(reason);
    this.#left = this.#leave();
    this.#over.resolve(reason);
  }

  /** Ends the session; everything written so far reaches the broker first. Resolves, within about a second, when nothing of it is left. */
  async close(): Promise<void> {
    for (const { publisher } of this.#publishers) publisher.flush();
    this.fail(new Error("The session was closed."));
    await this.#left;
  }

  /** Whether the broker answered the close, if it was asked: then it has read everything that was sent before. */
  get answered(): boolean {
    return this.#answered;
  }

  async #leave(): Promise<void> {
    if (this.#standing) this.#answered = await settlesWithin(GOODBYE_MS, this.#sayGoodbye());
    this.#cut.abort();
  }

  async #sayGoodbye(): Promise<void> {
    // amqplib lets a connection's close overtake what its channels have buffered, so these are closed first.
    await Promise.all([...this.#channels].map(endOf));
    await Promise.all(this.#connections.map(endOf));
  }
}

async function assertQueue(channel: Channel, queue: QueueDeclaration): Promise<void> {
  await channel.assertQueue(queue.name, { durable: true, arguments: argumentsOf(queue) });
}

/** Whether the broker has a queue of that name. It closes the channel on which one is missed. */
async function isThere(connection: ChannelModel, queue: string): Promise<boolean> {
  const channel = await connection.createChannel();
  // The failed call rejects.
  channel.on("error", () => undefined);
  try {
    await channel.checkQueue(queue);
    await channel.close();
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Closes a part; resolves when it is closed, by either side. */
function endOf(part: ChannelModel | Channel): Promise<void> {
  return new Promise((resolve) => {
    const closed = () => resolve();
    // amqplib does not answer a close during which the link dies, but it emits the end.
    part.once("close", closed);
    part.close().then(closed, closed);
  });
}

function withHeartbeat(url: string, seconds: number): string {
  const parsed = new URL(url);
  if (!parsed.searchParams.has("heartbeat")) parsed.searchParams.set("heartbeat", String(seconds));
  return parsed.href;
}
