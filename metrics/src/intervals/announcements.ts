import { packDoubles } from "../state/packed-doubles.js";
import { EXPERTS } from "./dtaci.js";

/** Announcements that are kept, the latest: labels of earlier ones steer by the levels of now. */
const KEPT = 256;
const DOUBLES = 2 + EXPERTS;

interface Announcement {
  /** ms since 1970. */
  readonly at: number;
  readonly halfWidth: number;
  readonly alphas: Float64Array;
}

/** The widths that were announced for a version, and the levels of the experts that they came from. */
export class Announcements {
  #latest: Announcement[] = [];

  add(at: number, halfWidth: number, alphas: Float64Array): void {
    this.#latest.push({ at, halfWidth, alphas: alphas.slice() });
    if (this.#latest.length > 2 * KEPT) this.#latest = this.#latest.slice(-KEPT);
  }

  /** When the last one was, ms since 1970; NaN if there was none. */
  get latestAt(): number {
    return this.#latest.at(-1)?.at ?? Number.NaN;
  }

  get halfWidth(): number | undefined {
    return this.#latest.at(-1)?.halfWidth;
  }

  /** The levels behind the half width of a prediction that came in at this time; undefined if they are not known. */
  alphasOf(halfWidth: number, predictedAt: number): Float64Array | undefined {
    const kept = this.#latest;
    for (let i = kept.length - 1; i >= Math.max(0, kept.length - KEPT); i -= 1) {
      const each = kept[i];
      if (each !== undefined && each.halfWidth === halfWidth && each.at <= predictedAt) return each.alphas;
    }
    return undefined;
  }

  /** All that are kept, packed: of each when, half width, levels. */
  save(): string {
    const kept = this.#latest.slice(-KEPT);
    const doubles = new Float64Array(kept.length * DOUBLES);
    for (const [i, { at, halfWidth, alphas }] of kept.entries()) {
      doubles[i * DOUBLES] = at;
      doubles[i * DOUBLES + 1] = halfWidth;
      doubles.set(alphas, i * DOUBLES + 2);
    }
    return packDoubles(doubles);
  }

  /** Becomes what `save` returned. */
  restore(packed: string): void {
    const doubles = new Float64Array(new Uint8Array(Buffer.from(packed, "base64")).buffer);
    this.#latest = Array.from({ length: Math.floor(doubles.length / DOUBLES) }, (_, i) => {
      const [at = 0, halfWidth = 0] = doubles.subarray(i * DOUBLES);
      return { at, halfWidth, alphas: doubles.slice(i * DOUBLES + 2, (i + 1) * DOUBLES) };
    });
  }
}
