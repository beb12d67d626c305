/**
 * A table of a flatbuffer, the form of Arrow's metadata (https://flatbuffers.dev/internals), for reading what cannot be trusted:
 * whatever lies outside of the buffer is a RangeError. Tables lie behind whatever refers to them, so that none contains itself.
 */
export class FlatTable {
  readonly #view: DataView;
  readonly #at: number;
  readonly #vtable: number;
  readonly #fields: number;

  constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
    this.#vtable = at - view.getInt32(at, true);
    this.#fields = (view.getUint16(this.#vtable, true) - 4) / 2;
  }

  /** The outermost table of a buffer. */
  static root(view: DataView): FlatTable {
    return new FlatTable(view, view.getUint32(0, true));
  }

  /** Where a field lies; undefined if it is left out. */
  #position(field: number): number | undefined {
    if (field >= this.#fields) return undefined;
    const offset = this.#view.getUint16(this.#vtable + 4 + 2 * field, true);
    return offset === 0 ? undefined : this.#at + offset;
  }

  /** An unsigned byte; 0 if it is left out. */
  byte(field: number): number {
    const position = this.#position(field);
    return position === undefined ? 0 : this.#view.getUint8(position);
  }

  /** A signed integer of 64 bits; 0 if it is left out. */
  long(field: number): number {
    const position = this.#position(field);
    return position === undefined ? 0 : this.longAt(position);
  }

  /** The same, anywhere in the buffer. */
  longAt(position: number): number {
    return Number(this.#view.getBigInt64(position, true));
  }

  /** A table within this one; undefined if it is left out. */
  table(field: number): FlatTable | undefined {
    const position = this.#position(field);
    return position === undefined ? undefined : this.#follow(position);
  }

  #follow(position: number): FlatTable {
    return new FlatTable(this.#view, position + this.#view.getUint32(position, true));
  }

  /** Where the elements of a list or a string begin, each of so many bytes. @throws RangeError if they do not all lie in the buffer. */
  elements(field: number, bytes: number): number[] {
    const position = this.#position(field);
    if (position === undefined) return [];
    const start = position + this.#view.getUint32(position, true);
    const count = this.#view.getUint32(start, true);
    if (count * bytes > this.#view.byteLength - start - 4) throw new RangeError("a list is longer than the metadata");
    return Array.from({ length: count }, (_, i) => start + 4 + i * bytes);
  }

  /** The tables of a list. */
  tables(field: number): FlatTable[] {
    return this.elements(field, 4).map((position) => this.#follow(position));
  }
}
