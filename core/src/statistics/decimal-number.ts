// Every power of ten in this range is exact as a double, and one multiplication or division of exact numbers is
// rounded once: the result is the same double that reading the decimal text would give.
const LARGEST_EXACT_EXPONENT = 22;
const POWERS_OF_TEN = Float64Array.from({ length: LARGEST_EXACT_EXPONENT + 1 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * @returns the double nearest to `mantissa` × 10^`exponent`: `decimalNumber(3, -1)` is 0.3, whereas `3 * 0.1` is not.
 * @param mantissa - an integer below 2^53.
 * Infinity where the product is beyond the doubles.
 */
export function decimalNumber(mantissa: number, exponent: number): number {
  if (exponent >= 0 && exponent <= LARGEST_EXACT_EXPONENT) return mantissa * (POWERS_OF_TEN[exponent] ?? NaN);
  if (exponent < 0 && exponent >= -LARGEST_EXACT_EXPONENT) return mantissa / (POWERS_OF_TEN[-exponent] ?? NaN);
  return Number(`${mantissa}e${exponent}`);
}

/**
 * @returns the largest integer m with `decimalNumber(m, exponent)` ≤ `value`.
 * @param value - finite, not negative, below 2^53 × 10^`exponent`.
 */
export function wholeUnits(value: number, exponent: number): number {
  let units = Math.floor(value / decimalNumber(1, exponent));
  // The division is rounded, so that its floor may be one off beside an edge: 0.3 / 0.1 is 2.9999999999999996.
  while (value < decimalNumber(units, exponent)) units -= 1;
  while (value >= decimalNumber(units + 1, exponent)) units += 1;
  return units;
}

/**
 * @returns the integer d with 10^d ≤ `value` < 10^(d + 1).
 * @param value - finite and above zero.
 */
export function decadeOf(value: number): number {
  const decade = Math.floor(Math.log10(value));
  if (value < decimalNumber(1, decade)) return decade - 1;
  return value >= decimalNumber(1, decade + 1) ? decade + 1 : decade;
}
