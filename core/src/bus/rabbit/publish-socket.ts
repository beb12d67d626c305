import type { Address, Message } from "../bus.js";
import { FrameBuffer } from "./frame-buffer.js";
import { beginBody, bodyParts, endBody, writePublish } from "./publish-frames.js";
import type { Wire } from "./wire.js";

/** A larger part of a body is not copied beside its frames. */
const COPIED_BYTES = 16 * 1024;

/**
 * Writes publishes of one channel straight into the socket of its connection, all of a turn of the event loop together. amqplib builds some
 * twenty objects for each, and passes each by itself through two streams (docs/adr/0030). Whole frames only, so that what amqplib writes
 * itself comes before or after them.
 */
export class PublishSocket {
  readonly #wire: Wire;
  readonly #appId: string;
  readonly #frames = new FrameBuffer();
  /** What is written at the end of this turn, before what is in `frames`. */
  #parts: Buffer[] = [];
  #isScheduled = false;

  constructor(wire: Wire, appId: string) {
    this.#wire = wire;
    this.#appId = appId;
  }

  /** Writes a message. @throws RangeError or TypeError if it cannot be carried; then nothing of it is written. */
  write(to: Address, message: Message, messageId: string): void {
    const { channel, frameMax } = this.#wire;
    const before = this.#frames.length;
    try {
      writePublish(this.#frames, message, { channel, to, messageId, appId: this.#appId, frameMax });
    } catch (error) {
      this.#frames.truncate(before);
      throw error;
    }
    for (const part of bodyParts(message.body, frameMax)) this.#writeBody(part);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // After all promises that are settled now: what a socket's data made others send goes out in one piece.
    process.nextTick(() => this.flush());
  }

  #writeBody(part: Buffer): void {
    beginBody(this.#frames, this.#wire.channel, part.length);
    if (part.length <= COPIED_BYTES) this.#frames.bytes(part);
    else this.#parts.push(this.#frames.take(), part);
    endBody(this.#frames);
  }

  /** Writes what is left of this turn at once. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#frames.length > 0) this.#parts.push(this.#frames.take());
    const parts = this.#parts;
    if (parts.length === 0) return;
    this.#parts = [];
    const { socket } = this.#wire;
    if (parts.length > 1) socket.cork();
    for (const part of parts) socket.write(part);
    if (parts.length > 1) socket.uncork();
  }

  /** Forgets what is not written: the channel is over. */
  discard(): void {
    this.#parts = [];
    this.#frames.truncate(0);
  }
}
