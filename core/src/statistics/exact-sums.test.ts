import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { roundedQuotient } from "./exact-number.js";
import { ExactSums } from "./exact-sums.js";
import { doubleOf } from "./saved-exact-sum.js";

function sumsOf(terms: readonly number[], index = 0): ExactSums {
  const sums = new ExactSums(2);
  for (const term of terms) sums.add(index, term);
  return sums;
}

/** Any double, and often one of those at which something changes. */
const term = fc.oneof(
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.constantFrom(0, 1, -1, 5e-324, -5e-324, 2 ** -1022, 2 ** 1023, -Number.MAX_VALUE, Number.MAX_VALUE, 2 ** -992, 2 ** -960, 1e-308),
);

/** Σ in units of the smallest double, by another way: each double as a whole number of them. */
function inSmallest(terms: readonly number[]): bigint {
  const bytes = new DataView(new ArrayBuffer(8));
  return terms.reduce((sum, each) => {
    bytes.setFloat64(0, Math.abs(each));
    const bits = bytes.getBigUint64(0);
    const [exponent, fraction] = [bits >> 52n, bits & (2n ** 52n - 1n)];
    const size = exponent === 0n ? fraction : (fraction | (2n ** 52n)) << (exponent - 1n);
    return sum + (each < 0 ? -size : size);
  }, 0n);
}

function exactlyInSmallest(sums: ExactSums): bigint {
  const { mantissa, exponent } = sums.exact(0);
  const shift = exponent + 1074;
  return shift >= 0 ? mantissa << BigInt(shift) : mantissa >> BigInt(-shift);
}

describe("exact sums", () => {
  test.each([
    [[], 0],
    [[0.1, 0.2, 0.3], 0.6],
    [[1e16, 1, -1e16], 1],
    [[1e308, 1e308, -1e308, 3, -1e308], 3],
    [[Number.MAX_VALUE, Number.MAX_VALUE], Infinity],
    [[5e-324, 5e-324], 1e-323],
    // 2^53 + 1 lies between two doubles, and goes to the even one; any more tips it.
    [[2 ** 53, 1], 2 ** 53],
    [[2 ** 53, 1, 5e-324], 2 ** 53 + 2],
    [[-(2 ** 53), -1, -5e-324], -(2 ** 53) - 2],
    [[1, Infinity], Infinity],
    [[1, -Infinity], -Infinity],
    [[Infinity, -Infinity], Number.NaN],
    [[Number.NaN], Number.NaN],
  ])("of %j are %d", (terms, expected) => {
    expect(sumsOf(terms).at(0)).toBe(expected);
  });

  test("have every bit of any doubles", () => {
    fc.assert(
      fc.property(fc.array(term, { maxLength: 50 }), (terms) => {
        expect(exactlyInSmallest(sumsOf(terms))).toBe(inSmallest(terms));
      }),
    );
  });

  test("of errors that are added to several at once, and taken out again, are the same as one by one", () => {
    const any = fc.oneof(term, fc.constantFrom(Infinity, -Infinity, Number.NaN, 1e-200, 3e-162, 2e160));
    const errors = fc.array(any, { maxLength: 30 });
    const each = (some: readonly number[]) => [some, some.map(Math.abs), some.map((error) => error * error)];
    const saved = (some: readonly number[]) => each(some).map((terms) => sumsOf(terms).save()[0]);
    fc.assert(
      fc.property(errors, errors, (kept, taken) => {
        const sums = new ExactSums(7);
        for (const error of [...kept, ...taken]) sums.addErrors(Int32Array.of(0, 4), error, 1);
        for (const error of taken) sums.addErrors(Int32Array.of(4), error, -1);
        expect(sums.save()).toEqual([...saved([...kept, ...taken]), "0p0", ...saved(kept)]);
      }),
    );
  });

  test("of terms in any order and any parts, also read back from what was saved, are the same", () => {
    fc.assert(
      fc.property(fc.array(term, { maxLength: 30 }), fc.array(term, { maxLength: 30 }), (some, others) => {
        const whole = sumsOf([...others.toReversed(), ...some]).save();
        const merged = sumsOf(some);
        merged.merge(sumsOf(others).save());
        expect(merged.save()).toEqual(whole);
        const added = sumsOf(some);
        added.addAll(sumsOf(others));
        expect(added.save()).toEqual(whole);
      }),
    );
  });

  test("keep no trace of a term that was taken out", () => {
    const any = fc.oneof(term, fc.constantFrom(Infinity, -Infinity));
    fc.assert(
      fc.property(fc.array(any, { maxLength: 20 }), fc.array(any, { maxLength: 20 }), (kept, taken) => {
        const sums = sumsOf([...taken, ...kept]);
        for (const each of taken) sums.remove(0, each);
        expect(sums.save()).toEqual(sumsOf(kept).save());
      }),
    );
  });

  test("of three million terms lose nothing", () => {
    const sums = new ExactSums(1);
    for (let i = 0; i < 3_000_000; i += 1) sums.add(0, i % 3 === 0 ? -4_294_967_295.75 : 4_294_967_295.75);
    expect(sums.at(0)).toBe(1_000_000 * 4_294_967_295.75);
    for (let round = 0; round < 3; round += 1) sums.addAll(sums);
    expect(sums.at(0)).toBe(8_000_000 * 4_294_967_295.75);
  });

  test("beside each other do not mix", () => {
    const sums = sumsOf([1, 2], 0);
    sums.add(1, 1e300);
    sums.add(1, Infinity);
    expect([sums.at(0), sums.at(1)]).toEqual([3, Infinity]);
    expect(sums.save()[0]).toBe("3p0");
  });

  test("keep what they are when there are more of them", () => {
    const sums = sumsOf([1, Infinity], 1);
    sums.grow(4);
    expect(sums.save()).toEqual(["0p0", "1p0+1inf", "0p0", "0p0"]);
    sums.add(3, 1e-300);
    sums.remove(1, Infinity);
    sums.grow(5);
    expect(sums.save()).toEqual(["0p0", "1p0", "0p0", sumsOf([1e-300]).save()[0], "0p0"]);
    const none = new ExactSums(0);
    none.grow(1);
    none.add(0, 2);
    expect(none.save()).toEqual(["1p1"]);
  });

  test("that are cleared begin anew", () => {
    const sums = sumsOf([1, Infinity, 1e-300]);
    sums.clear();
    sums.add(0, 0.5);
    expect(sums.save()).toEqual(["1p-1", "0p0"]);
  });

  test("are saved as what they are exactly, with an odd mantissa", () => {
    fc.assert(
      fc.property(fc.array(term, { maxLength: 50 }), (terms) => {
        const sums = sumsOf(terms);
        const { mantissa, exponent } = sums.exact(0);
        const [saved = ""] = sums.save();
        const [, sign = "", digits = "", power = ""] = /^(-?)([0-9a-f]+)p(-?\d+)$/.exec(saved) ?? [];
        const shift = Number(power) - exponent;
        expect((BigInt(`0x${digits}`) << BigInt(mantissa === 0n ? 0 : shift)) * (sign === "-" ? -1n : 1n)).toBe(mantissa);
        expect(mantissa === 0n ? saved === "0p0" : /[13579bdf]p/.test(saved) && !/^-?0/.test(saved)).toBe(true);
      }),
    );
  });

  test("are saved as they are documented", () => {
    expect(sumsOf([-4.5, 0.0625]).save()).toEqual(["-47p-4", "0p0"]);
    expect(sumsOf([3 * 2 ** 40, Infinity, Infinity, -Infinity]).save()[0]).toBe("3p40+2inf-1inf");
  });
});

