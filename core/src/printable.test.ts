import { expect, test } from "vitest";
import { printable } from "./printable.js";

test.each([
  ["row-1", "row-1"],
  ["häß 表 👩‍👩‍👧", "häß 表 👩‍👩‍👧"],
  ["a\u202egnp.exe", String.raw`a\u202egnp.exe`],
  ["\u2066x\u2069\u200e\u061c", String.raw`\u2066x\u2069\u200e\u061c`],
  ["two\nlines\u2028\u0085", String.raw`two\u000alines\u2028\u0085`],
  ["\u001b[31mred\u0000", String.raw`\u001b[31mred\u0000`],
  ["a\u115f\u1160\u3164\uffa0\u2800", String.raw`a\u115f\u1160\u3164\uffa0\u2800`],
  ["❤\ufe0f\u034f\u{e0100}", String.raw`❤\ufe0f\u034f\u{e0100}`],
  [" a  b", " a  b"],
  ["\u{e0041}\ud800\ufeff", String.raw`\u{e0041}\ud800\ufeff`],
])("%j is shown as %s", (text, shown) => {
  expect(printable(text)).toBe(shown);
});
