import { expect, test } from "vitest";
import { parseEvery } from "./alarm-settings.js";

test.each([
  ["100000", { rows: 100_000 }],
  ["1e6", { rows: 1_000_000 }],
  ["100", { rows: 100 }],
  ["365d", { ms: 31_536_000_000 }],
  ["24h", { ms: 86_400_000 }],
  ["1m", { ms: 60_000 }],
  ["2W", { ms: 1_209_600_000 }],
])("%s", (given, every) => {
  expect(parseEvery(given)).toEqual(every);
});

test.each(["", "99", "0", "-5", "1.5", "30s", "0h", "200000d", "1y", "often", "Infinity", "1e400"])("%j is refused", (given) => {
  expect(() => parseEvery(given)).toThrow(/^must be a number of rows from 100 to 1e15, or a time from 1m to 100 years/);
});
