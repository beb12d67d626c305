import Type from "typebox";
import { rounded, type ExactNumber } from "./exact-number.js";

/**
 * A sum to the last bit: `-1f3p-52` is −0x1f3 · 2^−52, with an odd mantissa, so that equal sums are equal texts. Terms beyond the largest
 * double are counted behind it: `0p0+2inf-1inf`.
 */
export type SavedExactSum = string;

/** What a saved sum looks like. */
export const SavedExactSumSchema = Type.String({ pattern: "^-?[0-9a-f]{1,600}p-?[0-9]{1,4}(\\+[0-9]{1,16}inf)?(-[0-9]{1,16}inf)?$" });

export const LIMB_BITS = 32;
export const LIMB = 2 ** LIMB_BITS;

/** Limbs of a sum of any doubles, with room for what they add up to. */
const MOST_LIMBS = 80;
const HEX = Buffer.from("0123456789abcdef");
const digitsRoom = new Uint32Array(MOST_LIMBS);
const textRoom = Buffer.alloc(8 * MOST_LIMBS);

/**
 * Writes limbs that have not carried yet. Without big integers and `toString(16)`: windows of features have thousands of sums.
 *
 * @param limbs - counts of 2^(32 k), lowest first: `width` of them, from `at` on. @param exponent - of the first one.
 */
export function textOfLimbs(limbs: Float64Array, at: number, width: number, exponent: number): string {
  const digits = width <= MOST_LIMBS ? digitsRoom : new Uint32Array(width);
  let carry = 0;
  for (let k = 0; k < width; k += 1) {
    const value = (limbs[at + k] ?? 0) + carry;
    carry = Math.floor(value / LIMB);
    digits[k] = value - carry * LIMB;
  }
  let low = 0;
  while (low < width && digits[low] === 0) low += 1;
  if (low === width) return "0p0";
  // The highest limbs have room for the sum, so that the last carry is its sign: 0 or -1.
  if (carry < 0) {
    digits[low] = -(digits[low] ?? 0);
    for (let k = low + 1; k < width; k += 1) digits[k] = ~(digits[k] ?? 0);
  }
  const zeros = zerosOf(digits[low] ?? 0);
  return `${carry < 0 ? "-" : ""}${hexOf(digits, low, width, zeros)}p${exponent + LIMB_BITS * low + zeros}`;
}

/** Digits of 32 bits from `low` to before `end`, lowest first, divided by 2^`shift`; without leading zeros. */
function hexOf(digits: Uint32Array, low: number, end: number, shift: number): string {
  const text = end <= MOST_LIMBS ? textRoom : Buffer.alloc(8 * end);
  let length = 0;
  for (let k = end - 1; k >= low; k -= 1) {
    const above = k + 1 < end && shift > 0 ? (digits[k + 1] ?? 0) << (LIMB_BITS - shift) : 0;
    const digit = ((digits[k] ?? 0) >>> shift) | above;
    if (length === 0 && digit === 0) continue;
    for (let bit = length === 0 ? 28 - (Math.clz32(digit) & ~3) : 28; bit >= 0; bit -= 4) {
      text[length] = HEX[(digit >>> bit) & 0xf] ?? 0;
      length += 1;
    }
  }
  return text.toString("latin1", 0, length);
}

/** Bits below the lowest that is set. */
function zerosOf(digit: number): number {
  return 31 - Math.clz32(digit & -digit);
}

/** A saved sum, rounded once; Infinity or NaN as of `ExactSums.at`. */
export function doubleOf(saved: SavedExactSum): number {
  return shortDouble(saved) ?? longDouble(saved);
}

const MINUS = 0x2d;
/** Digits that two whole numbers of a double hold exactly: 52 and 32 bits. */
const [MOST_DIGITS, LOW_DIGITS] = [21, 8];
/** Powers of two within which a double has all its digits. */
const FULL = { least: 2 ** -1000, most: 2 ** 1000, leastExponent: -1000 };

/** The same of a sum with few digits, as most of them are, in a tenth of the time: its two parts are added, which rounds once. Undefined of others. */
function shortDouble(saved: SavedExactSum): number | undefined {
  const end = saved.indexOf("p");
  const from = saved.charCodeAt(0) === MINUS ? 1 : 0;
  const exponent = Number(saved.slice(end + 1));
  if (end - from > MOST_DIGITS || !(exponent >= FULL.leastExponent)) return undefined;
  const split = Math.max(from, end - LOW_DIGITS);
  const high = split === from ? 0 : Number.parseInt(saved.slice(from, split), 16);
  const size = (high * 2 ** 32 + Number.parseInt(saved.slice(split, end), 16)) * 2 ** exponent;
  if (size !== 0 && !(size >= FULL.least && size <= FULL.most)) return undefined;
  return from === 1 ? -size : size;
}

function longDouble(saved: SavedExactSum): number {
  const { mantissa, exponent, up, down } = readExactSum(saved);
  if (up > 0 || down > 0) return down === 0 ? Infinity : up === 0 ? -Infinity : Number.NaN;
  return rounded({ mantissa, exponent });
}

const PARTS = /^(-?)([0-9a-f]+)p(-?\d+)(?:\+(\d+)inf)?(?:-(\d+)inf)?$/;

/** The sum of the finite terms, and how many terms were Infinity and -Infinity. */
export function readExactSum(text: SavedExactSum): ExactNumber & { readonly up: number; readonly down: number } {
  const [, sign, digits = "0", exponent, up = 0, down = 0] = PARTS.exec(text) ?? [];
  const size = BigInt(`0x${digits}`);
  return { mantissa: sign === "-" ? -size : size, exponent: Number(exponent), up: Number(up), down: Number(down) };
}
