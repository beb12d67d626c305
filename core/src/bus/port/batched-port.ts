import type { MessagePort } from "node:worker_threads";

/** A message port on which what is said in one turn travels together: a message of a port costs more than what it carries. */
export class BatchedPort<Said, Heard> {
  readonly #port: MessagePort;
  #unsent: Said[] = [];
  #buffers: ArrayBuffer[] = [];

  /** @param hear - gets what the other end said, in order. */
  constructor(port: MessagePort, hear: (heard: Heard) => void) {
    this.#port = port;
    port.on("message", (batch: readonly Heard[]) => {
      for (const heard of batch) hear(heard);
    });
  }

  say(said: Said): void {
    // A tick comes after all promises that are settled now.
    if (this.#unsent.length === 0) process.nextTick(() => this.#flush());
    this.#unsent.push(said);
  }

  /** A copy of a body that moves to the other thread. A Buffer may share its memory with others, which would be copied with it. */
  moved(body: Buffer): Buffer {
    const copy = new ArrayBuffer(body.length);
    const bytes = Buffer.from(copy);
    body.copy(bytes);
    this.#buffers.push(copy);
    return bytes;
  }

  #flush(): void {
    const [unsent, buffers] = [this.#unsent, this.#buffers];
    this.#unsent = [];
    this.#buffers = [];
    if (unsent.length > 0) this.#port.postMessage(unsent, buffers);
  }

  /** Sends what is left, and closes the port. */
  close(): void {
    this.#flush();
    this.#port.close();
  }
}

/** A body that came through a port, which makes a plain array of bytes of it. */
export function asBuffer(body: Uint8Array): Buffer {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
