/** A set of whole numbers from 1 to a greatest one, in one bit each: of 100 million in 12.5 MB. */
export class NumberSet {
  readonly greatest: number;
  readonly #bits: Uint8Array;

  constructor(greatest: number) {
    this.greatest = greatest;
    this.#bits = new Uint8Array(Math.ceil((greatest + 1) / 8));
  }

  /** @returns false if the number is in the set already. @throws RangeError if it cannot be in it. */
  add(number: number): boolean {
    if (!Number.isInteger(number) || number < 1 || number > this.greatest)
      throw new RangeError(`${number} is not from 1 to ${this.greatest}.`);
    const [at, bit] = [Math.floor(number / 8), 1 << (number % 8)];
    const byte = this.#bits[at] ?? 0;
    this.#bits[at] = byte | bit;
    return (byte & bit) === 0;
  }

  has(number: number): boolean {
    return ((this.#bits[Math.floor(number / 8)] ?? 0) & (1 << (number % 8))) !== 0;
  }

  /** The numbers that are not in it, ascending. */
  *missing(): Generator<number, void> {
    for (let number = 1; number <= this.greatest; number += 1) if (!this.has(number)) yield number;
  }
}