test.each([
  [1n, 0, 3n, 1 / 3],
  [-1n, 0, 3n, -1 / 3],
  [10n, 0, 5n, 2],
  [3n, -1080, 3n, 0],
  [2n ** 53n + 1n, 0, 1n, 2 ** 53],
  [3n * 2n ** 53n + 4n, 0, 3n, 2 ** 53 + 2],
])("a quotient is rounded once: %d · 2^%d / %d", (mantissa, exponent, divisor, expected) => {
  expect(roundedQuotient({ mantissa, exponent }, divisor)).toBe(expected);
});

describe("the double of a saved sum", () => {
  test.each([
    ["0p0", 0],
    ["1p-1", 0.5],
    ["-1f3p-52", -499 * 2 ** -52],
    // 2⁵³ + 1 and 2⁵³ + 3 lie between two doubles: to the even one.
    ["20000000000001p0", 9007199254740992],
    ["20000000000003p0", 9007199254740996],
    // A little more than half.
    ["200000000000010000001p0", 2 ** 81 + 2 ** 29],
    ["2000000000000100000001p0", 2 ** 85 + 2 ** 33],
    ["1p-1074", 5e-324],
    ["-1p1023", -(2 ** 1023)],
    ["1p1024", Infinity],
    ["1p0+1inf", Infinity],
    ["1p0-2inf", -Infinity],
    ["1p0+1inf-1inf", Number.NaN],
  ])("%s", (saved, value) => {
    expect(doubleOf(saved)).toBe(value);
  });

  test("is the nearest one, of any whole number", () => {
    const hex = fc.array(fc.constantFrom(...Array.from("0123456789abcdef")), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(hex, fc.integer({ min: -300, max: 300 }), (digits, exponent) => {
        const whole = BigInt(`0x1${digits.join("")}`);
        // ECMA-262 rounds a BigInt to the nearest double; the power of two rounds nothing.
        expect(doubleOf(`${whole.toString(16)}p${exponent}`)).toBe(Number(whole) * 2 ** exponent);
        expect(doubleOf(`-${whole.toString(16)}p${exponent}`)).toBe(-Number(whole) * 2 ** exponent);
      }),
      { numRuns: 2_000 },
    );
  });
});
