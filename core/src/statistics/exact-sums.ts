import { rounded, type ExactNumber } from "./exact-number.js";
import { LIMB, LIMB_BITS, readExactSum, textOfLimbs, type SavedExactSum } from "./saved-exact-sum.js";

/** Limb k counts units of 2^(32 k + LEAST_EXPONENT): what two limbs below the smallest normal double begin with. */
const LEAST_EXPONENT = -1152;
/** Added to the exponent bits of a double, it gives the distance of its highest bit from LEAST_EXPONENT. */
const HIGHEST_BIT = -LEAST_EXPONENT - 1023;
/** The lowest limb that the highest bit of a double can lie in: its scale alone would be beyond the doubles. */
const LOWEST = HIGHEST_BIT >> 5;
/** By limb: what scales a double to units of it. */
const SCALES = Float64Array.from({ length: 68 }, (_, limb) => 2 ** (-LEAST_EXPONENT - LIMB_BITS * limb));
/** A double has 53 bits, so that it lies in three limbs. */
const LIMBS_BELOW = 2;
/** Limbs above the terms, for what they add up to. */
const LIMBS_FOR_CARRY = 2;
/** Each term adds less than 2^32 to a limb, which counts exactly to 2^53. */
const MOST_BETWEEN_CARRIES = 2 ** 20;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/**
 * A few sums of doubles without any rounding, in fixed point from the smallest to the largest double (a small superaccumulator; Neal 2015,
 * arXiv:1505.05571). So the order of the terms does not matter, and a term that is taken out leaves no trace.
 *
 * Memory: 8 bytes a limb of 32 bits, as far as terms reach; some ten of them for ordinary data.
 */
export class ExactSums {
  #count: number;
  /** The limbs of the first sum from the lowest on, then those of the second. */
  #limbs = new Float64Array(0);
  /** Limbs of each sum. */
  #width = 0;
  /** The lowest limb, and the first one that is kept for carries. */
  #from = 0;
  #to = 0;
  /** Terms since the last carry. */
  #added = 0;
  /** Of each sum, how many terms were Infinity and -Infinity; undefined if there never was one. */
  #infinite: Float64Array | undefined;

  /** @param count - how many sums. */
  constructor(count: number) {
    this.#count = count;
  }

