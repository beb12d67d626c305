import { printable as printableInTerminal } from "@streamgauge/core";
import { expect, test } from "vitest";
import { printable } from "./printable.js";

test("pages show every character as a terminal does", () => {
  const different: number[] = [];
  for (let code = 0; code <= 0x10ffff; code += 1) {
    const character = String.fromCodePoint(code);
    if (printable(character) !== printableInTerminal(character)) different.push(code);
  }
  expect(different).toEqual([]);
  expect(printable("\u202ea")).toBe(String.raw`\u202ea`);
});
