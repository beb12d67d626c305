/** The ids of a frame, in order, as UTF-8 bytes in a row, as Arrow lays them out: comparing and hashing them needs no strings. */
export class Ids {
  /** Made when first needed. */
  #text: string | undefined;

  readonly bytes: Buffer;
  readonly offsets: Int32Array;

  /**
   * @param bytes - the UTF-8 bytes of all ids, one after another.
   * @param offsets - shape [n + 1]; id i is `bytes[offsets[i] .. offsets[i + 1])`, and `offsets[0]` is 0.
   */
  constructor(bytes: Buffer, offsets: Int32Array) {
    this.bytes = bytes;
    this.offsets = offsets;
  }

  static of(ids: readonly string[]): Ids {
    const offsets = new Int32Array(ids.length + 1);
    const joined = ids.join("");
    const bytes = Buffer.from(joined, "utf8");
    // Beyond ASCII each id is written alone: half a character at the end of one must not join half of the next.
    if (bytes.length !== joined.length) return Ids.#ofEach(ids);
    let end = 0;
    for (let i = 0; i < ids.length; i += 1) {
      end += ids[i]?.length ?? 0;
      offsets[i + 1] = end;
    }
    return new Ids(bytes, offsets);
  }

  static #ofEach(ids: readonly string[]): Ids {
    const offsets = new Int32Array(ids.length + 1);
    const parts = ids.map((id) => Buffer.from(id, "utf8"));
    let end = 0;
    for (const [i, part] of parts.entries()) {
      end += part.length;
      offsets[i + 1] = end;
    }
    return new Ids(Buffer.concat(parts), offsets);
  }

  /** The ids of all columns, one column after another. */
  static joined(columns: readonly Ids[]): Ids {
    const offsets = new Int32Array(columns.reduce((sum, { length }) => sum + length, 0) + 1);
    let row = 0;
    let start = 0;
    for (const ids of columns) {
      for (let i = 0; i < ids.length; i += 1) offsets[++row] = start + ids.end(i);
      start += ids.bytes.length;
    }
    return new Ids(Buffer.concat(columns.map(({ bytes }) => bytes)), offsets);
  }

  get length(): number {
    return this.offsets.length - 1;
  }

  /** Where id i begins in `bytes`. */
  start(i: number): number {
    return this.offsets[i] ?? 0;
  }

  /** Where id i ends in `bytes`. */
  end(i: number): number {
    return this.offsets[i + 1] ?? 0;
  }

  /** All ids, one after another. */
  get text(): string {
    this.#text ??= this.bytes.toString("utf8");
    return this.#text;
  }

  /** Whether each character of each id is one byte. */
  get isAscii(): boolean {
    return this.text.length === this.bytes.length;
  }

  /** Id i as a string. */
  at(i: number): string {
    // If each byte is a character, a slice of the whole is cheaper than decoding each id.
    if (this.isAscii) return this.text.slice(this.start(i), this.end(i));
    return this.bytes.toString("utf8", this.start(i), this.end(i));
  }

  /** Whether both hold the same ids in the same order. */
  equals(other: Ids): boolean {
    if (this.length !== other.length || this.bytes.length !== other.bytes.length) return false;
    return this.bytes.equals(other.bytes) && offsetBytes(this).equals(offsetBytes(other));
  }

  /** The ids at these positions, in this order. */
  take(rows: readonly number[]): Ids {
    const offsets = new Int32Array(rows.length + 1);
    let end = 0;
    for (let i = 0; i < rows.length; i += 1) {
      const row = rows[i] ?? 0;
      end += this.end(row) - this.start(row);
      offsets[i + 1] = end;
    }
    const bytes = Buffer.allocUnsafe(end);
    for (let i = 0; i < rows.length; i += 1) {
      const row = rows[i] ?? 0;
      this.bytes.copy(bytes, offsets[i] ?? 0, this.start(row), this.end(row));
    }
    return new Ids(bytes, offsets);
  }

  /** All ids as strings. */
  toArray(): string[] {
    return Array.from({ length: this.length }, (_, i) => this.at(i));
  }
}

function offsetBytes({ offsets }: Ids): Buffer {
  return Buffer.from(offsets.buffer, offsets.byteOffset, offsets.byteLength);
}
