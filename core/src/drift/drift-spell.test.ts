import { expect, test } from "vitest";
import { driftSpell } from "./drift-spell.js";

/** An x is an hour with drift. */
function spellOf(hours: string) {
  return driftSpell(Array.from(hours, (hour) => hour === "x"));
}

test.each([
  ["...xxxx", { first: 3, last: 6, isLasting: true, drifted: 4 }],
  // One hour in it was missed, or the latest one.
  ["..xxx.xx", { first: 2, last: 7, isLasting: true, drifted: 5 }],
  ["..xxx.", { first: 2, last: 5, isLasting: true, drifted: 3 }],
  // Of old, flags by chance do not make it begin earlier.
  ["x....xx", { first: 5, last: 6, isLasting: true, drifted: 2 }],
  ["xxxxx......x", { first: 11, last: 11, isLasting: true, drifted: 1 }],
])("%s lasts", (hours, spell) => {
  expect(spellOf(hours)).toEqual(spell);
});

test.each([
  ["xx.xxx......", { first: 3, last: 5, isLasting: false, drifted: 3 }],
  ["x..x..", { first: 3, last: 3, isLasting: false, drifted: 1 }],
])("%s is over", (hours, spell) => {
  expect(spellOf(hours)).toEqual(spell);
});

test("without an hour with drift there is none", () => {
  expect([spellOf("..."), spellOf("")]).toEqual([undefined, undefined]);
});
