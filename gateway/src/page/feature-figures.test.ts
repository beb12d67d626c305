import { expect, test } from "vitest";
import { readChoice } from "./choice.js";
import { hourQuery } from "./feature-figures.js";

test.each([
  ["?size=1m", Date.UTC(2026, 0, 5, 9, 14), { from: "2026-01-05T09:00:00.000Z", to: "2026-01-05T11:00:00.000Z" }],
  ["?size=1m&model=m%401", null, { to: "2026-01-05T11:00:00.000Z", model: "m@1" }],
  ["?size=1h&to=2026-01-05T10:30", Date.UTC(2026, 0, 5), { from: "2026-01-05T00:00:00.000Z", to: "2026-01-05T11:00:00.000Z" }],
])("windows of %s are in whole hours", (query, from, hours) => {
  expect(hourQuery(readChoice(query), from, "2026-01-05T10:14:00.000Z")).toEqual({ lane: "champion", ...hours });
});
