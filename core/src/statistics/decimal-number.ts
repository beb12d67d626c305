// Every power of ten in this range is exact as a double, and one multiplication or division of exact numbers is
// rounded once: the result is the same double that reading the decimal text would give.
const LARGEST_EXACT_EXPONENT = 22;
const POWERS_OF_TEN = Float64Array.from({ length: LARGEST_EXACT_EXPONENT + 1 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * @returns the double nearest to `mantissa` × 10^`exponent`: `decimalNumber(3, -1)` is 0.3, whereas `3 * 0.1` is not.
 * @param mantissa - an integer below 2^53.
 * Infinity if the product is beyond the doubles.
 */
export function decimalNumber(mantissa: number, exponent: number): number {
  if (exponent >= 0 && exponent <= LARGEST_EXACT_EXPONENT) return mantissa * (POWERS_OF_TEN[exponent] ?? NaN);
  if (exponent < 0 && exponent >= -LARGEST_EXACT_EXPONENT) return mantissa / (POWERS_OF_TEN[-exponent] ?? NaN);
  return Number(`${mantissa}e${exponent}`);
}

/** A quotient farther than this from a whole number cannot have been rounded across one. Quotients are below 2^40. */
const SURE = 1e-3;

/**
 * @returns the largest integer m with `decimalNumber(m, exponent)` ≤ `value`.
 * @param value - finite, not negative, below 2^40 × 10^`exponent`.
 */
export function wholeUnits(value: number, exponent: number): number {
  const quotient =
    exponent < 0 && exponent >= -LARGEST_EXACT_EXPONENT ? value * (POWERS_OF_TEN[-exponent] ?? NaN) : value / decimalNumber(1, exponent);
  let units = Math.floor(quotient);
  if (quotient - units > SURE && quotient - units < 1 - SURE) return units;
  // The quotient is rounded, so that its floor may be one off beside an edge: 0.3 / 0.1 is 2.9999999999999996.
  while (value < decimalNumber(units, exponent)) units -= 1;
  while (value >= decimalNumber(units + 1, exponent)) units += 1;
  return units;
}

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/**
 * For each exponent of a double (its 11 bits after the sign): the decade of the smallest double that has it, and where the next decade
 * begins. A power of two spans at most two decades. Looking both up costs a sixth of a logarithm.
 */
const DECADES = new Int16Array(2 ** 11);
const NEXT_DECADES = new Float64Array(2 ** 11);
for (let exponent = 1; exponent < DECADES.length - 1; exponent += 1) {
  const smallest = 2 ** (exponent - 1023);
  const decade = decadeByLogarithm(smallest);
  DECADES[exponent] = decade;
  NEXT_DECADES[exponent] = decimalNumber(1, decade + 1);
}

/**
 * @returns the integer d with 10^d ≤ `value` < 10^(d + 1).
 * @param value - finite and above zero.
 */
export function decadeOf(value: number): number {
  double[0] = value;
  const exponent = (words[HIGH] ?? 0) >>> 20;
  // Below the normal doubles the exponent says nothing.
  if (exponent === 0) return decadeByLogarithm(value);
  const decade = DECADES[exponent] ?? 0;
  return value >= (NEXT_DECADES[exponent] ?? Infinity) ? decade + 1 : decade;
}

function decadeByLogarithm(value: number): number {
  const decade = Math.floor(Math.log10(value));
  if (value < decimalNumber(1, decade)) return decade - 1;
  return value >= decimalNumber(1, decade + 1) ? decade + 1 : decade;
}
