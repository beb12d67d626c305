import { expect, test } from "vitest";
import { isDue, rotationSetting } from "./rotation.js";

const parse = (given: string) => rotationSetting("").parse(given);

test.each([
  ["", undefined],
  ["day", { kind: "day" }],
  ["10kB", { kind: "size", bytes: 10_000 }],
  ["1GB", { kind: "size", bytes: 1_000_000_000 }],
  ["1.5 gb", { kind: "size", bytes: 1_500_000_000 }],
  ["256MiB", { kind: "size", bytes: 268_435_456 }],
  ["2TB", { kind: "size", bytes: 2_000_000_000_000 }],
])("%j is %j", (given, rotation) => {
  expect(parse(given)).toEqual(rotation);
});

test.each(["9kB", "1", "1000000", "hour", "Day", "-1GB", "1 G", "GB", "1e9B", "9999999TB"])("%j is refused", (given) => {
  expect(() => parse(given)).toThrow("must be `day`, or a size of 10kB or more such as 1GB, 500MB or 256MiB");
});

test("a part is finished before it would grow beyond the size, and not while it has no line", () => {
  const rotation = { kind: "size", bytes: 10_000 } as const;
  expect(isDue(rotation, { bytes: 9_000, day: undefined }, 1_000, "20260131")).toBe(false);
  expect(isDue(rotation, { bytes: 9_000, day: undefined }, 1_001, "20260131")).toBe(true);
  expect(isDue(rotation, { bytes: 32, day: undefined }, 1_000_000, "20260131")).toBe(false);
});

test("a part is finished by the first commit of a later day", () => {
  const rotation = { kind: "day" } as const;
  expect(isDue(rotation, { bytes: 9_000, day: "20260131" }, 10, "20260131")).toBe(false);
  expect(isDue(rotation, { bytes: 9_000, day: "20260131" }, 10, "20260201")).toBe(true);
  expect(isDue(rotation, { bytes: 9_000, day: "20260131" }, 10, "20260130")).toBe(false);
  expect(isDue(rotation, { bytes: 9_000, day: undefined }, 10, "20260131")).toBe(false);
  expect(isDue(rotation, { bytes: 32, day: "20260131" }, 10, "20260201")).toBe(false);
});

test("without a setting nothing is finished", () => {
  expect(isDue(undefined, { bytes: 1e12, day: "20260131" }, 10, "20260201")).toBe(false);
});
