import type { WindowJson } from "@streamgauge/core/windows";
import { expect, test } from "vitest";
import { shownWindow } from "../testing/published-windows.js";
import { after, NOTHING, type LiveState } from "./live-state.js";

const HOUR = 3_600_000;
const at = (hour: number, more: Partial<WindowJson> = {}): WindowJson => ({
  ...shownWindow({ size: "1h", start: hour * HOUR, errors: [1] }),
  ...more,
});
const revisions = ({ windows }: LiveState) => windows?.map(({ start, revision }) => [start.slice(11, 13), revision]);
const change = (
  state: LiveState,
  windows: WindowJson[],
  { complete = false, from = null }: { complete?: boolean; from?: number | null } = {},
) => after(state, { event: "windows", data: { complete, from, to: null, windows } });

test("a window that changed takes the place of what was known of it", () => {
  let state = change(NOTHING, [at(1), at(2)], { complete: true });
  state = change(state, [at(1, { revision: 7 })]);
  expect(revisions(state)).toEqual([
    ["01", 7],
    ["02", 1],
  ]);
  // Times of an early row come in between.
  state = change(state, [at(0), at(3)]);
  expect(revisions(state)?.map(([hour]) => hour)).toEqual(["00", "01", "02", "03"]);
});

test("windows that left the range go", () => {
  const state = change(change(NOTHING, [at(1), at(2)], { complete: true }), [at(3)], { from: 2 * HOUR });
  expect([revisions(state)?.map(([hour]) => hour), state.from]).toEqual([["02", "03"], 2 * HOUR]);
});

test("all windows take the place of all that was known", () => {
  const state = change(change(NOTHING, [at(1), at(2)], { complete: true }), [at(5)], { complete: true });
  expect(revisions(state)?.map(([hour]) => hour)).toEqual(["05"]);
});

test("other events leave the windows as they are", () => {
  const windows = change(NOTHING, [at(1)], { complete: true });
  const state = after(after(windows, { event: "summary", data: { summary: null } }), { event: "rows", data: { rows: [] } });
  expect([state.windows, state.summary]).toEqual([windows.windows, null]);
});
