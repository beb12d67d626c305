import { TopologyError, type Address, type Delivery } from "../bus.js";
import { sourcesOf, type ExchangeDeclaration, type QueueDeclaration, type Topology } from "../topology.js";
import { asDelivery, type SignedMessage } from "./message.js";
import { MemoryQueue, type Defer } from "./queue.js";

interface Exchange {
  readonly kind: ExchangeDeclaration["kind"];
  readonly bindings: { readonly routingKey: string; readonly queue: MemoryQueue }[];
}

/**
 * A broker in this process that behaves as RabbitMQ does in what matters to a service: messages stay until they
 * are acknowledged, a prefetch bounds what is handed out, what a reader leaves unanswered goes back to the head of
 * its queue and is counted, and a full queue refuses. It keeps nothing after the process ends.
 */
export class MemoryBroker {
  readonly #queues = new Map<string, MemoryQueue>();
  readonly #exchanges = new Map<string, Exchange>();
  readonly #subscribers = new Map<string, Set<(delivery: Delivery) => void>>();
  readonly defer: Defer;
  #published = 0;
  #links = 0;

  constructor(topology: Topology = { exchanges: [], queues: [] }, defer: Defer = setImmediate) {
    this.defer = defer;
    this.declare(topology);
  }

  /** Adds what is missing. @throws TopologyError if it holds a queue or an exchange of that name with other arguments. */
  declare({ exchanges, queues }: Topology): void {
    for (const { name, kind } of exchanges) {
      const exchange = this.#exchanges.get(name);
      if (exchange === undefined) this.#exchanges.set(name, { kind, bindings: [] });
      else if (exchange.kind !== kind) throw new TopologyError(`exchange ${name} is of kind ${exchange.kind}, not ${kind}`);
    }
    for (const declaration of queues) {
      const queue = this.#declareQueue(declaration);
      for (const from of sourcesOf(declaration)) this.bind(from, queue);
    }
  }

  #declareQueue(declaration: QueueDeclaration): MemoryQueue {
    const { name } = declaration;
    const present = this.#queues.get(name);
    if (present?.isDeclaredAs(declaration) === false) throw new TopologyError(`queue ${name} has other limits`);
    const queue = present ?? new MemoryQueue(declaration, this.defer);
    this.#queues.set(name, queue);
    return queue;
  }

  /** Does nothing if it is bound so already. */
  bind({ exchange, routingKey }: Address, queue: MemoryQueue): void {
    const bindings = this.#bindingsOf(exchange);
    if (!bindings.some((binding) => binding.queue === queue && binding.routingKey === routingKey)) bindings.push({ routingKey, queue });
  }

  /** Does nothing if it is not bound so. */
  unbind({ exchange, routingKey }: Address, queue: MemoryQueue): void {
    const bindings = this.#bindingsOf(exchange);
    const at = bindings.findIndex((binding) => binding.queue === queue && binding.routingKey === routingKey);
    if (at >= 0) bindings.splice(at, 1);
  }

  /** Forgets a queue and all that leads to it. */
  remove(name: string): void {
    const queue = this.#queues.get(name);
    this.#queues.delete(name);
    for (const { bindings } of this.#exchanges.values()) {
      const kept = bindings.filter((binding) => binding.queue !== queue);
      bindings.splice(0, bindings.length, ...kept);
    }
  }

  #bindingsOf(exchange: string): Exchange["bindings"] {
    const bindings = this.#exchanges.get(exchange)?.bindings;
    if (bindings === undefined) throw new Error(`There is no exchange ${exchange}.`);
    return bindings;
  }

  /** Counts a bus that uses it. @returns a function to call once, when that bus is closed. */
  link(): () => void {
    this.#links += 1;
    return () => {
      this.#links -= 1;
    };
  }

  /** Whether a bus uses it. */
  get isLinked(): boolean {
    return this.#links > 0;
  }

  /** A messageId that no other message of this broker has. */
  nextMessageId(): string {
    return `memory-${(this.#published++).toString(36)}`;
  }

  has(queue: string): boolean {
    return this.#queues.has(queue);
  }

  queue(name: string): MemoryQueue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw new Error(`There is no queue ${name}.`);
    return queue;
  }

  /** Puts the message in every queue bound for the address, or in none: then it returns the queue that is full, or undefined for no queue. */
  offer(
    to: Address,
    message: SignedMessage,
  ): { readonly stored: true } | { readonly stored: false; readonly full: MemoryQueue | undefined } {
    const bound = this.#boundFor(to);
    if (bound.length === 0) return { stored: false, full: undefined };
    const full = bound.find((queue) => !queue.hasRoom);
    if (full !== undefined) return { stored: false, full };
    for (const queue of bound) queue.push({ message, to, redeliveries: 0 });
    if (this.#exchanges.get(to.exchange)?.kind === "fanout") this.broadcast(to.exchange, message);
    return { stored: true };
  }

  #boundFor({ exchange, routingKey }: Address): MemoryQueue[] {
    // The exchange without a name takes messages for each queue under the queue's own name.
    if (exchange === "") return [...this.#queues.values()].filter(({ name }) => name === routingKey);
    const { kind, bindings } = this.#exchanges.get(exchange) ?? { kind: "direct", bindings: [] };
    return bindings.filter((binding) => kind === "fanout" || binding.routingKey === routingKey).map(({ queue }) => queue);
  }

  broadcast(exchange: string, message: SignedMessage): void {
    for (const onMessage of this.#subscribers.get(exchange) ?? []) {
      this.defer(() => onMessage(asDelivery({ message, to: { exchange, routingKey: "" }, redeliveries: 0 }, "")));
    }
  }

  subscribe(exchange: string, onMessage: (delivery: Delivery) => void): () => void {
    const subscribers = this.#subscribers.get(exchange) ?? new Set();
    this.#subscribers.set(exchange, subscribers.add(onMessage));
    return () => subscribers.delete(onMessage);
  }
}