  /** Makes room for more sums, of nothing yet. @param count - how many there are then. */
  grow(count: number): void {
    this.#count = count;
    this.#limbs = lengthened(this.#limbs, count * this.#width);
    if (this.#infinite !== undefined) this.#infinite = lengthened(this.#infinite, 2 * count);
  }

  /** Adds a term; NaN counts as Infinity and as -Infinity. */
  add(index: number, term: number): void {
    if (term === 0) return;
    if (Number.isFinite(term)) this.#addFinite(index, term, limbOf(term));
    else this.#addInfinite(index, term, 1);
  }

  /** Takes out a term that was added. */
  remove(index: number, term: number): void {
    if (Number.isFinite(term)) this.add(index, -term);
    else this.#addInfinite(index, term, -1);
  }

  /**
   * Adds an error, its absolute value and its square to three sums one after another, or takes them out; to several such threes at once, which
   * is much cheaper than one by one.
   *
   * @param first - the index of the first sum of each three. @param times - 1 or -1.
   */
  addErrors(first: Int32Array, error: number, times: 1 | -1): void {
    const square = error * error;
    if (!(square > 0 && square < Infinity)) {
      for (const index of first) this.#addError(index, error, times);
      return;
    }
    const [place, squarePlace] = [limbOf(error), limbOf(square)];
    this.#makeRoom(place);
    this.#makeRoom(squarePlace);
    const [limbs, width] = [this.#limbs, this.#width];
    // The parts of |e|, which those of e are but for the sign.
    const scaled = scaledTo(place, times * Math.abs(error));
    const high = Math.trunc(scaled);
    const rest = (scaled - high) * LIMB;
    const middle = Math.trunc(rest);
    const low = (rest - middle) * LIMB;
    const scaledSquare = scaledTo(squarePlace, times * square);
    const squareHigh = Math.trunc(scaledSquare);
    const squareRest = (scaledSquare - squareHigh) * LIMB;
    const squareMiddle = Math.trunc(squareRest);
    const squareLow = (squareRest - squareMiddle) * LIMB;
    const turned = error < 0 ? -1 : 1;
    const ofError = place - this.#from;
    const ofSquare = 2 * width + squarePlace - this.#from;
    for (let i = 0; i < first.length; i += 1) {
      const base = (first[i] ?? 0) * width;
      const [at, absoluteAt, squareAt] = [base + ofError, base + width + ofError, base + ofSquare];
      limbs[at] = (limbs[at] ?? 0) + turned * high;
      limbs[at - 1] = (limbs[at - 1] ?? 0) + turned * middle;
      limbs[absoluteAt] = (limbs[absoluteAt] ?? 0) + high;
      limbs[absoluteAt - 1] = (limbs[absoluteAt - 1] ?? 0) + middle;
      limbs[squareAt] = (limbs[squareAt] ?? 0) + squareHigh;
      limbs[squareAt - 1] = (limbs[squareAt - 1] ?? 0) + squareMiddle;
    }
    // Differences of short numbers seldom have so many bits.
    if (low === 0 && squareLow === 0) return;
    for (let i = 0; i < first.length; i += 1) {
      const base = (first[i] ?? 0) * width - LIMBS_BELOW;
      const [at, absoluteAt, squareAt] = [base + ofError, base + width + ofError, base + ofSquare];
      limbs[at] = (limbs[at] ?? 0) + turned * low;
      limbs[absoluteAt] = (limbs[absoluteAt] ?? 0) + low;
      limbs[squareAt] = (limbs[squareAt] ?? 0) + squareLow;
    }
  }

  /** The same for one three, of any error. */
  #addError(first: number, error: number, times: 1 | -1): void {
    for (const [i, term] of [error, Math.abs(error), error * error].entries()) {
      if (times === 1) this.add(first + i, term);
      else this.remove(first + i, term);
    }
  }

  /** Makes room for one more term in each sum. @param limb - the one of its highest bit. */
  #makeRoom(limb: number): void {
    if (limb - LIMBS_BELOW < this.#from || limb >= this.#to) this.#cover(limb - LIMBS_BELOW, limb);
    if (this.#added === MOST_BETWEEN_CARRIES) this.#carry();
    this.#added += 1;
  }

  #addFinite(index: number, term: number, limb: number): void {
    this.#makeRoom(limb);
    const limbs = this.#limbs;
    const at = index * this.#width + limb - this.#from;
    const scaled = scaledTo(limb, term);
    const high = Math.trunc(scaled);
    const rest = (scaled - high) * LIMB;
    const middle = Math.trunc(rest);
    limbs[at] = (limbs[at] ?? 0) + high;
    limbs[at - 1] = (limbs[at - 1] ?? 0) + middle;
    limbs[at - 2] = (limbs[at - 2] ?? 0) + (rest - middle) * LIMB;
  }

  #addInfinite(index: number, term: number, times: number): void {
    const counts = (this.#infinite ??= new Float64Array(2 * this.#count));
    if (!(term < 0)) counts[2 * index] = (counts[2 * index] ?? 0) + times;
    if (!(term > 0)) counts[2 * index + 1] = (counts[2 * index + 1] ?? 0) + times;
  }

  /** Makes room for limbs, if there is none. */
  #cover(low: number, high: number): void {
    const isEmpty = this.#width === 0;
    if (!isEmpty && low >= this.#from && high < this.#to) return;
    const from = isEmpty ? low : Math.min(low, this.#from);
    const to = isEmpty ? high + 1 : Math.max(high + 1, this.#to);
    const width = to - from + LIMBS_FOR_CARRY;
    const limbs = new Float64Array(this.#count * width);
    for (let i = 0; i < this.#count && !isEmpty; i += 1) {
      limbs.set(this.#limbs.subarray(i * this.#width, (i + 1) * this.#width), i * width + this.#from - from);
    }
    this.#limbs = limbs;
    this.#width = width;
    this.#from = from;
    this.#to = to;
  }

  /** Leaves at most 32 bits in each limb but the highest. */
  #carry(): void {
    const limbs = this.#limbs;
    for (let at = 0; at < limbs.length; at += 1) {
      if ((at + 1) % this.#width === 0) continue;
      const carry = Math.floor((limbs[at] ?? 0) / LIMB);
      limbs[at] = (limbs[at] ?? 0) - carry * LIMB;
      limbs[at + 1] = (limbs[at + 1] ?? 0) + carry;
    }
    this.#added = 1;
  }

  /** Adds all terms of as many other sums. */
  addAll(other: ExactSums): void {
    if (other.#infinite !== undefined) this.#addCounts(other.#infinite);
    if (other.#width === 0) return;
    this.#cover(other.#from, other.#from + other.#width - 1);
    if (this.#added + other.#added > MOST_BETWEEN_CARRIES) this.#carry();
    this.#added += other.#added;
    const [own, its] = [this.#limbs, other.#limbs];
    for (let i = 0; i < this.#count; i += 1) {
      const at = i * this.#width + other.#from - this.#from;
      const its0 = i * other.#width;
      for (let limb = 0; limb < other.#width; limb += 1) own[at + limb] = (own[at + limb] ?? 0) + (its[its0 + limb] ?? 0);
    }
  }

  #addCounts(counts: Float64Array): void {
    const own = (this.#infinite ??= new Float64Array(2 * this.#count));
    for (const [i, count] of counts.entries()) own[i] = (own[i] ?? 0) + count;
  }

  /** Takes all terms out. */
  clear(): void {
    this.#limbs.fill(0);
    this.#added = 0;
    this.#infinite = undefined;
  }

  /** The sum, rounded once; Infinity or NaN if it has such terms, or is beyond the largest double. */
  at(index: number): number {
    const [up = 0, down = 0] = this.#infinite?.subarray(2 * index, 2 * index + 2) ?? [];
    if (up > 0 || down > 0) return down === 0 ? Infinity : up === 0 ? -Infinity : Number.NaN;
    return rounded(this.exact(index));
  }

  /** The sum of the finite terms. */
  exact(index: number): ExactNumber {
    let mantissa = 0n;
    for (let limb = this.#width - 1; limb >= 0; limb -= 1) {
      mantissa = (mantissa << 32n) + BigInt(this.#limbs[index * this.#width + limb] ?? 0);
    }
    return { mantissa, exponent: LIMB_BITS * this.#from + LEAST_EXPONENT };
  }

  save(): SavedExactSum[] {
    return Array.from({ length: this.#count }, (_, index) => this.saveAt(index));
  }

  /** One of the sums, as `save` returns it. */
  saveAt(index: number): SavedExactSum {
    const [up = 0, down = 0] = this.#infinite?.subarray(2 * index, 2 * index + 2) ?? [];
    return (
      textOfLimbs(this.#limbs, index * this.#width, this.#width, LIMB_BITS * this.#from + LEAST_EXPONENT) +
      (up > 0 ? `+${up}inf` : "") +
      (down > 0 ? `-${down}inf` : "")
    );
  }

  /** Adds what `save` returned. */
  merge(saved: readonly SavedExactSum[]): void {
    for (const [index, text] of saved.entries()) this.mergeAt(index, text);
  }

  /** Adds what `saveAt` returned to one of the sums. */
  mergeAt(index: number, saved: SavedExactSum): void {
    const { mantissa, exponent, up, down } = readExactSum(saved);
    if (up > 0) this.#addInfinite(index, Infinity, up);
    if (down > 0) this.#addInfinite(index, -Infinity, down);
    if (mantissa !== 0n) this.#addExact(index, mantissa, exponent);
  }

  #addExact(index: number, mantissa: bigint, exponent: number): void {
    const distance = exponent - LEAST_EXPONENT;
    const low = Math.floor(distance / LIMB_BITS);
    const isNegative = mantissa < 0n;
    let left = (isNegative ? -mantissa : mantissa) << BigInt(distance - LIMB_BITS * low);
    const pieces: number[] = [];
    for (; left > 0n; left >>= 32n) pieces.push(Number(BigInt.asUintN(LIMB_BITS, left)));
    this.#cover(low, low + pieces.length - 1);
    if (this.#added === MOST_BETWEEN_CARRIES) this.#carry();
    this.#added += 1;
    for (const [i, piece] of pieces.entries()) {
      const at = index * this.#width + low + i - this.#from;
      this.#limbs[at] = (this.#limbs[at] ?? 0) + (isNegative ? -piece : piece);
    }
  }
}

/** The limb that the highest bit of a finite double lies in. */
function limbOf(term: number): number {
  double[0] = term;
  return ((((words[HIGH] ?? 0) >>> 20) & 0x7ff) + HIGHEST_BIT) >>> 5;
}

/** A term in units of a limb. */
function scaledTo(limb: number, term: number): number {
  return limb > LOWEST ? term * (SCALES[limb] ?? 0) : term * 2 ** 1000 * 2 ** (-LEAST_EXPONENT - LIMB_BITS * LOWEST - 1000);
}

function lengthened(values: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(length);
  longer.set(values);
  return longer;
}
