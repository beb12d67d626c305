import { QueueTakenError } from "../bus.js";
import type { QueueDeclaration } from "../topology.js";
import type { Stored } from "./message.js";

/** Runs a task soon, never at once. Tests give one that reorders. */
export type Defer = (task: () => void) => void;

/** A consumer of a queue; `take` is called with at most `prefetch` messages unsettled. */
export interface Reader {
  readonly prefetch: number;
  readonly exclusive: boolean;
  readonly take: (stored: Stored) => void;
  inFlight: number;
}

/** One queue of the broker in memory. */
export class MemoryQueue {
  readonly name: string;
  readonly #limit: QueueDeclaration["limit"];
  readonly #drops: boolean;
  readonly #defer: Defer;
  #waiting: Stored[] = [];
  #head = 0;
  #bytes = 0;
  readonly #readers: Reader[] = [];
  #nextReader = 0;
  #pumping = false;
  /** Senders that wait for room, the first come first. */
  readonly #senders = new Set<() => void>();

  constructor(declaration: QueueDeclaration, defer: Defer) {
    this.name = declaration.name;
    this.#limit = declaration.limit;
    this.#drops = declaration.overflow === "drop-head";
    this.#defer = defer;
  }

  /** Whether a declaration asks for the same arguments. */
  isDeclaredAs({ limit, overflow }: QueueDeclaration): boolean {
    const isSameLimit = limit?.messages === this.#limit?.messages && limit?.bytes === this.#limit?.bytes;
    return isSameLimit && (overflow === "drop-head") === this.#drops;
  }

  /** Messages that wait, not counting those in flight. */
  get depth(): number {
    return this.#waiting.length - this.#head;
  }

  /** As RabbitMQ, a queue takes one message that exceeds its limit in bytes. */
  get hasRoom(): boolean {
    return this.#drops || this.#isWithinLimit;
  }

  get #isWithinLimit(): boolean {
    if (this.#limit === undefined) return true;
    return this.depth < this.#limit.messages && this.#bytes < this.#limit.bytes;
  }

  /** Calls `wake` once when there may be room; returns how to give up. */
  awaitRoom(wake: () => void): () => void {
    this.#senders.add(wake);
    return () => this.#senders.delete(wake);
  }

  /** As many senders as there is room for; each looks again whether there is. */
  #wakeSenders(): void {
    let room = (this.#limit?.messages ?? Infinity) - this.depth;
    for (const wake of this.#senders) {
      if (room-- <= 0) return;
      this.#senders.delete(wake);
      wake();
    }
  }

  push(stored: Stored): void {
    while (this.#drops && this.depth > 0 && !this.#isWithinLimit) this.get();
    this.#waiting.push(stored);
    this.#bytes += stored.message.body.length;
    this.#pump();
  }

  /** Messages that came back unanswered, to the head, in the order in which they were handed out. */
  putBack(returned: readonly Stored[]): void {
    for (const stored of returned) {
      stored.redeliveries += 1;
      this.#bytes += stored.message.body.length;
    }
    this.#waiting = [...returned, ...this.#waiting.slice(this.#head)];
    this.#head = 0;
    this.#pump();
  }

  /** Takes the next message without a reader. */
  get(): Stored | undefined {
    const stored = this.#waiting[this.#head];
    if (stored === undefined) return undefined;
    this.#head += 1;
    this.#bytes -= stored.message.body.length;
    if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    this.#wakeSenders();
    return stored;
  }

  addReader(reader: Reader): void {
    if (this.#readers.some(({ exclusive }) => exclusive) || (reader.exclusive && this.#readers.length > 0)) {
      throw new QueueTakenError(this.name);
    }
    this.#readers.push(reader);
    this.#pump();
  }

  removeReader(reader: Reader): void {
    const index = this.#readers.indexOf(reader);
    if (index >= 0) this.#readers.splice(index, 1);
  }

  /** A reader settled a message and may have room for another. */
  settled(reader: Reader): void {
    reader.inFlight -= 1;
    this.#pump();
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    this.#defer(() => {
      this.#pumping = false;
      while (this.depth > 0) {
        const reader = this.#readyReader();
        const stored = reader === undefined ? undefined : this.get();
        if (reader === undefined || stored === undefined) return;
        reader.inFlight += 1;
        reader.take(stored);
      }
    });
  }

  /** Readers take turns, as consumers of a RabbitMQ queue do. */
  #readyReader(): Reader | undefined {
    for (let tried = 0; tried < this.#readers.length; tried += 1) {
      const reader = this.#readers[this.#nextReader++ % this.#readers.length];
      if (reader !== undefined && reader.inFlight < reader.prefetch) return reader;
    }
    return undefined;
  }
}
