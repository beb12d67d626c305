import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfirmedUpTo } from "./confirmed-up-to.js";

describe("what is confirmed", () => {
  test("is nothing at first", () => {
    expect(new ConfirmedUpTo<number>().mark).toBeUndefined();
  });

  test("advances only over what is confirmed whole", () => {
    const confirmed = new ConfirmedUpTo<string>();
    const [a, b, c] = ["a", "b", "c"].map((mark) => confirmed.expect(mark, 2));
    b?.();
    b?.();
    expect(confirmed.mark).toBeUndefined();
    a?.();
    expect(confirmed.mark).toBeUndefined();
    a?.();
    expect(confirmed.mark).toBe("b");
    c?.();
    c?.();
    expect(confirmed.mark).toBe("c");
    confirmed.expect("d", 1)();
    expect(confirmed.mark).toBe("d");
  });

  test("never lies beyond the first open one, whatever the order of the confirms", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...Array(24).keys()], { minLength: 24, maxLength: 24 }), (order) => {
        const confirmed = new ConfirmedUpTo<number>();
        const confirms = Array.from({ length: 12 }, (_, i) => confirmed.expect(i, 2));
        const open = new Map(confirms.map((_, i) => [i, 2]));
        for (const part of order) {
          const i = part % 12;
          confirms[i]?.();
          open.set(i, (open.get(i) ?? 0) - 1);
          const first = [...open.values()].findIndex((waiting) => waiting > 0);
          expect(confirmed.mark ?? -1).toBe(first < 0 ? 11 : first - 1);
        }
      }),
    );
  });
});
