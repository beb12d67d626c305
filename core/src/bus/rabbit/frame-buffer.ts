/** Bytes that are asked for at once: some hundred messages of one row. */
const CHUNK_BYTES = 64 * 1024;
/** Characters of a name. */
const SHORT = 64;

/** Bytes that are written one after another, as AMQP 0-9-1 has them: big-endian, short strings behind their length. */
export class FrameBuffer {
  #bytes = Buffer.allocUnsafe(CHUNK_BYTES);
  /** Where the bytes begin that nobody took yet. */
  #begin = 0;
  #end = 0;

  /** How many bytes were written and not taken. */
  get length(): number {
    return this.#end - this.#begin;
  }

  /** What was written since the last call. It is not written over. */
  take(): Buffer {
    const taken = this.#bytes.subarray(this.#begin, this.#end);
    this.#begin = this.#end;
    return taken;
  }

  /** Forgets all but the first `length` bytes that were not taken. */
  truncate(length: number): void {
    this.#end = this.#begin + length;
  }

  octet(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#end++] = value;
  }

  short(value: number): void {
    this.#reserve(2);
    this.#end = this.#bytes.writeUInt16BE(value, this.#end);
  }

  /** An integer of 32 bits; a negative one as its complement. */
  long(value: number): void {
    this.#reserve(4);
    this.#end = this.#bytes.writeUInt32BE(value >>> 0, this.#end);
  }

  /** A safe integer in 64 bits. */
  longLong(value: number): void {
    this.long(Math.floor(value / 2 ** 32));
    this.long(value);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#end = this.#bytes.writeDoubleBE(value, this.#end);
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#end);
    this.#end += value.length;
  }

  /** @throws RangeError above 255 bytes. */
  shortString(text: string): void {
    const at = this.length;
    this.octet(0);
    const count = this.#text(text);
    if (count > 255) throw new RangeError(`"${text.slice(0, 20)}…" has ${count} bytes, and AMQP takes at most 255 there`);
    this.#bytes[this.#begin + at] = count;
  }

  longString(text: string): void {
    const at = this.length;
    this.long(0);
    this.setLong(at, this.#text(text));
  }

  /** Writes over four bytes that were not taken: a length that is known later. */
  setLong(at: number, value: number): void {
    this.#bytes.writeUInt32BE(value, this.#begin + at);
  }

  /** @returns how many bytes it is in UTF-8. */
  #text(text: string): number {
    this.#reserve(3 * text.length);
    const start = this.#end;
    // For the short names in messages, a loop costs a tenth of a call into the runtime.
    for (let i = 0; text.length <= SHORT && i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) break;
      this.#bytes[this.#end++] = code;
    }
    if (this.#end - start < text.length) this.#end = start + this.#bytes.write(text, start);
    return this.#end - start;
  }

  #reserve(count: number): void {
    if (this.#end + count <= this.#bytes.length) return;
    const length = this.length;
    const next = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, 2 * (length + count)));
    this.#bytes.copy(next, 0, this.#begin, this.#end);
    this.#bytes = next;
    this.#begin = 0;
    this.#end = length;
  }
}
