import { decadeOf, decimalNumber } from "@streamgauge/core";
import { powerOf } from "./picture-text.js";

const STEPS = [1, 2, 5] as const;
const MOST_TICKS = 9;
const FEWEST_TICKS = 2;
const MOST_IN_FULL = 1e12;
const LITTLE = 1e-3;
/** Whole numbers up to here are doubles. */
const MOST_WHOLE = 2 ** 53;

/** Plain numbers along an axis. */
export interface NumberTicks {
  /** The power of ten in whose units the texts are: 0 for plain numbers. */
  readonly power: number;
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
}

/**
 * Multiples of 1, 2 or 5 × 10^k from `low` to `high`, as many as have room.
 *
 * @param low - finite, below `high`, which is finite too.
 * @param hasRoom - whether these texts fit along the axis.
 */
export function numberTicks(low: number, high: number, hasRoom: (texts: readonly string[]) => boolean): NumberTicks {
  const largest = Math.max(Math.abs(low), Math.abs(high));
  // Long numbers that differ in their last digits only are read more easily in full.
  const power = largest < MOST_IN_FULL && high - low < LITTLE * largest ? 0 : powerOf(largest);
  let fewest: NumberTicks = { power, ticks: [] };
  for (let most = MOST_TICKS; most >= FEWEST_TICKS; most -= 1) {
    const ticks = ticksOf(low, high, most, power);
    if (ticks.length > 0) fewest = { power, ticks };
    if (ticks.length > 0 && hasRoom(ticks.map(({ text }) => text))) break;
  }
  return fewest;
}

function ticksOf(low: number, high: number, most: number, power: number): NumberTicks["ticks"] {
  // Halves, since the distance may be beyond the largest double.
  const { step, exponent } = stepOf(((high / 2 - low / 2) / most) * 2);
  const unit = step * decimalNumber(1, exponent);
  const [first, last] = [Math.ceil(low / unit), Math.floor(high / unit)];
  if (!(Math.abs(first) < MOST_WHOLE / 10 && Math.abs(last) < MOST_WHOLE / 10)) return [];
  const decimals = Math.max(0, power - exponent);
  const format = new Intl.NumberFormat("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
    const mantissa = (first + i) * step;
    const text = mantissa === 0 ? "0" : format.format(decimalNumber(mantissa, exponent - power)).replace(/^-/, "−");
    return { value: mantissa === 0 ? 0 : decimalNumber(mantissa, exponent), text };
  });
}

/** The plain number that is `least` or just above it. */
function stepOf(least: number): { readonly step: number; readonly exponent: number } {
  const exponent = decadeOf(least);
  const step = STEPS.find((candidate) => decimalNumber(candidate, exponent) >= least);
  return step === undefined ? { step: 1, exponent: exponent + 1 } : { step, exponent };
}
