import { sampleAlert } from "@streamgauge/testing";
import type { SavedAlerting, SavedRule } from "@streamgauge/metrics";
import { expect, test } from "vitest";
import { alertsList, alertsText } from "./alerts-list.js";

const OK: Omit<SavedRule, "rule"> = {
  phase: "ok",
  since: null,
  firedAt: null,
  clearSince: null,
  model: "",
  logFrom: 0,
  alert: null,
  isSent: false,
};
const FIRED = 1_700_000_000_000;
const ALERT = sampleAlert("mae-high");
const SAVED: SavedAlerting = {
  version: 1,
  rules: [
    { ...OK, rule: "mae-high", phase: "firing", since: FIRED - 300_000, firedAt: FIRED, alert: ALERT, isSent: true },
    { ...OK, rule: "no-rows", phase: "pending", since: FIRED },
    { ...OK, rule: "dead-letters" },
  ],
  outbox: { next: 2, entries: [{ sequence: 1, alert: ALERT }], dropped: 0 },
  activity: { received: { y_true: 0, y_pred: 0 }, lastAt: { y_true: null, y_pred: null }, deadLetters: [], alarms: [] },
  logLength: 0,
  model: "",
};
const SILENCES = [
  { rule: "no-rows", lane: null, until: FIRED + 3_600_000 },
  { rule: "no-rows", lane: "champion", until: FIRED + 7_200_000 },
  { rule: "mae-high", lane: "challenger", until: FIRED + 7_200_000 },
];

test("The alerts of a lane are listed with what was, what waits and what is silenced", () => {
  const list = alertsList("champion", SAVED, [sampleAlert("rmse-high", { state: "resolved" })], SILENCES);
  expect(alertsText(list)).toBe(`Rules of lane champion:
  firing   mae-high      since 2023-11-14T22:08:20Z  MAE of the last hour is 61.5, above 50.
  pending  no-rows       since 2023-11-14T22:13:20Z  silenced until 2023-11-15T00:13:20Z
  ok       dead-letters

Past alerts:
  2023-11-14T22:13:20Z to 2023-11-14T22:23:20Z  rmse-high  diabetes@ca12cffa9dbb  MAE of the last hour is 61.5, above 50.

1 alert waits for the broker.
`);
});

test("As JSON they are an object with the whole alerts", () => {
  expect(alertsList("champion", SAVED, [], SILENCES)).toEqual({
    lane: "champion",
    rules: [
      { rule: "mae-high", state: "firing", since: "2023-11-14T22:08:20.000Z", silenced_until: null, alert: ALERT },
      { rule: "no-rows", state: "pending", since: "2023-11-14T22:13:20.000Z", silenced_until: "2023-11-15T00:13:20.000Z", alert: null },
      { rule: "dead-letters", state: "ok", since: null, silenced_until: null, alert: null },
    ],
    past: [],
    unsent: 1,
  });
});

test("Before metrics has looked at rules there is nothing to list", () => {
  expect(alertsText(alertsList("champion", undefined, [], []))).toBe(
    "Rules of lane champion:\n  none, or metrics has not looked at them yet\n\nPast alerts:\n  none\n",
  );
});
