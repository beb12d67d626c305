import { expect, test } from "vitest";
import { numberTicks } from "./number-axis.js";

const always = () => true;
const textsOf = (low: number, high: number, hasRoom: (texts: readonly string[]) => boolean = always) =>
  numberTicks(low, high, hasRoom).ticks.map(({ text }) => text);

test.each([
  { low: -3, high: 17, texts: ["0", "5", "10", "15"], power: 0 },
  { low: -0.35, high: 0.35, texts: ["−0.3", "−0.2", "−0.1", "0", "0.1", "0.2", "0.3"], power: 0 },
  { low: 0, high: 2.4e9, texts: ["0", "0.5", "1.0", "1.5", "2.0"], power: 9 },
  { low: -3e-7, high: 1e-7, texts: ["−3.0", "−2.5", "−2.0", "−1.5", "−1.0", "−0.5", "0", "0.5", "1.0"], power: -7 },
  { low: 1e9 - 1, high: 1e9 + 3, texts: ["999,999,999.0", "999,999,999.5"], power: 0 },
  { low: -Number.MAX_VALUE, high: Number.MAX_VALUE, texts: ["−1.5", "−1.0", "−0.5", "0", "0.5", "1.0", "1.5"], power: 308 },
])("from $low to $high", ({ low, high, texts, power }) => {
  const { ticks, power: actual } = numberTicks(low, high, always);
  expect(ticks.slice(0, texts.length).map(({ text }) => text)).toEqual(texts);
  expect(actual).toBe(power);
});

test("fewer where texts need room", () => {
  expect(textsOf(0, 10)).toEqual(["0", "2", "4", "6", "8", "10"]);
  expect(textsOf(0, 10, (texts) => texts.length <= 3)).toEqual(["0", "5", "10"]);
});

test("the numbers are those that their texts say", () => {
  expect(numberTicks(0.1, 0.4, always).ticks.map(({ value }) => value)).toEqual([0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4]);
});

test("none between numbers that differ in their last bits only", () => {
  expect(textsOf(1e22, 1e22 + 2 ** 22)).toEqual([]);
});
