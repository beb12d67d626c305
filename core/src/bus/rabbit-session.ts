import { connect, type Channel, type ChannelModel, type ConfirmChannel, type ConsumeMessage } from "amqplib";
import { TopologyError, type Address, type Delivery, type Message } from "./bus.js";
import { DEAD_EXCHANGE, type QueueDeclaration, type Topology } from "./topology.js";

/** Seconds; an event loop that stands still for two of them loses the link. */
const HEARTBEAT_S = 10;
/** Without it a server that accepts and stays silent hangs the handshake for ever. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** The broker's own end to a message that kills its readers, where MAX_RETURNS was not reached by any reader. */
const BROKER_DELIVERY_LIMIT = 1_000;
/** How long a polite good-bye may take before the link is given up. */
const GOODBYE_MS = 1_000;

/** The broker said no to one publish: the queue is full, missing, or went away. Sending again may succeed. */
export class PublishRefusedError extends Error {
  override readonly name = "PublishRefusedError";
  readonly address: Address;
  readonly why: "full" | "unroutable";

  constructor(address: Address, why: "full" | "unroutable") {
    super(
      why === "full"
        ? `A queue behind ${address.exchange}/${address.routingKey} is full: its reader is slower than the sender, or stopped.`
        : `No queue takes messages for ${address.exchange}/${address.routingKey}.`,
    );
    this.address = address;
    this.why = why;
  }
}

interface Unconfirmed {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly address: Address;
}

/**
 * One life of the link to RabbitMQ: two connections, their channels and consumers, torn down whole when any part
 * of it fails. Two connections, because a broker under an alarm stops reading from a connection that publishes, and
 * acknowledgements must still get through.
 */
export class RabbitSession {
  readonly #topology: Topology;
  readonly #appId: string;
  readonly #unconfirmed = new Map<string, Unconfirmed>();
  #publishing: ChannelModel | undefined;
  #consuming: ChannelModel | undefined;
  #confirms: ConfirmChannel | undefined;
  #notices: Channel | undefined;
  #ended: Error | undefined;
  #end: (reason: Error) => void = () => undefined;

  /** Resolves with the reason when the session is over, however that came. */
  readonly ended: Promise<Error>;

