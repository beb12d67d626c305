import { Ids } from "@streamgauge/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hashIds } from "./id-hash.js";

test("an id has the same hashes in every row", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" }), { minLength: 1 }), fc.nat(), (some, at) => {
      const row = at % some.length;
      const alone = hashIds(Ids.of([some[row] ?? ""]));
      const among = hashIds(Ids.of(some));
      expect([among.low[row], among.high[row]]).toEqual([alone.low[0], alone.high[0]]);
    }),
  );
});

test("consecutive ids are spread evenly, and no two agree in both hashes", () => {
  const { low, high } = hashIds(Ids.of(Array.from({ length: 200_000 }, (_, i) => `row-${i}`)));
  expect(new Set(Array.from(low, (hash, i) => hash * 2 ** 21 + ((high[i] ?? 0) % 2 ** 21))).size).toBe(200_000);
  for (const hashes of [low, high]) {
    const slots = new Uint32Array(256);
    for (const hash of hashes) slots[hash % 256] = (slots[hash % 256] ?? 0) + 1;
    // 781 in each; six standard deviations are 168.
    expect(Math.min(...slots)).toBeGreaterThan(613);
    expect(Math.max(...slots)).toBeLessThan(949);
  }
});
