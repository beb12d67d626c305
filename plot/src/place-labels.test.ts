import fc from "fast-check";
import { expect, test } from "vitest";
import { placeLabels } from "./place-labels.js";

test.each([
  {
    what: "labels far apart stay where they are wished",
    wishes: [
      [100, 50],
      [300, 50],
      [700, 50],
    ],
    centres: [100, 300, 700],
  },
  {
    what: "two in each other's way share the shift",
    wishes: [
      [100, 50],
      [110, 50],
    ],
    centres: [75, 135],
  },
  {
    what: "the order is that of the wished centres",
    wishes: [
      [110, 50],
      [100, 50],
    ],
    centres: [135, 75],
  },
  {
    what: "the same place keeps the given order",
    wishes: [
      [500, 40],
      [500, 40],
      [500, 40],
    ],
    centres: [450, 500, 550],
  },
  {
    what: "the ends of the line are kept",
    wishes: [
      [0, 50],
      [1000, 100],
    ],
    centres: [25, 950],
  },
  {
    what: "a label pushed onto the next pushes it on",
    wishes: [
      [0, 100],
      [60, 100],
      [250, 100],
    ],
    centres: [50, 160, 270],
  },
])("$what", ({ wishes, centres }) => {
  const labels = wishes.map(([centre = 0, width = 0]) => ({ centre, width }));
  expect(placeLabels(labels, 0, 1000, 10)).toEqual(centres);
});

test("labels never overlap and never leave the line", () => {
  const wish = fc.record({ centre: fc.integer({ min: -100, max: 1100 }), width: fc.integer({ min: 10, max: 240 }) });
  fc.assert(
    fc.property(fc.array(wish, { maxLength: 4 }), (wishes) => {
      const centres = placeLabels(wishes, 0, 1000, 10);
      const placed = wishes.map(({ width }, index) => ({ width, centre: centres[index] ?? NaN })).toSorted((a, b) => a.centre - b.centre);
      let end = -10;
      for (const { centre, width } of placed) {
        expect(centre - width / 2).toBeGreaterThanOrEqual(end + 10 - 1e-9);
        end = centre + width / 2;
      }
      expect(end).toBeLessThanOrEqual(1000 + 1e-9);
    }),
  );
});
