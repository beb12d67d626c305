import type { DriftOverTime } from "@streamgauge/core/windows";
import { expect, test } from "vitest";
import { cellAfter, cellText, inkOf, sharedBins, shownFeatures, unseenText } from "./heat-cells.js";

const number = { kind: "number" as const, psi: 0.5, noise: 0.1, spread: 0, js: 0.2, wasserstein: 1, drifted: true, texts: [], unseen: [] };

function driftOf(psi: readonly (readonly number[])[]): DriftOverTime {
  const features = (psi[0] ?? []).map((_, i) => ({ ...number, name: `x${i}`, counts: [], reference_counts: [], edges: [] }));
  return {
    model: "m@1",
    reference: "0cba33ef67f1",
    reference_rows: 1000,
    start: "2026-01-05T00:00:00.000Z",
    end: "2026-01-05T02:00:00.000Z",
    rows: 300,
    features,
    times: psi.map((values, hour) => ({
      start: `2026-01-05T0${hour}:00:00.000Z`,
      end: `2026-01-05T0${hour + 1}:00:00.000Z`,
      rows: 100 + 100 * hour,
      psi: [...values],
      drifted: values.map((value) => value > 0.3),
    })),
  };
}

test("features that drifted come first, then those that moved most; twenty unless all are asked for", () => {
  // The second has drifted, the third moved more than the first.
  expect(shownFeatures(driftOf([[0.1, 0.4, 0.2]]), false)).toEqual([1, 2, 0]);
  const many = driftOf([Array.from({ length: 40 }, (_, i) => i / 1000)]);
  expect(shownFeatures(many, false).length).toBe(20);
  expect(shownFeatures(many, false)[0]).toBe(39);
  expect(shownFeatures(many, true).length).toBe(40);
});

test("a cell says what it is", () => {
  const drift = driftOf([
    [0.1, 0.5],
    [0.2, 0.05],
  ]);
  expect(cellText(drift, { feature: 1, time: 0 })).toBe("x1, 2026-01-05 00:00 to 2026-01-05 01:00 UTC: PSI 0.5, drifted, 100 rows");
  expect(cellText(drift, { feature: 0, time: 1 })).toBe("x0, 2026-01-05 01:00 to 2026-01-05 02:00 UTC: PSI 0.2, not drifted, 200 rows");
  expect(cellText(drift, { feature: 0, time: -1 })).toBe("x0, 2026-01-05 00:00 to 2026-01-05 02:00 UTC: PSI 0.5, drifted, 300 rows");
});

test.each([
  ["ArrowRight", { feature: 7, time: 0 }, { feature: 7, time: 1 }],
  ["ArrowRight", { feature: 7, time: 2 }, { feature: 7, time: 2 }],
  ["ArrowLeft", { feature: 7, time: 0 }, { feature: 7, time: -1 }],
  ["ArrowLeft", { feature: 7, time: -1 }, { feature: 7, time: -1 }],
  ["ArrowDown", { feature: 7, time: 0 }, { feature: 3, time: 0 }],
  ["ArrowUp", { feature: 7, time: 0 }, { feature: 7, time: 0 }],
  ["End", { feature: 3, time: 0 }, { feature: 3, time: 2 }],
  ["Home", { feature: 3, time: 2 }, { feature: 3, time: -1 }],
  ["a", { feature: 3, time: 2 }, undefined],
])("%s leads from %o to %o", (key, from, to) => {
  expect(cellAfter(key, from, [7, 3], 3)).toEqual(to);
});

test("what has drifted is always stronger than what has not", () => {
  expect([inkOf(0, false), inkOf(0.2, false), inkOf(5, false)]).toEqual([0.06, 0.36, 0.36]);
  expect([inkOf(0.1, true), inkOf(1, true), inkOf(9, true), inkOf(null, false)]).toEqual([0.62, 1, 1, 0.06]);
});

test("bins have shares of each side, and names; those without rows on both sides are left out", () => {
  const counts = { counts: [0, 5, 0, 5, 10], reference_counts: [0, 0, 50, 50, 0], edges: [0, 10, 20] };
  expect(sharedBins({ ...number, name: "x", ...counts })).toEqual([
    { name: "up to 0", reference: 0, window: 0.25 },
    { name: "0 to 10", reference: 0.5, window: 0 },
    { name: "10 to 20", reference: 0.5, window: 0.25 },
    { name: "above 20", reference: 0, window: 0.5 },
  ]);
  const text = { kind: "text" as const, edges: [], texts: ["Rome"], counts: [1, 0, 2, 1], reference_counts: [0, 1, 0, 3] };
  expect(sharedBins({ ...number, name: "city", ...text }).map(({ name }) => name)).toEqual(["missing", "rare", "unseen", "Rome"]);
});

test("unseen texts are named", () => {
  const unseen = [
    { name: "Oslo", count: 12, over: 0 },
    { name: "Lima", count: 3, over: 1 },
  ];
  const text = { ...number, kind: "text" as const, name: "city", counts: [], reference_counts: [], edges: [], unseen };
  expect(unseenText(text)).toBe('Unseen before, with their rows: "Oslo" 12, "Lima" up to 3.');
  expect(unseenText({ ...text, unseen: [] })).toBe("");
});
