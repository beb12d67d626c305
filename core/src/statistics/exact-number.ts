/** `mantissa` · 2^`exponent`. */
export interface ExactNumber {
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** Bits from which a double is rounded; one of those that are cut off stands for all of them. */
const SURE_BITS = 128;

/** The double next to a number. */
export function rounded({ mantissa, exponent }: ExactNumber): number {
  const size = mantissa < 0n ? -mantissa : mantissa;
  const cut = Math.max(0, 4 * size.toString(16).length - SURE_BITS);
  const kept = size >> BigInt(cut);
  const sticky = kept << BigInt(cut) === size ? kept : kept | 1n;
  const value = scaled(Number(sticky), exponent + cut);
  return mantissa < 0n ? -value : value;
}

/** The double next to a quotient. @param divisor - above 0. */
export function roundedQuotient({ mantissa, exponent }: ExactNumber, divisor: bigint): number {
  const shift = BigInt(2 * SURE_BITS);
  const [whole, rest] = [(mantissa << shift) / divisor, (mantissa << shift) % divisor];
  // A quotient that goes on is not a tie between two doubles.
  return rounded({
    mantissa: rest === 0n ? whole << 1n : (whole << 1n) + (mantissa < 0n ? -1n : 1n),
    exponent: exponent - 2 * SURE_BITS - 1,
  });
}

/** value · 2^exponent. */
function scaled(value: number, exponent: number): number {
  let result = value;
  let left = exponent;
  for (; left > 1000; left -= 1000) result *= 2 ** 1000;
  for (; left < -1000; left += 1000) result *= 2 ** -1000;
  return result * 2 ** left;
}
