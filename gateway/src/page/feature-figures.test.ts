import { expect, test, vi } from "vitest";
import { readChoice } from "./choice.js";
import { FeatureFigures, hourQuery } from "./feature-figures.js";
import type { FeatureView } from "./panels/panel.js";

test.each([
  ["?size=1m", Date.UTC(2026, 0, 5, 9, 14), { from: "2026-01-05T09:00:00.000Z", to: "2026-01-05T11:00:00.000Z" }],
  ["?size=1m&model=m%401", null, { to: "2026-01-05T11:00:00.000Z", model: "m@1" }],
  ["?size=1h&to=2026-01-05T10:30", Date.UTC(2026, 0, 5), { from: "2026-01-05T00:00:00.000Z", to: "2026-01-05T11:00:00.000Z" }],
])("windows of %s are in whole hours", (query, from, hours) => {
  expect(hourQuery(readChoice(query), from, "2026-01-05T10:14:00.000Z")).toEqual({ lane: "champion", ...hours });
});

test("of a version without bins of its features there is nothing to show, rather than what was shown before", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (path: string) => {
    asked.push(path);
    return Promise.resolve(new Response('{"found":null,"models":["m@1"]}'));
  });
  const figures = await new Promise<FeatureView>((resolve) => {
    new FeatureFigures(resolve).follow(readChoice("?size=1h&model=m%409"), null, "2026-01-05T10:00:00.000Z");
  });
  vi.unstubAllGlobals();
  expect([figures.drift, figures.segments]).toEqual([null, null]);
  // What the gateway would refuse is not asked: a browser reports each refusal as an error.
  expect(asked).toEqual(["/drift/map?lane=champion&to=0"]);
});