  private constructor(topology: Topology, name: string) {
    this.#topology = topology;
    this.#appId = `streamgauge-${name}`;
    this.ended = new Promise((resolve) => {
      this.#end = (reason) => {
        if (this.#ended !== undefined) return;
        this.#ended = reason;
        resolve(reason);
        for (const { reject } of this.#unconfirmed.values()) reject(reason);
        this.#unconfirmed.clear();
        void this.#abandon();
      };
    });
  }

  /**
   * Connects and declares the topology.
   *
   * @throws TopologyError where the broker holds something of that name with other arguments; otherwise whatever
   * the network or the broker said.
   */
  static async open(url: string, topology: Topology, name: string): Promise<RabbitSession> {
    const session = new RabbitSession(topology, name);
    // A link that dies during the set-up may leave an answer outstanding for ever; the race notices its end.
    const died = session.ended.then((reason) => {
      throw reason;
    });
    try {
      await Promise.race([session.#setUp(url, name), died]);
      return session;
    } catch (error) {
      session.#end(error instanceof Error ? error : new Error(String(error)));
      throw topologyErrorIn(error) ?? error;
    }
  }

  async #setUp(url: string, name: string): Promise<void> {
    const link = async (purpose: string) => {
      const connection = await connect(withHeartbeat(url), {
        noDelay: true,
        keepAlive: true,
        timeout: HANDSHAKE_TIMEOUT_MS,
        clientProperties: { connection_name: `streamgauge ${name} (${purpose})` },
      });
      this.#watch(connection, `The connection for ${purpose}`);
      if (this.#ended !== undefined) void connection.close().catch(() => undefined);
      return connection;
    };
    [this.#publishing, this.#consuming] = await Promise.all([link("publishing"), link("consuming")]);
    await this.#declare(this.#publishing);
    this.#confirms = await this.#publishing.createConfirmChannel();
    this.#watch(this.#confirms, "The channel for publishing");
    this.#confirms.on("return", (message) => this.#unroutable(message.properties.messageId));
    this.#notices = await this.#publishing.createChannel();
    this.#watch(this.#notices, "The channel for notices");
  }

  async #declare(connection: ChannelModel): Promise<void> {
    const channel = await connection.createChannel();
    this.#watch(channel, "The channel for declarations");
    for (const { name, kind, durable } of this.#topology.exchanges) await channel.assertExchange(name, kind, { durable });
    for (const queue of this.#topology.queues) {
      await channel.assertQueue(queue.name, { durable: true, arguments: argumentsOf(queue) });
      await channel.bindQueue(queue.name, queue.from.exchange, queue.from.routingKey);
    }
  }

  /** Any error or unasked-for close of a part ends the whole. */
  #watch(part: ChannelModel | Channel, what: string): void {
    let cause: unknown;
    part.on("error", (error: unknown) => {
      cause = error;
      this.#end(new Error(`${what} failed: ${textOf(error)}`, { cause: error }));
    });
    part.on("close", () => this.#end(new Error(`${what} was closed.`, { cause })));
  }

  #unroutable(messageId: unknown): void {
    if (typeof messageId !== "string") return;
    const waiting = this.#unconfirmed.get(messageId);
    this.#unconfirmed.delete(messageId);
    waiting?.reject(new PublishRefusedError(waiting.address, "unroutable"));
  }

  /** Resolves when the broker has confirmed; rejects with PublishRefusedError, or with the reason why the session ended. */
  publish(address: Address, message: Message, messageId: string): Promise<void> {
    const confirms = this.#confirms;
    if (this.#ended !== undefined || confirms === undefined) return Promise.reject(this.#ended ?? new Error("Not connected."));
    return new Promise((resolve, reject) => {
      this.#unconfirmed.set(messageId, { resolve, reject, address });
      const properties = { ...propertiesOf(message, this.#appId), messageId, mandatory: true, persistent: true };
      // What publish() returns is not looked at: the message is buffered either way, and each sender bounds what it
      // has unconfirmed.
      confirms.publish(address.exchange, address.routingKey, message.body, properties, (refused: unknown) => {
        const waiting = this.#unconfirmed.get(messageId);
        this.#unconfirmed.delete(messageId);
        if (waiting === undefined) return;
        if (refused === null || refused === undefined) waiting.resolve();
        else waiting.reject(this.#ended ?? new PublishRefusedError(address, "full"));
      });
    });
  }

  announce(exchange: string, message: Message): void {
    if (this.#ended !== undefined || this.#notices === undefined) return;
    this.#notices.publish(exchange, "", message.body, propertiesOf(message, this.#appId));
  }

  /** A channel of its own, so that its delivery tags and its `multiple` acknowledgements concern one consumer. */
  async openChannel(what: string): Promise<Channel> {
    if (this.#ended !== undefined || this.#consuming === undefined) throw this.#ended ?? new Error("Not connected.");
    const channel = await Promise.race([
      this.#consuming.createChannel(),
      this.ended.then((reason) => {
        throw reason;
      }),
    ]);
    this.#watch(channel, what);
    return channel;
  }

  /** Closes a channel that has done its work, without ending the session. */
  release(channel: Channel): void {
    channel.removeAllListeners("close");
    channel.close().catch(() => undefined);
  }

  /** Ends the session because a user of it found it broken. */
  fail(reason: Error): void {
    this.#end(reason);
  }

  /** Ends the session politely: everything written so far reaches the broker first. */
  async close(): Promise<void> {
    if (this.#ended === undefined) await within(GOODBYE_MS, Promise.all([this.#publishing?.close(), this.#consuming?.close()]));
    this.#end(new Error("The session was closed."));
  }

  async #abandon(): Promise<void> {
    await within(GOODBYE_MS, Promise.all([this.#publishing, this.#consuming].map((connection) => connection?.close())));
  }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  // A failed good-bye tells nothing new: the link is gone, which is what was wanted.
  await Promise.race([work.catch(() => undefined), deadline]);
  clearTimeout(timer);
}

function withHeartbeat(url: string): string {
  const parsed = new URL(url);
  if (!parsed.searchParams.has("heartbeat")) parsed.searchParams.set("heartbeat", String(HEARTBEAT_S));
  return parsed.href;
}

/** Queue arguments that RabbitMQ 3.10 and 4.x both know. */
function argumentsOf(queue: QueueDeclaration): Record<string, unknown> {
  // The default of RabbitMQ 4 is 20, and a queue without a dead-letter exchange drops what is above it: looking at
  // the dead letters counts as a return each time.
  if (queue.limit === undefined) return { "x-queue-type": "quorum", "x-delivery-limit": 1_000_000_000 };
  return {
    "x-queue-type": "quorum",
    "x-delivery-limit": BROKER_DELIVERY_LIMIT,
    "x-max-length": queue.limit.messages,
    "x-max-length-bytes": queue.limit.bytes,
    "x-overflow": "reject-publish",
    "x-dead-letter-exchange": DEAD_EXCHANGE,
    "x-dead-letter-strategy": "at-least-once",
  };
}

function propertiesOf(message: Message, appId: string) {
  return {
    headers: message.headers,
    appId,
    ...(message.contentType === "" ? {} : { contentType: message.contentType }),
    ...(message.type === "" ? {} : { type: message.type }),
    ...(message.timestamp === undefined ? {} : { timestamp: Math.floor(message.timestamp / 1000) }),
  };
}

/** An AMQP message in the bus's own words. */
export function deliveryOf(message: ConsumeMessage, queue: string): Delivery {
  const { properties, fields } = message;
  const headers: Record<string, unknown> = properties.headers ?? {};
  const count = headers["x-delivery-count"];
  return {
    body: message.content,
    contentType: textOrNothing(properties.contentType),
    type: textOrNothing(properties.type),
    messageId: textOrNothing(properties.messageId),
    appId: textOrNothing(properties.appId),
    timestamp: typeof properties.timestamp === "number" ? properties.timestamp * 1000 : undefined,
    headers,
    source: { exchange: fields.exchange, routingKey: fields.routingKey, queue },
    returns: typeof count === "number" ? count : 0,
  };
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** 406 PRECONDITION_FAILED during declarations: the same name, other arguments. */
function topologyErrorIn(error: unknown): TopologyError | undefined {
  const detail = /PRECONDITION[_-]FAILED.*?(inequivalent arg [^"]*|[^"]+)"?/.exec(textOf(error));
  if (detail === null) return undefined;
  return new TopologyError(detail[1] ?? textOf(error), { cause: error });
}
